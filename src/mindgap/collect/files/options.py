"""What a person may say about a source, and what is said back: options, notes and questions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mindgap.kernel.errors import UsageError

TableKind = Literal["orders", "customers", "products", "exposures", "feedback"]
_TABS = ("tab", "\\t")
TABLE_KINDS: tuple[TableKind, ...] = ("orders", "customers", "products", "exposures", "feedback")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    r"""How a source is to be read, where its content alone cannot say. None means: find out.

    Attributes:
        time_zone: IANA name of the zone in which times without one are meant.
        day_first: Whether 03/04/2024 is the third of April.
        decimal_comma: Whether 1,234 is a little more than one.
        amount_is: Whether the amount column is for a unit or for the whole line.
        duplicates: What happens to exact repeats of a row: left out, or counted as often as they occur.
        feedback_kind: What the scores are, where no column says it.
        delimiter: The character between two fields; a tab may be written ``tab`` or ``\t``.
        encoding: The text's encoding, by its Python name.
        sheet: The sheet of a workbook.
    """

    time_zone: str = "UTC"
    day_first: bool | None = None
    decimal_comma: bool | None = None
    amount_is: Literal["unit_price", "line_total"] | None = None
    duplicates: Literal["drop", "keep"] = "drop"
    feedback_kind: Literal["csat", "nps", "ces", "review"] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant before any work starts."""
        if self.delimiter is not None and len(self.delimiter) != 1 and self.delimiter not in _TABS:
            hint = "Use one character, or tab."
            raise UsageError(f"{self.delimiter!r} is no delimiter.", hint=hint)
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"No time zone {self.time_zone!r}.", hint="Use an IANA name such as Europe/Berlin."
            ) from None

    @property
    def separator(self) -> str | None:
        """The delimiter itself; None when nobody said it."""
        return "\t" if self.delimiter in _TABS else self.delimiter

    def said(self) -> dict[str, Any]:
        """The options that differ from their defaults, to be kept with the mapping."""
        defaults = asdict(SourceOptions())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a reader of the report should know: a message code and its figures.

    Attributes:
        code: Key of the message catalogue.
        params: Figures and column names; never a value from a row.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that only a person can decide; reading goes on with the first choice otherwise.

    Attributes:
        code: Key of the message catalogue.
        params: Figures and column names.
        setting: What the answer sets: ``map:FIELD`` for a column, else the name of an option.
        choices: Possible answers, the assumed one first.
    """

    code: str
    params: Mapping[str, Any]
    setting: str
    choices: tuple[str, ...]
