"""The online side of the rows: what one customer did, folded into the figures by day that queries make.

Rows come as their canonical tables have them; what may not be used for analytics is left out by the caller.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from math import floor
from typing import Any, NamedTuple, Protocol

import msgspec

from mindgap.process.features.local_days import LocalDays, micros
from mindgap.process.features.measures import MEASURES, STEPS, Measure, Source

NEVER = 1 << 62
"""Stands for no time: as the smallest of none, and negative as the largest."""
SILENCE_MICROS = 1_800_000_000
_DAY_PART_MICROS = 21_600_000_000
Key = tuple[str | None, ...]
Figures = dict[tuple[Key, int], list[int]]
"""The measures of a source, in their order, by key (KEYS) and local day."""
KEYS: Mapping[Source, tuple[str, ...]] = {
    "visits": ("channel",),
    "things": ("category", "product", "query"),
    "orders": ("category", "product", "channel"),
    "feedback": (),
}


class Event(Protocol):
    """A row of the table `events`, as far as features look at it (columns: kernel.tables.EVENTS)."""

    @property
    def row_id(self) -> int:
        """Its number."""
        ...

    @property
    def type(self) -> str:
        """What kind of message: track, page, screen or another."""
        ...

    @property
    def name(self) -> str | None:
        """What was done, as it was sent."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When, naive UTC."""
        ...

    @property
    def customer_id(self) -> str | None:
        """Who, once signed in."""
        ...

    @property
    def anonymous_id(self) -> str | None:
        """The browser's or device's id."""
        ...

    @property
    def channel(self) -> str | None:
        """Where: web, app, store or another."""
        ...

    @property
    def product_id(self) -> str | None:
        """The product that it is about."""
        ...

    @property
    def category(self) -> str | None:
        """The product's category as it was sent."""
        ...

    @property
    def query(self) -> str | None:
        """What was searched for."""
        ...

    @property
    def properties(self) -> str:
        """All else that was sent, a JSON object."""
        ...


class OrderLine(NamedTuple):
    """A row of the table `clean_orders`, as far as features look at it."""

    row_id: int
    order_id: str
    product_id: str | None
    ordered_at: datetime
    quantity: float
    amount: float | None
    discount: float | None
    kind: str
    category: str | None
    channel: str | None


class Answer(NamedTuple):
    """A row of the table `clean_feedback`, as far as features look at it."""

    given_at: datetime | None
    kind: str
    score: float | None
    scale_max: float | None


class Product(NamedTuple):
    """A row of the table `product_prices`."""

    category: str | None
    price_micros: int | None


class _Heard(NamedTuple):
    """What a visitor did last on a channel: the local day, the time in microseconds, and the step."""

    day: int
    at: int
    step: str


