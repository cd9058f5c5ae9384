"""A part week by week: what each week's rows are, so that a new day leaves the weeks before it alone.

One file holds all rows that a source gave; the ledger lists it once for each local week. A table as of an
earlier Monday (kernel.clock.as_of_lag) then depends on the weeks before that Monday only, and not on a
file that grew since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.kernel.clock import week_start
from mindgap.kernel.tables import CANONICAL
from mindgap.store.state import Part

_BATCH_ROWS = 1_000_000
_NEXT_WEEK = timedelta(days=8)  # a week may be an hour longer than seven days
Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A finished file of a canonical table.

    Attributes:
        table: The canonical table.
        source: The source it was read from.
        path: Where it is now.
        relative: What the ledger will call it.
        earliest: The smallest time in it, naive UTC; None without times.
        latest: The largest.
    """

    table: str
    source: str
    path: Path
    relative: str
    earliest: datetime | None
    latest: datetime | None


def weekly_parts(file: File, *, time_zone: str) -> list[Part]:
    """What the ledger keeps of a file: a part for each local week, and one for rows without a time.

    A part's key stands for its rows whatever their order: their number, and the sum and the exclusive or of
    their row ids, which are hashes of the rows.
    """
    edges = _weeks(file.earliest, file.latest, time_zone)
    places = len(edges) + 1  # place 0 is for rows without a time
    counts, sums, mixes = np.zeros(places, np.int64), np.zeros(places, np.uint64), np.zeros(places, np.uint64)
    first, last = np.full(places, np.iinfo(np.int64).max), np.full(places, np.iinfo(np.int64).min)
    for ids, moments, timed in _batches(file):
        at = np.where(timed, np.searchsorted(edges, moments, side="right"), 0)
        # rows lie in the order of time, so a batch has few runs of one place
        starts = np.flatnonzero(np.diff(at, prepend=-1))
        runs = at[starts]
        counts += np.bincount(at, minlength=places)
        np.add.at(sums, runs, np.add.reduceat(ids, starts))
        np.bitwise_xor.at(mixes, runs, np.bitwise_xor.reduceat(ids, starts))
        np.minimum.at(first, runs, np.minimum.reduceat(moments, starts))
        np.maximum.at(last, runs, np.maximum.reduceat(moments, starts))
    return [
        Part(
            key=f"{counts[place]:x}-{sums[place]:016x}{mixes[place]:016x}",
            table=file.table,
            source=file.source,
            path=file.relative,
            rows=int(counts[place]),
            min_time=_moment(first[place]) if place else None,
            max_time=_moment(last[place]) if place else None,
        )
        for place in np.flatnonzero(counts)
    ]


def _weeks(earliest: datetime | None, latest: datetime | None, time_zone: str) -> Numbers:
    """The beginnings of the weeks from the earliest to the latest moment, in microseconds."""
    starts: list[datetime] = []
    if earliest is not None and latest is not None:
        start = week_start(earliest, time_zone)
        while start <= latest:
            starts.append(start)
            start = week_start(start + _NEXT_WEEK, time_zone)
    return np.array(starts, "datetime64[us]").astype(np.int64)


def _batches(file: File) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    """Row ids, moments in microseconds (0 where there is none), and whether there is one."""
    time_column = CANONICAL[file.table].time_column
    columns = ["row_id", *([time_column] if time_column else [])]
    with pq.ParquetFile(file.path) as parquet:
        for batch in parquet.iter_batches(_BATCH_ROWS, columns=columns):
            ids = batch["row_id"].to_numpy(zero_copy_only=False).astype(np.uint64)
            if not time_column:
                yield ids, np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
                continue
            times = batch[time_column]
            moments = times.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0)
            yield ids, moments.to_numpy(zero_copy_only=False), times.is_valid().to_numpy(zero_copy_only=False)


def _moment(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=int(microseconds))
