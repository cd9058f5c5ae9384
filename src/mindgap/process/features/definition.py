"""What a feature is: one struct that writes itself as SQL and evaluates itself in Python.

Scalars are whole numbers over a window of local days; a feature is a scalar, or a last step over a few of
them in double, so that both ways give the same bits. The window of n days is the as-of day up to the as-of
moment, and the n - 1 days before it; the as-of day is that of the last microsecond before the as-of moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from mindgap.kernel.purposes import Purpose
from mindgap.process.features.measures import Measure

Number = int | float
Value = int | float | str | None
Unit = Literal["count", "days", "seconds", "money", "share", "ratio", "score", "text"]
Key = Literal["channel", "category", "product", "query"]
Per = Literal["customer", "category", "channel"]
How = Literal["total", "days", "first_day", "last_day"]
WEEKEND = (5, 6)
"""Saturday and Sunday; Monday is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A whole number over the days of a window.

    Attributes:
        measure: What is taken together over the days.
        how: The measure itself (`total`), or of the days on which it is above zero: their number, the first,
            or the last of them.
        days: How many local days the window has; None for all time.
        skip: How many days before the as-of day the window ends.
        weekdays: Only these days of the week count, Monday being 0; empty for all.
        quarter: Only this quarter of the year counts, 1 to 4; 0 for all.
        without: For `days`: only days on which this measure is zero.
    """

    measure: Measure
    how: How = "total"
    days: int | None = None
    skip: int = 0
    weekdays: tuple[int, ...] = ()
    quarter: int = 0
    without: Measure | None = None

    def __hash__(self) -> int:
        """Of what mostly tells scalars apart; they are looked up often."""
        return hash((self.measure.name, self.how, self.days, self.skip, self.quarter))

    def conditions(self) -> list[str]:
        """The SQL conditions on a row of `days`; `t` is the as-of day."""
        found: list[str] = []
        if self.days is not None:
            found.append(f"d.day > t.day - {self.days + self.skip}")
        if self.skip:
            found.append(f"d.day <= t.day - {self.skip}")
        if self.weekdays:
            found.append(f"(d.day + 3) % 7 in ({', '.join(map(str, self.weekdays))})")
        if self.quarter:
            found.append(
                f"quarter(timestamp '1970-01-01 00:00:00' + d.day * interval '1' day) = {self.quarter}"
            )
        if self.how != "total":
            found.append(f"d.{self.measure.name} > 0")
        if self.without:
            found.append(f"d.{self.without.name} = 0")
        return found

    def sql(self) -> str:
        """The SQL that makes it of rows of `days`."""
        match self.how:
            case "days":
                return f"count({self._chosen('1')})"
            case "first_day":
                return f"min({self._chosen('d.day')})"
            case "last_day":
                return f"max({self._chosen('d.day')})"
            case "total":
                told = f"{self.measure.fold}({self._chosen(f'd.{self.measure.name}')})"
                return f"cast(coalesce({told}, 0) as bigint)" if self.measure.fold == "sum" else told

    def _chosen(self, value: str) -> str:
        """A value where the conditions hold; a case costs the engines less than a filter."""
        conditions = " and ".join(self.conditions())
        return f"case when {conditions} then {value} end" if conditions else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The as-of moment.

    Attributes:
        micros: Since 1970, UTC.
        day: Its local day since 1970-01-01: that of the microsecond before it.
    """

    micros: int
    day: int


Told = Callable[[Scalar], int | None]
"""The value of a scalar."""
Named = Callable[[Scalar], str]
"""The column of a scalar."""


class Formula(Protocol):
    """The last step of a feature: written as SQL, and worked out in Python, side by side."""

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The scalars that it is made of."""
        ...

    def sql(self, named: Named) -> str:
        """As SQL over the columns of scalars and `t`, the as-of moment."""
        ...

    def value(self, told: Told, now: Now) -> Number | None:
        """In Python."""
        ...


KeyedKind = Literal["distinct", "concentration", "top"]


@dataclass(frozen=True, slots=True)
class Keyed:
    """What a scalar taken for each key (category, product, query, channel) tells of the keys together.

    Attributes:
        kind: How many keys have one above zero (`distinct`); the chance that two steps at random fall on the
            same key, 0 to 1 (`concentration`: sum of squares by square of the sum); or the key with most of
            it, of equal ones the first by code point (`top`).
        key: Which keys; rows without one are left out.
        of: The scalar.
    """

    kind: KeyedKind
    key: Key
    of: Scalar

    def found(self, by_key: Mapping[str, int]) -> Value:
        """In Python, of the scalar by key."""
        some = {key: count for key, count in by_key.items() if count > 0}
        if self.kind == "distinct":
            return len(some)
        if not some:
            return None
        if self.kind == "top":
            return min(some, key=lambda key: (-some[key], key))
        whole = sum(some.values())
        return float(sum(count * count for count in some.values())) / float(whole * whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature of a customer, or of a customer and one category or channel.

    Attributes:
        name: Its name; unique in its table.
        table: The derived table whose column it is.
        per: What a row of that table is about.
        code: Of its meaning (kernel/locales, `feature-...`); windows of one meaning share it.
        unit: Of its values.
        formula: How it is worked out.
        purpose: What it may be used for.
        days: The window in local days; None for all time.
        since: The first version that had it.
    """

    name: str
    table: str
    per: Per
    code: str
    unit: Unit
    formula: Formula | Keyed
    purpose: Purpose = Purpose.ANALYTICS
    days: int | None = None
    since: str = "0.2"
