"""Shares of rows that are well, day by day, beside what is usual; and how old the newest row is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mindgap.process.quality.figure import Dimension, Figure, Limits, judge_excess, judge_share

if TYPE_CHECKING:
    import pyarrow as pa

USUAL_DAYS = 28
"""What the days before say is what is usual."""
_SHOWN_DAYS = 180
_FEWEST_USUAL = 200
_GAP_DAYS = 90
_FEWEST_GAPS = 5
Days = np.ndarray[Any, np.dtype[Any]]

_LIMITS: Mapping[str, Limits] = {
    "kept": Limits(warn=0.90, bad=0.50),
    "known_product_id": Limits(warn=0.98, bad=0.90),
    "clock": Limits(warn=0.95, bad=0.80),
    "order_sum": Limits(warn=0.80, bad=0.20),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Counts of one source by day.

    Attributes:
        table: The canonical table.
        source: Whose rows.
        days: Local days since 1970-01-01 that have rows, in order.
        counts: By column of the table of counts, one figure a day.
    """

    table: str
    source: str
    days: Days
    counts: Mapping[str, Days]


def by_source(table: str, counts: "pa.Table", day: int) -> Iterator[Counted]:
    """Counts source by source; of tables without times all rows count for the last day."""
    names = [name for name in counts.column_names if name not in {"day", "source", "newest_at"}]
    for source in sorted(set(counts["source"].to_pylist())):
        rows = counts.filter(np.asarray([one == source for one in counts["source"].to_pylist()]))
        dated = rows["day"].null_count < rows.num_rows
        if dated:
            rows = rows.filter(rows["day"].is_valid())
        days = np.array(rows["day"].to_pylist() if dated else [day], dtype=np.int64)
        values = {name: np.array(rows[name].to_pylist(), dtype=np.float64) for name in names}
        yield Counted(table=table, source=source, days=days, counts=values)


def share_figures(counted: Counted, last: int) -> Iterator[Figure]:
    """Completeness, validity and consistency of one source, for each of the days shown."""
    for name, hits in counted.counts.items():
        if name == "n_rows" or not np.isfinite(hits).all():
            continue
        dimension, about, well, total = _meaning(name, hits, counted)
        if dimension == "completeness" and not well.any():
            continue  # the source has no such column
        usual, spread = _usual(counted.days, well, total)
        for at in np.flatnonzero(counted.days > last - _SHOWN_DAYS):
            figure = Figure(
                table=counted.table,
                source=counted.source,
                dimension=dimension,
                about=about,
                day=int(counted.days[at]),
                value=float(well[at] / total[at]) if total[at] else None,
                n=int(total[at]),
                usual=None if np.isnan(usual[at]) else float(usual[at]),
            )
            yield judge_share(figure, _LIMITS.get(about, Limits()), spread=float(spread[at]))
    yield from _ages(counted, last)


def _meaning(name: str, hits: Days, counted: Counted) -> tuple[Dimension, str, Days, Days]:
    """The dimension, what it is about, how many are well, and of how many."""
    rows = counted.counts["n_rows"]
    start, _, column = name.partition("_")
    match start:
        case "told":
            return "completeness", column, hits, rows
        case "known":
            return "consistency", name, hits, counted.counts[f"told_{column}"]
        case "fit":
            dimension: Dimension = "consistency" if column == "order_sum" else "validity"
            return dimension, column, hits, rows
        case "dropped":
            return "validity", "kept", rows - hits, rows
        case _:
            return "validity", name, rows - hits, rows


def _usual(days: Days, well: Days, total: Days) -> tuple[Days, Days]:
    """The share over the days before each day, and how far single days lay from it; NaN for too few rows."""
    at = np.arange(len(days))
    first = np.searchsorted(days, days - USUAL_DAYS)

    def before(daily: Days) -> Days:
        summed = np.concatenate([[0.0], np.cumsum(daily)])
        return summed[at] - summed[first]

    with np.errstate(invalid="ignore", divide="ignore"):
        rows = np.where(before(total) >= _FEWEST_USUAL, before(total), np.nan)
        usual = before(well) / rows
        square = before(np.where(total > 0, well**2 / total, 0.0)) / rows
    return usual, np.sqrt(np.maximum(square - usual**2, 0.0))


def _ages(counted: Counted, last: int) -> Iterator[Figure]:
    """How old the newest row is at the end of each day, in days, beside the source's own gaps."""
    if len(counted.days) < 2:  # noqa: PLR2004 - a gap is between two days
        return
    gaps = np.diff(counted.days)
    for day in range(max(int(counted.days[1]), last - _SHOWN_DAYS + 1), last + 1):
        at = int(np.searchsorted(counted.days, day, side="right")) - 1
        first = int(np.searchsorted(counted.days, day - _GAP_DAYS))
        own = gaps[first:at]
        known = len(own) >= _FEWEST_GAPS
        gap = float(np.quantile(own, 0.95)) if known else None
        age = float(day - counted.days[at])
        figure = Figure(
            table=counted.table,
            source=counted.source,
            dimension="freshness",
            about="newest_row",
            day=day,
            value=age,
            n=len(own),
            usual=gap,
            warn_at=None if gap is None else max(2 * gap, 2.0),
            bad_at=None if gap is None else max(4 * gap, 4.0),
        )
        yield judge_excess(figure, "quality-late", {"days": age, "usual": gap})


def reading_figures(records: "pa.Table", day: int) -> Iterator[Figure]:
    """What reading each source came to: rows set aside, and rows that were there already."""
    for row in records.to_pylist():
        if not row["rows_read"]:
            continue
        parts = (("validity", "readable", row["rows_quarantined"], Limits(warn=0.99, bad=0.95)),
                 ("uniqueness", "new", row["rows_duplicate"], Limits(warn=0.90, bad=0.50)))  # fmt: skip
        for dimension, about, lost, limits in parts:
            figure = Figure(
                table=row["table_name"],
                source=row["source"],
                dimension="validity",
                about=about,
                day=day,
                value=1.0 - lost / row["rows_read"],
                n=row["rows_read"],
            )
            named = replace(figure, dimension="uniqueness") if dimension == "uniqueness" else figure
            yield judge_share(named, limits)
