"""How the console speaks: words, numbers, money and dates in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date, format_time
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from mindgap.kernel.words import codes, say, sentences, source_words

_LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
_COMPACT_FROM = 100_000
_CENTS_BELOW = 1_000
_WHOLE_FROM, _TENTH_FROM = 0.1, 0.01
_DATE_LENGTH = len("2018-01-01")
NONE = "–"


@dataclass(frozen=True)
class Voice:
    """One reader's language and the business's currency and time zone.

    Attributes:
        language: en or zh.
        currency: ISO 4217 code of amounts.
        time_zone: IANA name in which moments are told.
    """

    language: str
    currency: str
    time_zone: str

    @property
    def locale(self) -> str:
        """The locale in Babel's spelling."""
        return _LOCALES[self.language]

    @cached_property
    def _known(self) -> frozenset[str]:
        return codes(self.language)

    def say(self, code: str, /, **params: Any) -> str:
        """A message of the console."""
        return say(code, self.language, params)

    def name(self, family: str, key: str) -> str:
        """The word for a key of an open set (a source, a task); the key itself where there is no word."""
        code = f"console-{family}-{key.replace('_', '-').replace('@', '-')}"
        return self.say(code) if code in self._known else key.replace("_", " ").replace("-", " ")

    def source(self, name: str) -> str:
        """A source as people call it."""
        return source_words(name, self.language)

    def reason(self, row: Mapping[str, Any]) -> str:
        """A reason in words; a missing word must not take the page down, so its code stands in."""
        try:
            return say(str(row["code"]), self.language, params_of(row.get("params")), staff=True)
        except KeyError:
            return str(row["code"])

    def reasons(self, rows: Any) -> list[str]:
        """Reasons in words, from a list or from its JSON text."""
        return [self.reason(row) for row in values_of(rows) or ()]

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with at most `digits` decimals."""
        if value is None:
            return NONE
        return format_decimal(
            _unsigned(value, digits), "#,##0" + ("." + "#" * digits if digits else ""), self.locale
        )

    def fixed(self, value: float | None, digits: int) -> str:
        """A number with exactly `digits` decimals."""
        if value is None:
            return NONE
        return format_decimal(
            _unsigned(value, digits), "#,##0" + ("." + "0" * digits if digits else ""), self.locale
        )

    def percent(self, value: float | None, digits: int = 0) -> str:
        """A share (0-1) in per cent."""
        if value is None:
            return NONE
        return format_percent(value, "#,##0" + ("." + "0" * digits if digits else "") + "%", self.locale)

    def share(self, value: float | None) -> str:
        """A share (0-1) in per cent, with more decimals the smaller it is."""
        if value is None:
            return NONE
        return self.percent(value, 0 if value >= _WHOLE_FROM else 1 if value >= _TENTH_FROM else 2)

    def sentences(self, parts: Sequence[str]) -> str:
        """Sentences one after the other, as the language sets them."""
        return sentences(parts, self.language)

    def change(self, value: float) -> str:
        """A relative change with its sign, in per cent."""
        return ("+" if value >= 0 else "−") + self.percent(abs(value), 1)

    def money(self, value: float | None) -> str:
        """An amount: compact when large, with cents when small."""
        if value is None:
            return NONE
        if abs(value) >= _COMPACT_FROM:
            return format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=1)
        digits = "" if abs(value) >= _CENTS_BELOW else ".00"
        return format_currency(value, self.currency, f"¤#,##0{digits}", self.locale, currency_digits=False)

    def interval(self, low: float | None, high: float | None, digits: int = 3) -> str:
        """A 95 % interval, or "" when it cannot be said."""
        if low is None or high is None:
            return ""
        return self.say("console-interval", low=self.fixed(low, digits), high=self.fixed(high, digits))

    def day(self, moment: datetime | date | str | None) -> str:
        """A day, in the business's time zone."""
        if moment is None:
            return NONE
        if isinstance(moment, str) and len(moment) == _DATE_LENGTH:
            return format_date(date.fromisoformat(moment), "medium", self.locale)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return format_date(moment, "medium", self.locale)
        return format_date(self.local(moment).date(), "medium", self.locale)

    def short_day(self, moment: datetime | str) -> str:
        """A day without its year."""
        return format_date(
            self.local(moment).date(), "M月d日" if self.language == "zh" else "MMM d", self.locale
        )

    def moment(self, moment: datetime | str | None) -> str:
        """A day and time, in the business's time zone."""
        if moment is None:
            return NONE
        time = format_time(self.local(moment).time(), "short", locale=self.locale)
        return f"{self.day(moment)} {time}"

    def local(self, moment: datetime | str) -> datetime:
        """A naive UTC moment in the business's time zone."""
        known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        zoned = known if known.tzinfo else known.replace(tzinfo=UTC)
        return zoned.astimezone(ZoneInfo(self.time_zone))

    def listed(self, words: Sequence[str]) -> str:
        """Words as a list in a sentence."""
        return ("、" if self.language == "zh" else ", ").join(words)


def _unsigned(value: float, digits: int) -> float:
    """The value, and plain zero where it would be shown as minus zero."""
    return value if round(value, digits) else 0.0


def values_of(value: Any) -> Any:
    """A JSON column as values; what is no text is values already."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) and value else value


def params_of(value: Any) -> dict[str, Any]:
    """A message's params, from a mapping or from its JSON text."""
    return dict(values_of(value) or {})
