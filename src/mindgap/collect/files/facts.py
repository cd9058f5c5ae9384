"""What has to be known of whole columns before single cells can be read, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mindgap.collect.files import expressions as sql
from mindgap.collect.files.fields import NUMBER_FIELDS, TIME_FIELDS
from mindgap.collect.files.options import Note, SourceOptions, TableKind
from mindgap.collect.files.synonyms import normalised
from mindgap.kernel.quoting import literal
from mindgap.store.importing import RawType
from mindgap.trust.identifiers import IdentifierKind

FeedbackKind = Literal["csat", "nps", "ces", "review"]
_MOST = 0.5
_SCALES = (1.0, 5.0, 7.0, 10.0, 100.0)
_NPS_TOP = 10.0
_NAMES_OF_SCALES: dict[FeedbackKind, tuple[str, ...]] = {
    "nps": ("nps", "recommend", "推荐"),
    "ces": ("ces", "effort", "费力"),
    "csat": ("csat", "satisf", "满意"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A column that is read.

    Attributes:
        label: Its name in the source.
        name: Its name in queries.
        type: What the source says it is.
    """

    label: str
    name: str
    type: RawType


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read, and as what.

    Attributes:
        kind: The table.
        cells: The column of each field.
        traits: Columns kept as further attributes.
        pseudonym: Whether the customer's id names a person and is hashed.
        options: What a person said.
        identifiers: Columns of which only tokens are kept, each with the kind of what it holds.
    """

    kind: TableKind
    cells: Mapping[str, Cell]
    traits: tuple[Cell, ...]
    pseudonym: bool
    options: SourceOptions
    identifiers: tuple[tuple[IdentifierKind, Cell], ...] = ()

    @property
    def time_field(self) -> str | None:
        """The field that says when; None where there is none."""
        return next((field for field in self.cells if field in TIME_FIELDS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """How cells are read.

    Attributes:
        day_first: Whether the day comes before the month where both are at most 12.
        decimal_comma: Whether a comma before three digits is the decimal one.
        has_clock: Whether times hold more than days.
        credit_notes: Whether order ids that begin with C are credit notes.
        discount_is_rate: Whether discounts are shares of the price.
        amount_is: What amount columns hold when a person has said it; else their names say.
        feedback_kind: What scores are where no column says it.
        scale_max: The best score.
        notes: What to say about it.
    """

    day_first: bool = True
    decimal_comma: bool = False
    has_clock: bool = True
    credit_notes: bool = False
    discount_is_rate: bool = False
    amount_is: Literal["unit_price", "line_total"] | None = None
    feedback_kind: FeedbackKind = "review"
    scale_max: float = 5.0
    notes: tuple[Note, ...] = ()


def facts_query(reading: Reading) -> str:
    """An aggregate query over `raw` with one column per fact; always at least the number of rows."""
    found = {"rows": "count(*)"}
    if reading.time_field:
        found |= _time_facts(reading.cells[reading.time_field])
    for field, cell in reading.cells.items():
        if field in NUMBER_FIELDS and cell.type == "text":
            found[f"comma_{field}"] = _count(cell, r",\d{1,2}\D*$|,\d{4,}$|\.\d{3},|^\D*0,\d+$")
            found[f"point_{field}"] = _count(cell, r"\.\d{1,2}\D*$|\.\d{4,}$|,\d{3}\.|^\D*0\.\d+$")
    for field in {"discount", "score"} & reading.cells.keys():
        cell = reading.cells[field]
        figure = sql.number(cell.name, cell.type)
        found |= {f"least_{field}": f"min({figure})", f"most_{field}": f"max({figure})"}
    if "order_id" in reading.cells and reading.kind == "orders":
        cell = reading.cells["order_id"]
        found |= {"credit_ids": _count(cell, r"^ *[Cc]\d+ *$"), "plain_ids": _count(cell, r"^ *\d+(\.0)? *$")}
    return "select " + ", ".join(f"{fact} as {name}" for name, fact in found.items()) + " from raw"


def _time_facts(cell: Cell) -> dict[str, str]:
    if cell.type in {"time", "zoned_time"}:
        return {"clocks": f"count(*) filter ({cell.name}::timestamp::time <> time '00:00:00')"}
    if cell.type == "date":
        return {"clocks": "0"}
    clock = (
        f"regexp_matches({cell.name}::varchar, '[0-9]:[0-9][0-9]|^[0-9]{{9,10}}(\\.|$)|^[0-9]{{12,}}|[时点]')"
    )
    midnight = f"regexp_matches({cell.name}::varchar, '[ T]0?0:00(:00(\\.0+)?)?$')"
    return {
        "clocks": f"count(*) filter ({clock} and not {midnight})",
        "day_leads": _count(cell, r"^ *(1[3-9]|2\d|3[01])[-/.]\d{1,2}[-/.]\d"),
        "month_leads": _count(cell, r"^ *\d{1,2}[-/.](1[3-9]|2\d|3[01])[-/.]\d"),
        "either_leads": _count(cell, r"^ *\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"),
        "dotted": _count(cell, r"^ *\d{1,2}\.\d{1,2}\.\d{2,4}"),
    }


def _count(cell: Cell, pattern: str) -> str:
    return f"count(*) filter (regexp_matches({cell.name}::varchar, {literal(pattern)}))"


def decide(reading: Reading, facts: Mapping[str, Any]) -> Decisions:
    """Draw the conclusions; what a person said wins."""
    options = reading.options
    comma = options.decimal_comma
    if comma is None:
        comma = _total(facts, "comma_") > _total(facts, "point_")
    day_first, notes = _day_first(reading, facts, decimal_comma=comma)
    rate = 0 < (facts.get("most_discount") or 0) <= 1 and (facts.get("least_discount") or 0) >= 0
    if rate:
        notes = (
            *notes,
            Note(code="collect-discount-rate", params={"column": reading.cells["discount"].label}),
        )
    credit = facts.get("credit_ids") or 0
    kind, scale = _scale(reading, facts)
    return Decisions(
        day_first=day_first,
        decimal_comma=comma,
        has_clock=bool(facts.get("clocks", 0)),
        credit_notes=0 < credit < _MOST * (facts.get("plain_ids") or 0),
        discount_is_rate=rate,
        amount_is=options.amount_is,
        feedback_kind=kind,
        scale_max=scale,
        notes=notes,
    )


def _total(facts: Mapping[str, Any], start: str) -> int:
    return sum(int(count or 0) for name, count in facts.items() if name.startswith(start))


def _day_first(
    reading: Reading, facts: Mapping[str, Any], *, decimal_comma: bool
) -> tuple[bool, tuple[Note, ...]]:
    """Whether the day leads: by the values over 12, else by what is usual where the business is."""
    if reading.options.day_first is not None:
        return reading.options.day_first, ()
    leads, follows, written = (
        int(facts.get(name) or 0) for name in ("day_leads", "month_leads", "either_leads")
    )
    if not written or not reading.time_field:
        return True, ()
    column = reading.cells[reading.time_field].label
    if leads and follows:
        params = {"column": column, "day_first": leads, "month_first": follows}
        return leads >= follows, (Note(code="collect-dates-mixed", params=params),)
    if leads or follows:
        return leads > 0, ()
    guess = decimal_comma or day_usually_first(reading.options, dotted=bool(facts.get("dotted")))
    params = {"column": column, "order": "day" if guess else "month"}
    return guess, (Note(code="collect-dates-undecided", params=params),)


def day_usually_first(options: SourceOptions, *, dotted: bool) -> bool:
    """Whether the day leads where the business is: points between the figures, or anywhere but in America."""
    return dotted or not options.time_zone.startswith(("America/", "US/"))


def _scale(reading: Reading, facts: Mapping[str, Any]) -> tuple[FeedbackKind, float]:
    """What scores are, and the best of their scale, by the column's name and range."""
    if reading.kind != "feedback" or "score" not in reading.cells:
        return reading.options.feedback_kind or "review", _SCALES[1]
    most, least = float(facts.get("most_score") or 0), float(facts.get("least_score") or 0)
    scale = next((top for top in _SCALES if most <= top), most)
    name = normalised(reading.cells["score"].label)
    told: list[FeedbackKind] = [
        kind for kind, words in _NAMES_OF_SCALES.items() if any(word in name for word in words)
    ]
    named = told[0] if told and (told[0] != "nps" or scale == _NPS_TOP) else None
    by_range: FeedbackKind = "review" if "text" in reading.cells else "csat"
    if scale == _NPS_TOP and least == 0:
        by_range = "nps"
    kind: FeedbackKind = reading.options.feedback_kind or named or by_range
    return kind, _NPS_TOP if kind == "nps" else scale
