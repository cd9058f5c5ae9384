"""Words on the terminal, in the reader's language."""

import os
from collections.abc import Mapping
from typing import Any

from mindgap.kernel.words import LANGUAGES, say


def language(default: str = "en") -> str:
    """The reader's language: MINDGAP_LANG, else the locale's when Chinese, else the workspace's."""
    wished = os.environ.get("MINDGAP_LANG", "")
    if wished in LANGUAGES:
        return wished
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else default


def reason_text(code: str, params: Mapping[str, Any], default: str = "en") -> str:
    """A reason in words."""
    return say(code, language(default), params)
