"""Local days as numbers: stretches of days, all but the last of which have 24 hours.

A day is counted since 1970-01-01 and begins at local midnight (kernel.clock.day_start). Queries join the
table `local_days`; the online evaluator holds the same stretches.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

import pyarrow as pa

from mindgap.kernel.clock import day_start, local_day
from mindgap.kernel.derivation import Moment, derivation
from mindgap.kernel.purposes import Purpose

DAY_MICROS = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY = 7_305  # 1990-01-01; days before it count as of 24 hours
_AHEAD = 1_000
_EVER = 1 << 62


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive days, all but the last of 24 hours.

    Attributes:
        first_day: The first, in local days since 1970-01-01.
        days: How many.
        start_micros: When the first begins, in microseconds since 1970, UTC.
        from_micros: From when on times fall into it: `start_micros`, or ever.
        until_micros: Until before when.
    """

    first_day: int
    days: int
    start_micros: int
    from_micros: int
    until_micros: int


@lru_cache(maxsize=64)
def stretches(time_zone: str, last_day: int) -> tuple[Stretch, ...]:
    """The stretches up to a day, which the last of them goes beyond."""
    starts = [micros(day_start(day, time_zone)) for day in range(_FIRST_DAY, max(last_day, _FIRST_DAY) + 3)]
    firsts = [0]
    firsts += [n + 1 for n in range(len(starts) - 1) if starts[n + 1] - starts[n] != DAY_MICROS]
    ends = [*firsts[1:], len(starts) - 1]
    return tuple(
        Stretch(
            first_day=_FIRST_DAY + first,
            days=_EVER if end == ends[-1] else end - first,
            start_micros=starts[first],
            from_micros=-_EVER if first == 0 else starts[first],
            until_micros=_EVER if end == ends[-1] else starts[end],
        )
        for first, end in zip(firsts, ends, strict=True)
    )


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Tells the local day of a time, quickly.

    Attributes:
        stretches: Of the time zone.
    """

    stretches: tuple[Stretch, ...]
    _froms: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the list that is searched."""
        object.__setattr__(self, "_froms", [one.from_micros for one in self.stretches])

    def of(self, at: int) -> tuple[int, int]:
        """The local day of a time in microseconds, and the microseconds since that day began."""
        stretch = self.stretches[bisect_right(self._froms, at) - 1]
        since = at - stretch.start_micros
        days = min(stretch.days - 1, since // DAY_MICROS)
        return stretch.first_day + days, since - days * DAY_MICROS


def local_days_of(time_zone: str, as_of: datetime) -> LocalDays:
    """Local days up to a moment, and some years on: so that a new day finds what was worked out before."""
    last = local_day(as_of, time_zone)
    return _local_days(time_zone, last + _AHEAD - last % _AHEAD)


@lru_cache(maxsize=64)
def _local_days(time_zone: str, last_day: int) -> LocalDays:
    return LocalDays(stretches(time_zone, last_day))


@lru_cache(maxsize=4096)
def quarter_of(day: int) -> int:
    """The quarter of the year that a local day is in, 1 to 4.

    >>> quarter_of(0), quarter_of(90)
    (1, 2)
    """
    return (date.fromordinal(_EPOCH.toordinal() + day).month + 2) // 3


def stretch_table(found: Sequence[Stretch]) -> pa.Table:
    """Stretches as rows."""
    names = ("first_day", "days", "start_micros", "from_micros", "until_micros")
    columns = {name: [getattr(one, name) for one in found] for name in names}
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


@derivation(
    "local_days",
    grain="one row per stretch of local days, all but the last of 24 hours; no customers",
    purpose=Purpose.OPERATIONS,
    inputs={},
    weight=0.1,
)
def local_days(_tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """The stretches as a table."""
    return stretch_table(local_days_of(moment.time_zone, moment.as_of).stretches)
