"""Whether columns say today what they said before: their values, and the types of events' properties.

The stability index is the sum of (p - q) ln(p / q) over the values; 0.1 and 0.25 are the customary limits. By
chance alone it comes to a chi-square over the harmonic number of rows (Yurdakul and Naranjo, Statistical
properties of the population stability index, Journal of Risk Model Validation 14, 2020), so the limits are
never below what chance gives once in a thousand times. A source that sends a batch now and then says another
thing with each: of few days nothing is said.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import chi2

from mindgap.process.quality.figure import FEWEST_ROWS, Figure, Status, judge_excess
from mindgap.process.quality.shares import USUAL_DAYS

if TYPE_CHECKING:
    import pyarrow as pa

PROPERTIES = "properties:"
_WARN, _BAD = 0.10, 0.25
_WEEK_DAYS = 7
_MOST_VALUES = 20
_SHOWN_DAYS = 180
_FEWEST_BEFORE = 20
_FEWEST_DAYS_NOW, _FEWEST_DAYS_BEFORE = 3, 12
"""Days with rows, of the last seven and of the 28 before."""
_CHANGED_BAD = 0.05
Counts = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of one source says by day.

    Attributes:
        table: The canonical table.
        source: Whose rows.
        about: The column.
        rows: Rows of the table of values: day, value, n and, of events, first_at.
    """

    table: str
    source: str
    about: str
    rows: Sequence[Mapping[str, Any]]


def columns_of(values: "pa.Table", table: str | None = None) -> Iterator[Column]:
    """The columns in a table of values."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in values.to_pylist():
        found[table or row["table_name"], row["source"], row["about"]].append(row)
    for (name, source, about), rows in sorted(found.items()):
        yield Column(table=name, source=source, about=about, rows=rows)


def stability_index(now: Counts, before: Counts) -> tuple[float, float]:
    """The index of two counts of the same values, and what chance alone gives once in a thousand times.

    >>> stability_index(np.array([10.0, 90.0]), np.array([10.0, 90.0]))[0]
    0.0
    """
    p = (now + 0.5) / (now + 0.5).sum()
    q = (before + 0.5) / (before + 0.5).sum()
    chance = chi2.ppf(0.999, max(len(now) - 1, 1)) * (1 / max(now.sum(), 1.0) + 1 / max(before.sum(), 1.0))
    return float(((p - q) * np.log(p / q)).sum()), float(chance)


def drift_figures(column: Column, last: int) -> Iterator[Figure]:
    """The stability index of each day shown: the last seven days against the 28 before."""
    total: dict[str, int] = defaultdict(int)
    for row in column.rows:
        total[row["value"]] += row["n"]
    named = {
        value: at for at, value in enumerate(sorted(total, key=lambda one: (-total[one], one))[:_MOST_VALUES])
    }
    start = min(row["day"] for row in column.rows)
    counts = np.zeros((last - start + 2, len(named) + 1))
    for row in column.rows:
        if start <= row["day"] <= last:
            counts[row["day"] - start + 1, named.get(row["value"], len(named))] += row["n"]
    summed = counts.cumsum(axis=0)
    for day in range(max(start + _WEEK_DAYS + USUAL_DAYS - 1, last - _SHOWN_DAYS + 1), last + 1):
        end = day - start + 1
        lately, earlier = counts[end - _WEEK_DAYS + 1 : end + 1], counts[: end - _WEEK_DAYS + 1][-USUAL_DAYS:]
        if _days(lately) < _FEWEST_DAYS_NOW or _days(earlier) < _FEWEST_DAYS_BEFORE:
            continue
        now = summed[end] - summed[end - _WEEK_DAYS]
        before = summed[end - _WEEK_DAYS] - summed[end - _WEEK_DAYS - USUAL_DAYS]
        if min(now.sum(), before.sum()) < FEWEST_ROWS:
            continue
        index, chance = stability_index(now, before)
        figure = Figure(
            table=column.table,
            source=column.source,
            dimension="drift",
            about=column.about,
            day=day,
            value=index,
            n=int(now.sum()),
            warn_at=max(_WARN, chance),
            bad_at=max(_BAD, chance),
        )
        yield judge_excess(figure, "quality-drift", {"index": index})


def _days(counts: Counts) -> int:
    return int((counts.sum(axis=1) > 0).sum())


def type_figures(columns: Sequence[Column], last: int) -> Iterator[Figure]:
    """Properties of events that changed their type, are new, or came no more; one figure each."""
    events = {(one.source, one.about): _by_day(one) for one in columns}
    named = {one.source: _by_day(one) for one in columns if one.about == "name"}
    for one in columns:
        if one.about.startswith(PROPERTIES):
            days = events[one.source, one.about]
            event = one.about.removeprefix(PROPERTIES).rpartition(".")[0]
            for day in range(last - USUAL_DAYS + 1, last + 1):
                seen = _event_days(named.get(one.source, {}), event)
                yield from _changes(one, days, day=day, seen=seen)


Told = Mapping[str, tuple[int, datetime | None]]


def _by_day(column: Column) -> dict[int, dict[str, tuple[int, datetime | None]]]:
    found: dict[int, dict[str, tuple[int, datetime | None]]] = defaultdict(dict)
    for row in column.rows:
        found[row["day"]][row["value"]] = (row["n"], row.get("first_at"))
    return found


def _event_days(names: Mapping[int, Told], event: str) -> Mapping[int, int]:
    return {day: told[event][0] for day, told in names.items() if event in told}


def _changes(
    column: Column, days: Mapping[int, Told], *, day: int, seen: Mapping[int, int]
) -> Iterator[Figure]:
    before: dict[str, int] = defaultdict(int)
    for earlier in range(day - USUAL_DAYS, day):
        for kind, (n, _) in days.get(earlier, {}).items():
            before[kind] += n
    today = days.get(day, {})
    told = sum(n for n, _ in today.values())
    known = sum(before.values())
    heard = sum(seen.get(earlier, 0) for earlier in range(day - USUAL_DAYS, day))
    event, _, name = column.about.removeprefix(PROPERTIES).rpartition(".")
    changed = Figure(
        table=column.table,
        source=column.source,
        dimension="validity",
        about=column.about,
        day=day,
        value=1.0,
        n=told,
        warn_at=1.0,
        bad_at=1 - _CHANGED_BAD,
        status="warn",
        params={"event": event, "property": name},
    )
    if known >= _FEWEST_BEFORE:
        yield from _new_types(changed, today, before)
        if not told and 2 * known >= heard and seen.get(day, 0) >= FEWEST_ROWS:
            yield replace(changed, value=0.0, n=seen[day], code="quality-property-gone")
    elif not known and told and heard >= 10 * _FEWEST_BEFORE:
        at = min((at for _, at in today.values() if at is not None), default=None)
        yield replace(changed, code="quality-property-new", params={**changed.params, "at": _minute(at)})


def _new_types(changed: Figure, today: Told, before: Mapping[str, int]) -> Iterator[Figure]:
    usual = max(before, key=lambda kind: (before[kind], kind))
    for kind in sorted(today.keys() - before.keys()):
        n, at = today[kind]
        well = 1 - n / changed.n
        params = {**changed.params, "usual": usual, "now": kind, "at": _minute(at)}
        is_bad = well <= 1 - _CHANGED_BAD
        status: Status = "bad" if is_bad else "warn"
        yield replace(changed, value=well, status=status, code="quality-type-changed", params=params)


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
