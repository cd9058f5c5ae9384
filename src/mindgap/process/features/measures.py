"""What is added up by day: the columns of pieces by day, and how each merges with another of its kind.

A measure is a whole number (counts, microseconds, millionths of money), so that the order of adding never
matters; it is a sum, or the smallest or largest time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mindgap.process.event_names import EVENT_NAMES

Fold = Literal["sum", "min", "max"]
Source = Literal["visits", "things", "orders", "feedback"]
"""`visits` and `things` are the two pieces by day that events are kept in (see kernel.derivation.Form)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of one customer and local day.

    Attributes:
        name: Its name; unique in its source; the column in pieces by day.
        source: Where it comes from.
        fold: How the values of rows, and of pieces, become one.
        value: Which whole number of a row counts (columns: see the queries of the source).
        where: Only rows where these columns have one of these values count.
    """

    name: str
    source: Source
    fold: Fold = "sum"
    value: str = "one"
    where: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        """By name and source, which tell measures apart."""
        return hash((self.name, self.source))

    def folded(self) -> str:
        """The SQL that makes it of rows."""
        conditions = " and ".join(f"{column} in ({_listed(values)})" for column, values in self.where.items())
        chosen = f" filter (where {conditions})" if conditions else ""
        if self.fold != "sum":
            return f"{self.fold}({self.value}){chosen}"
        if self.value == "one":
            return f"count(*){chosen}"
        return f"cast(coalesce(sum({self.value}){chosen}, 0) as bigint)"

    def merged(self) -> str:
        """The SQL that makes it of pieces."""
        return f"cast(sum({self.name}) as bigint)" if self.fold == "sum" else f"{self.fold}({self.name})"


def _listed(values: tuple[str | int, ...]) -> str:
    return ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)


STEPS = {name: one.step for name, one in EVENT_NAMES.items() if one.step}
"""The events that are steps of a visit, by their name in lower case."""
DAY_PARTS = ("night", "morning", "afternoon", "evening")
"""Six hours each, from midnight."""


def _visits(name: str, *steps: str) -> Measure:
    return Measure(name=name, source="visits", where={"step": steps})


def _latest(name: str, *steps: str) -> Measure:
    return Measure(
        name=name, source="visits", fold="max", value="at_micros", where={"step": steps} if steps else {}
    )


VISITS = (
    Measure(name="steps", source="visits"),
    Measure(name="visits", source="visits", value="starts"),
    Measure(name="dwell_micros", source="visits", value="stayed"),
    Measure(name="visible_micros", source="visits", value="visible"),
    _visits("pages", "page"),
    _visits("lists", "list"),
    _visits("views", "view"),
    _visits("clicks", "click"),
    _visits("carts", "cart"),
    _visits("uncarts", "uncart"),
    _visits("wishes", "wish"),
    _visits("checkouts", "checkout"),
    _visits("orders", "order"),
    _visits("searches", "search"),
    _visits("promotions", "promotion"),
    _visits("promotion_clicks", "promotion_click"),
    _visits("reviews", "review"),
    _visits("surveys", "survey"),
    _visits("contacts", "contact"),
    *(
        Measure(name=f"in_{part}", source="visits", where={"day_part": (place,)})
        for place, part in enumerate(DAY_PARTS)
    ),
    Measure(name="first_at", source="visits", fold="min", value="at_micros"),
    _latest("last_at"),
    _latest("last_view_at", "view"),
    _latest("last_search_at", "search"),
    _latest("last_cart_at", "cart"),
    _latest("last_order_at", "order"),
    _latest("last_contact_at", "contact"),
)
"""Columns of `customer_days`."""

THINGS = (
    Measure(name="views", source="things", where={"step": ("view", "click")}),
    Measure(name="carts", source="things", where={"step": ("cart",)}),
    Measure(name="searches", source="things", where={"step": ("search",)}),
    Measure(name="last_at", source="things", fold="max", value="at_micros"),
)
"""Columns of `customer_things`."""


def _sales(name: str, value: str = "one", **where: tuple[str | int, ...]) -> Measure:
    return Measure(name=name, source="orders", value=value, where={"kind": ("sale",), **where})


ORDERS = (
    _sales("orders", "opens"),
    _sales("lines"),
    _sales("units_milli", "milli"),
    _sales("spend_micros", "paid"),
    _sales("discount_micros", "discount"),
    _sales("discounted_lines", "is_discounted"),
    _sales("priced_micros", "priced"),
    _sales("expected_micros", "expected"),
    Measure(name="returned_lines", source="orders", where={"kind": ("return",)}),
    Measure(name="cancelled_lines", source="orders", where={"kind": ("cancelled",)}),
    *(_sales(f"in_{part}", "opens", day_part=(place,)) for place, part in enumerate(DAY_PARTS)),
    Measure(name="first_at", source="orders", fold="min", value="at_micros", where={"kind": ("sale",)}),
    Measure(name="last_at", source="orders", fold="max", value="at_micros", where={"kind": ("sale",)}),
    Measure(
        name="last_return_at", source="orders", fold="max", value="at_micros", where={"kind": ("return",)}
    ),
)


def _answers(kind: tuple[str, ...], name: str) -> tuple[Measure, ...]:
    where = {"kind": kind}
    return (
        Measure(name=f"{name}s", source="feedback", where=where),
        Measure(name=f"scored_{name}s", source="feedback", value="scored", where=where),
        Measure(name=f"{name}_millionths", source="feedback", value="score", where=where),
        Measure(name=f"last_{name}_at", source="feedback", fold="max", value="at_micros", where=where),
    )


FEEDBACK = (*_answers(("review",), "review"), *_answers(("csat", "nps", "ces"), "survey"))

MEASURES: Mapping[Source, tuple[Measure, ...]] = {
    "visits": VISITS,
    "things": THINGS,
    "orders": ORDERS,
    "feedback": FEEDBACK,
}


def measure(source: Source, name: str) -> Measure:
    """The measure of that name."""
    return next(one for one in MEASURES[source] if one.name == name)
