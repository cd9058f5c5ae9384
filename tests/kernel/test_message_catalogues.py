import re
from pathlib import Path

import pytest

from mindgap.kernel.errors import UsageError
from mindgap.kernel.words import LANGUAGES, codes, say

LOCALES = Path(__file__).parents[2] / "src" / "mindgap" / "kernel" / "locales"


def test_every_message_stands_in_every_language():
    assert codes("en") == codes("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_defined_twice(language):
    seen = {}
    for path in (LOCALES / language).glob("*.ftl"):
        for code in re.findall(r"^([a-z][\w-]*) =", path.read_text("utf-8"), re.MULTILINE):
            assert code not in seen, f"{code} stands in {seen[code]} and {path.name}"
            seen[code] = path.name


def test_both_languages_use_the_same_figures():
    for code in codes("en"):
        names = {}
        for language in LANGUAGES:
            text = _source(code, language)
            names[language] = set(re.findall(r"\$([a-z_]+)", text))
        assert names["en"] == names["zh"], code


def test_every_reason_that_code_can_raise_has_words():
    source = Path(__file__).parents[2] / "src" / "mindgap"
    raised = set()
    for path in source.rglob("*.py"):
        raised |= set(re.findall(r'CannotSay\(\s*"([\w-]+)"', path.read_text("utf-8")))
    assert raised <= codes("en"), raised - codes("en")


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError):
        say("no-orders", "tlh")


def _source(code, language):
    for path in (LOCALES / language).glob("*.ftl"):
        found = re.search(
            rf"^{re.escape(code)} =(.*(?:\n[ \t]+.*|\n(?=\n[ \t]))*)", path.read_text("utf-8"), re.MULTILINE
        )
        if found:
            return found.group(1)
    return ""


@pytest.mark.parametrize(("low", "told"), [(-0.004, "0"), (-0.006, "-0.01"), (0.0, "0"), (-1.5, "-1.5")])
def test_what_rounds_to_nothing_has_no_sign(low, told):
    figures = {"market": 2.0, "remaining": 2.0, "advantage": 0.0, "low": low, "high": 0.0}
    assert f"95 %: {told} to 0" in say("cli-gap", "en", figures)


@pytest.mark.parametrize(
    ("suppressed", "end"), [(0, "0 duplicates"), (1, "0 duplicates + 1 of forgotten people")]
)
def test_the_rows_of_a_source_add_up(suppressed, end):
    counts = {"read": 4, "used": 4 - suppressed, "quarantined": 0, "duplicates": 0, "suppressed": suppressed}
    assert say("cli-source", "en", {"name": "till", **counts}).endswith(end)
