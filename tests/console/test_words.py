"""The console's words: the same in both languages, and every word that is asked for is there."""

import re
from importlib import resources

import pytest

from mindgap.kernel.words import codes, say

ROOT = resources.files("mindgap.console")
CODE = re.compile(r'["\'](console-[a-z0-9-]*[a-z0-9])["\']')
FAMILY = re.compile(r'["\'](console-(?:[a-z0-9]+-)*)["\'{]')


def _sources():
    folders = [ROOT, ROOT / "pages", ROOT / "sections", ROOT / "templates"]
    for folder in folders:
        for entry in folder.iterdir():
            if entry.name.endswith((".py", ".html")):
                yield entry.name, entry.read_text("utf-8")


def _own(language, prefix):
    return {code for code in codes(language) if code.startswith(prefix)}


@pytest.mark.parametrize("prefix", ["console-", "api-"])
def test_both_languages_have_the_same_words(prefix):
    assert _own("en", prefix) == _own("zh", prefix) != set()


def test_every_word_that_is_asked_for_exists():
    known = codes("en")
    for name, text in _sources():
        for code in CODE.findall(text):
            assert code in known, (name, code)


def test_every_word_is_asked_for():
    texts = "\n".join(text for _name, text in _sources())
    asked = set(CODE.findall(texts))
    families = set(FAMILY.findall(texts)) | {
        f"console-{family}-"
        for family in ("about", "source", "task", "measure", "baseline", "method", "metric", "table")
    }
    families -= {"console-"}
    titles = {f"console-{key}-title" for key in _section_keys()}
    unused = {
        code
        for code in _own("en", "console-")
        if code not in asked | titles and not any(code.startswith(family) for family in families)
    }
    assert unused == set()


def _section_keys():
    from mindgap.console.sections import SECTIONS  # noqa: PLC0415

    return SECTIONS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_problem_has_words(language):
    params = {"fault": "x", "limit": 1, "minutes": 15, "scope": "read"}
    for code in _own(language, "api-"):
        assert say(code, language, params)


def test_chinese_words_are_chinese():
    latin = re.compile(r"^[\x00-\x7f]*$")
    plain = {
        "console-brand",
        "console-n",
        "console-method-bg-nbd",
        "console-features-high",
        "console-features-low",
    }
    for code in _own("zh", "console-") - plain:
        source = _raw("zh", code)
        assert not latin.match(source) or code.startswith(("console-measure-", "console-evaluations-n")), code


def _raw(language, code):
    folder = resources.files("mindgap.kernel") / "locales" / language
    text = "\n".join(entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".ftl"))
    return re.search(rf"^{code} =(.*(?:\n .*)*)", text, re.MULTILINE).group(1)