@dataclass(slots=True, kw_only=True)
class Fold:
    """Figures of one customer, to which rows are added.

    Attributes:
        days: Local days of the workspace.
        before: The as-of moment in microseconds since 1970; nothing at or after it counts.
        products: Category and price by product, as of that moment.
        figures: What was folded.
    """

    days: LocalDays
    before: int
    products: Mapping[str, Product] = field(default_factory=dict)
    figures: dict[Source, Figures] = field(default_factory=lambda: {source: {} for source in MEASURES})

    def put(self, source: Source, key: Key, *, day: int, figures: Iterable[int | None]) -> None:
        """Add a row of a piece by day; figures in the order of the source's measures, None for no time."""
        into = self._row(source, key, day)
        for place, (one, said) in enumerate(zip(MEASURES[source], figures, strict=True)):
            if said is not None:
                into[place] = _FOLDS[one.fold](into[place], said)

    def events(self, rows: Iterable[Event]) -> None:
        """Add events of all ids of the customer: all of each day on which there are any, in any order."""
        told = {row.row_id: row for row in rows}.values()
        looked_at = (row for row in told if row.type in _LOOKED_AT)
        timed = sorted((micros(row.occurred_at), row.row_id, row) for row in looked_at)
        latest: dict[tuple[str | None, ...], _Heard] = {}
        for at, _row_id, row in timed:
            device = row.anonymous_id if row.customer_id is None else None
            if at < self.before and (row.customer_id is not None or device is not None):
                day, of_day = self.days.of(at)
                now = _Heard(day, at, _step(row.type, row.name))
                then = latest.get((row.customer_id, device, row.channel))
                latest[row.customer_id, device, row.channel] = now
                self._event(row, then, now, day_part=min(3, of_day // _DAY_PART_MICROS))

    def _event(self, row: Event, then: _Heard | None, now: _Heard, *, day_part: int) -> None:
        after = now.at - then.at if then is not None and then.day == now.day else NEVER
        stayed = after if after <= SILENCE_MICROS and then is not None and then.step != "left" else 0
        values = {
            "one": 1,
            "at_micros": now.at,
            "starts": int(after > SILENCE_MICROS),
            "stayed": stayed,
            "visible": _visible(row) if now.step == "left" else 0,
        }
        figures = self._row("visits", (row.channel,), now.day)
        _add(figures, _counted("visits", now.step, day_part), values)
        if now.step in _THINGS:
            self._thing(row, now.step, day=now.day, values=values)

    def _thing(self, row: Event, step: str, *, day: int, values: Mapping[str, int]) -> None:
        if step == "search":
            key: Key = (None, None, lowered(row.query or "") or None)
        else:
            key = (row.category, row.product_id, None)
        if any(part is not None for part in key):
            _add(self._row("things", key, day), _counted("things", step, 0), values)

    def orders(self, rows: Iterable[OrderLine]) -> None:
        """Add order lines of the customer, all that there are, once each."""
        opened: set[tuple[str, int, str]] = set()
        for at, _row_id, row in sorted((micros(row.ordered_at), row.row_id, row) for row in rows):
            if at >= self.before:
                break
            day, of_day = self.days.of(at)
            opens = (row.kind, day, row.order_id) not in opened
            opened.add((row.kind, day, row.order_id))
            known = _UNKNOWN if row.product_id is None else self.products.get(row.product_id, _UNKNOWN)
            category = known.category if known.category is not None else row.category
            figures = self._row("orders", (category, row.product_id, row.channel), day)
            _add(
                figures,
                _counted("orders", row.kind, min(3, of_day // _DAY_PART_MICROS)),
                {"one": 1, "at_micros": at, "opens": int(opens), **_money(row, known.price_micros)},
            )

    def feedback(self, rows: Iterable[Answer]) -> None:
        """Add answers of the customer."""
        for row in rows:
            if row.given_at is None or micros(row.given_at) >= self.before:
                continue
            at = micros(row.given_at)
            share = _share(row.score, row.scale_max)
            values = {"one": 1, "at_micros": at, "scored": int(share is not None), "score": share or 0}
            _add(self._row("feedback", (), self.days.of(at)[0]), _counted("feedback", row.kind, 0), values)

    def _row(self, source: Source, key: Key, day: int) -> list[int]:
        own = self.figures[source]
        found = own.get((key, day))
        if found is None:
            found = own[key, day] = list(_EMPTY[source])
        return found


def lowered(text: str) -> str:
    """Lower case, letter by letter as the engines do it, without the spaces around."""
    bare = text.strip(" ")
    if bare.isascii():
        return bare.lower()
    return "".join("i" if letter == "\u0130" else letter.lower() for letter in bare)


def whole(value: float | None, units: float, most: float) -> int | None:
    """A figure in whole small units, rounded half up; None where it is none, or not between 0 and `most`."""
    if value is None or not 0.0 <= value <= most:
        return None
    return floor(value * units + 0.5)


_LOOKED_AT = frozenset({"page", "screen", "track"})
_THINGS = frozenset({"view", "click", "cart", "search"})
_UNKNOWN = Product(None, None)
_FOLDS: Mapping[str, Any] = {"sum": int.__add__, "min": min, "max": max}
_START = {"sum": 0, "min": NEVER, "max": -NEVER}
_EMPTY = {source: tuple(_START[one.fold] for one in own) for source, own in MEASURES.items()}
_COLUMN = {"visits": "step", "things": "step", "orders": "kind", "feedback": "kind"}


@lru_cache(maxsize=4096)
def _step(kind: str, name: str | None) -> str:
    if kind != "track":
        return "page"
    return STEPS.get(lowered(name or ""), "")


@lru_cache(maxsize=1024)
def _counted(source: Source, step: str, day_part: int) -> tuple[tuple[int, str, str], ...]:
    """Which measures a row of that kind counts in: place, fold and value."""
    row = {_COLUMN[source]: step, "day_part": day_part}
    return tuple(
        (place, one.fold, one.value) for place, one in enumerate(MEASURES[source]) if _is_counted(one, row)
    )


def _is_counted(one: Measure, row: Mapping[str, str | int]) -> bool:
    return all(row[column] in values for column, values in one.where.items())


def _add(figures: list[int], counted: tuple[tuple[int, str, str], ...], values: Mapping[str, int]) -> None:
    for place, fold, value in counted:
        said = values[value]
        if fold == "sum":
            figures[place] += said
        elif (said > figures[place]) == (fold == "max"):
            figures[place] = said


def _visible(row: Event) -> int:
    try:
        said = msgspec.json.decode(row.properties).get("dwell_seconds")
        is_figure = not isinstance(said, bool) and str(said).isascii() and "_" not in str(said)
        seconds = float(said) if is_figure else None
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return 0
    return whole(seconds, 1e6, 1e6) or 0


def _money(row: OrderLine, price: int | None) -> dict[str, int]:
    paid, discount = whole(row.amount, 1e6, 1e9), whole(row.discount, 1e6, 1e9)
    milli = whole(row.quantity, 1e3, 1e6)
    is_priced = paid is not None and milli is not None and price is not None
    expected = floor(float(milli or 0) * float(price or 0) / 1000.0) if is_priced else 0
    return {
        "paid": paid or 0,
        "discount": discount or 0,
        "milli": milli or 0,
        "is_discounted": int(bool(discount)),
        "priced": (paid or 0) if is_priced else 0,
        "expected": expected,
    }


def _share(score: float | None, best: float | None) -> int | None:
    if score is None or best is None or not best > 0.0 or not 0.0 <= score <= best:
        return None
    return floor(score / best * 1000000.0 + 0.5)
