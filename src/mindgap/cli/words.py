"""Words on the terminal, in the reader's language."""

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mindgap.kernel.errors import MindgapError
from mindgap.kernel.settings import read_settings
from mindgap.kernel.words import LANGUAGES, codes, say, sentences, source_words

if TYPE_CHECKING:
    from mindgap.workspace import Workspace


def language(default: str = "en") -> str:
    """The reader's language: MINDGAP_LANG, else the locale's when Chinese, else the workspace's."""
    wished = os.environ.get("MINDGAP_LANG", "")
    if wished in LANGUAGES:
        return wished
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else default


def reason_text(code: str, params: Mapping[str, Any], folder: str) -> str:
    """A reason in words, in the language of the workspace in that folder unless the reader chooses."""
    try:
        default = read_settings(Path(folder).expanduser()).workspace.language
    except MindgapError:
        default = "en"
    return say(code, language(default), params)


class Speaker:
    """Says messages in the reader's language.

    Attributes:
        language: en or zh.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self.language = language(workspace.settings.language)
        self._zone = ZoneInfo(workspace.settings.time_zone)

    def __call__(self, code: str, **params: Any) -> str:
        """The message `code`."""
        return say(code, self.language, params)

    def reason(self, reason: Mapping[str, Any]) -> str:
        """A reason {"code", "params"} in words."""
        if reason["code"] not in codes(self.language):
            return str(reason["code"])
        return say(reason["code"], self.language, reason.get("params") or {}, staff=True)

    def reasons(self, reasons: Iterable[Mapping[str, Any]]) -> str:
        """Reasons in words, one sentence after the other."""
        return sentences([self.reason(one) for one in reasons], self.language)

    def moment(self, at: datetime) -> str:
        """A naive UTC moment as the clocks of the business show it."""
        return f"{at.replace(tzinfo=UTC).astimezone(self._zone):%Y-%m-%d %H:%M}"

    def name(self, family: str, key: str) -> str:
        """The word for a key of an open set, such as a table; the key itself where there is none."""
        code = f"console-{family}-{key.replace('_', '-')}"
        return say(code, self.language) if code in codes(self.language) else key

    def source(self, name: str) -> str:
        """A source as people call it."""
        return source_words(name, self.language)

    def named(self, row: Mapping[str, Any]) -> str:
        """The name of a segment: its `name_code` with its `name_params`, in words."""
        params = row["name_params"]
        known = json.loads(params) if isinstance(params, str) and params else params
        return self.reason({"code": row["name_code"], "params": known})
