"""Scalars of one customer, or of one of their keys, from figures by day.

Plain lists: a customer has some dozens of days, of which arrays take longer to make than to add up.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from typing import Literal, NamedTuple

from mindgap.process.features.declared import BY_TABLE
from mindgap.process.features.definition import Keyed, Now, Scalar
from mindgap.process.features.folding import NEVER
from mindgap.process.features.local_days import quarter_of
from mindgap.process.features.measures import MEASURES, Source
from mindgap.process.features.queries import scalars_of

_Choice = tuple[int | None, int, tuple[int, ...], int]
"""Which days a scalar looks at: days, skip, weekdays and quarter of a Scalar."""
_How = Literal["sum", "min", "max", "days", "first_day", "last_day"]


class _Taken(NamedTuple):
    """A scalar: how it is taken, and the places of its choice of days, its measure and `without`."""

    how: _How
    choice: int
    measure: int
    without: int | None


class Plan(NamedTuple):
    """What it takes to work out the scalars of a table, the same for every customer.

    Attributes:
        source: Where its scalars come from.
        choices: The different choices of days.
        scalars: The different scalars.
        places: The place of each scalar by its `id`: scalars live as long as their features, and to compare
            them takes longer than to add up what they stand for.
    """

    source: Source
    choices: Sequence[_Choice]
    scalars: Sequence[_Taken]
    places: Mapping[int, int]


@lru_cache
def plan_of(table: str) -> Plan:
    """How the scalars of a table are worked out; those of features of keys (Keyed) are not among them."""
    features = [one for one in BY_TABLE[table] if not isinstance(one.formula, Keyed)]
    told = [scalar for one in features for scalar in scalars_of(one)]
    choices = list(dict.fromkeys(_choice(one) for one in told))
    place = {one: place for place, one in enumerate(dict.fromkeys(told))}
    return Plan(
        source=told[0].measure.source,
        choices=choices,
        scalars=[_taken(one, choices.index(_choice(one))) for one in place],
        places={id(one): place[one] for one in told},
    )


def _choice(scalar: Scalar) -> _Choice:
    return scalar.days, scalar.skip, scalar.weekdays, scalar.quarter


def _taken(scalar: Scalar, choice: int) -> _Taken:
    measures = MEASURES[scalar.measure.source]
    return _Taken(
        how=scalar.measure.fold if scalar.how == "total" else scalar.how,
        choice=choice,
        measure=measures.index(scalar.measure),
        without=None if scalar.without is None else measures.index(scalar.without),
    )


def scalars_in(rows: Mapping[int, Sequence[int]], plan: Plan, now: Now) -> list[int | None]:
    """The scalars of a plan, in its order.

    Args:
        rows: By local day the measures of the source; at least one day.
        plan: Of the table.
        now: The as-of moment.
    """
    days, columns = tuple(rows), tuple(zip(*rows.values(), strict=True))
    chosen = [_chosen(days, choice, now) for choice in plan.choices]
    found: list[int | None] = []
    for one in plan.scalars:
        column, own = columns[one.measure], chosen[one.choice]
        if one.how == "sum":
            found.append(sum(compress(column, own)))
        elif one.how in {"min", "max"}:
            found.append(_extreme(one.how, compress(column, own)))
        else:
            without = None if one.without is None else columns[one.without]
            found.append(_of_days(one.how, days, _above_zero(column, own, without)))
    return found


def _chosen(days: Sequence[int], choice: _Choice, now: Now) -> list[bool]:
    """Which of the days a scalar looks at."""
    window, skip, weekdays, quarter = choice
    least = -NEVER if window is None else now.day - window - skip
    most = now.day - skip if skip else NEVER
    found = [least < day <= most for day in days]
    if weekdays:
        found = [one and (day + 3) % 7 in weekdays for one, day in zip(found, days, strict=True)]
    if quarter:
        found = [one and quarter_of(day) == quarter for one, day in zip(found, days, strict=True)]
    return found


def _above_zero(column: Sequence[int], chosen: Sequence[bool], without: Sequence[int] | None) -> list[bool]:
    if without is None:
        return [own and figure > 0 for figure, own in zip(column, chosen, strict=True)]
    rows = zip(column, chosen, without, strict=True)
    return [own and figure > 0 and other == 0 for figure, own, other in rows]


def _of_days(how: _How, days: Sequence[int], chosen: Sequence[bool]) -> int | None:
    """How many days are chosen, or the first or last of them."""
    if how == "days":
        return sum(chosen)
    return _extreme("min" if how == "first_day" else "max", compress(days, chosen))


def _extreme(how: _How, values: Iterable[int]) -> int | None:
    found = min(values, default=NEVER) if how == "min" else max(values, default=-NEVER)
    return None if abs(found) == NEVER else found
