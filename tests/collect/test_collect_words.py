"""Every code that collect hands over has words in both languages, and no words are left over."""

import re
from importlib import resources
from pathlib import Path

import pytest

import mindgap.collect
from mindgap.kernel.words import LANGUAGES, codes


def used() -> set[str]:
    folder = Path(mindgap.collect.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    reasons = {
        "malformed_line",
        *re.findall(r'reason="(\w+)"', text),
        *re.findall(r'"(no_(?:customer|product))"', text),
    }
    return set(re.findall(r'"(collect-[\w-]+)"', text)) | {f"collect-reason-{reason}" for reason in reasons}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_complete(language: str):
    catalogue = resources.files("mindgap.kernel") / "locales" / language / "collect.ftl"
    defined = set(re.findall(r"^(collect-[\w-]+) =", catalogue.read_text("utf-8"), re.MULTILINE))
    assert defined == used()
    assert defined <= codes(language)
