"""The last steps of features: each writes itself as SQL and works itself out in Python."""

from dataclasses import dataclass

from mindgap.process.features.definition import Named, Now, Number, Scalar, Told


@dataclass(frozen=True, slots=True)
class Plain:
    """A scalar as it is, or in larger units of which it counts the small ones."""

    of: Scalar
    scale: float = 1.0

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """Itself."""
        return (self.of,)

    def sql(self, named: Named) -> str:
        """As SQL."""
        return named(self.of) if self.scale == 1.0 else f"cast({named(self.of)} as double) / {self.scale!r}"

    def value(self, told: Told, now: Now) -> Number | None:  # noqa: ARG002 - one signature for all formulas
        """In Python."""
        found = told(self.of)
        return found if self.scale == 1.0 or found is None else float(found) / self.scale


@dataclass(frozen=True, slots=True)
class Ratio:
    """One scalar by another, in larger units of the first; null where the second is zero."""

    top: Scalar
    bottom: Scalar
    scale: float = 1.0

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """Both."""
        return (self.top, self.bottom)

    def sql(self, named: Named) -> str:
        """As SQL."""
        ratio = f"cast({named(self.top)} as double) / cast(nullif({named(self.bottom)}, 0) as double)"
        return ratio if self.scale == 1.0 else f"{ratio} / {self.scale!r}"

    def value(self, told: Told, now: Now) -> Number | None:  # noqa: ARG002
        """In Python."""
        bottom = told(self.bottom)
        if not bottom:
            return None
        ratio = float(told(self.top) or 0) / float(bottom)
        return ratio if self.scale == 1.0 else ratio / self.scale


@dataclass(frozen=True, slots=True)
class PartOf:
    """One scalar, or its lead over another, as a share of both; null where both are zero."""

    part: Scalar
    rest: Scalar
    lead: bool = False

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """Both."""
        return (self.part, self.rest)

    def sql(self, named: Named) -> str:
        """As SQL."""
        part, rest = named(self.part), named(self.rest)
        top = f"{part} - {rest}" if self.lead else part
        return f"cast({top} as double) / cast(nullif({part} + {rest}, 0) as double)"

    def value(self, told: Told, now: Now) -> Number | None:  # noqa: ARG002
        """In Python."""
        part, rest = told(self.part) or 0, told(self.rest) or 0
        top = part - rest if self.lead else part
        return float(top) / float(part + rest) if part + rest else None


def change(recent: Scalar, before: Scalar) -> PartOf:
    """(now - before) / (now + before), -1 to 1; null where both are zero."""
    return PartOf(recent, before, lead=True)


@dataclass(frozen=True, slots=True)
class Ago:
    """Seconds from a time to the as-of moment."""

    at: Scalar

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The time."""
        return (self.at,)

    def sql(self, named: Named) -> str:
        """As SQL."""
        return f"cast(t.micros - {named(self.at)} as double) / 1000000.0"

    def value(self, told: Told, now: Now) -> Number | None:
        """In Python."""
        at = told(self.at)
        return None if at is None else float(now.micros - at) / 1e6


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Of the days on which a measure is above zero: the first, the last, and how many there are."""

    first: Scalar
    last: Scalar
    days: Scalar

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """All three, in that order."""
        return (self.first, self.last, self.days)


@dataclass(frozen=True, slots=True)
class Gap(_Rhythm):
    """The mean number of days from one day on which a measure is above zero to the next; null for one day."""

    def sql(self, named: Named) -> str:
        """As SQL."""
        first, last, days = map(named, self.scalars)
        return f"cast({last} - {first} as double) / cast(nullif({days} - 1, 0) as double)"

    def value(self, told: Told, now: Now) -> Number | None:  # noqa: ARG002
        """In Python."""
        first, last, days = map(told, self.scalars)
        if first is None or last is None or days is None or days == 1:
            return None
        return float(last - first) / float(days - 1)


@dataclass(frozen=True, slots=True)
class Due(_Rhythm):
    """The days since the last day, in mean gaps: 1 when the next is due; null for one day."""

    def sql(self, named: Named) -> str:
        """As SQL."""
        first, last, days = map(named, self.scalars)
        return (
            f"cast((t.day - {last}) * ({days} - 1) as double) / cast(nullif({last} - {first}, 0) as double)"
        )

    def value(self, told: Told, now: Now) -> Number | None:
        """In Python."""
        first, last, days = map(told, self.scalars)
        if first is None or last is None or days is None or first == last:
            return None
        return float((now.day - last) * (days - 1)) / float(last - first)
