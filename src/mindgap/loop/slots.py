"""What lies in each quarter of an hour of a part, whatever files its rows are cut into.

Of each quarter: how many rows, and the sum of their row ids. Parts add up, so that making one file of many
small ones changes nothing, and a row that comes late changes its own quarter. Every local day begins at a
quarter of an hour of UTC.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from mindgap.kernel.clock import day_start, local_day
from mindgap.store.state import Part

_SLOT_US = 900_000_000
_SLOTS_A_DAY = 96
_EPOCH = datetime(1970, 1, 1)
_INSTANT = timedelta(microseconds=1)
_LAYOUT = np.dtype([("slot", "<i8"), ("rows", "<i8"), ("sum", "<u8")])
Numbers = np.ndarray[Any, np.dtype[Any]]


def slots_of(moments: pa.ChunkedArray, row_ids: pa.ChunkedArray) -> bytes:
    """What lies in each quarter of an hour of these rows.

    Args:
        moments: When each happened.
        row_ids: Hashes of what they mean.
    """
    micros = moments.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    slots, place = np.unique(micros // _SLOT_US, return_inverse=True)
    found = np.zeros(len(slots), _LAYOUT)
    found["slot"] = slots
    np.add.at(found["rows"], place, 1)
    np.add.at(found["sum"], place, row_ids.to_numpy().astype(np.uint64))
    return found.tobytes()


def daily(parts: Iterable[Part], as_of: datetime, time_zone: str) -> dict[int, tuple[str, int]]:
    """What parts hold of each local day before a moment: a mark, and how many rows at most.

    Rows without a time are of no day. A part that does not say what lies in its quarters stands whole for
    every day that it touches.
    """
    timed = [part for part in parts if part.min_time is not None and part.min_time < as_of]
    found = _by_slots([part.slots for part in timed if part.slots is not None], as_of, time_zone)
    for part in timed:
        if part.slots is None:
            _add_whole(found, part, touched=_touched(part, as_of, time_zone))
    return {day: (" ".join(sorted(marks)), rows) for day, (marks, rows) in found.items()}


def _by_slots(some: Sequence[bytes], as_of: datetime, time_zone: str) -> dict[int, tuple[list[str], int]]:
    every: Numbers = np.concatenate([np.frombuffer(one, _LAYOUT) for one in some] or [np.zeros(0, _LAYOUT)])
    every = every[every["slot"] * _SLOT_US < (as_of - _EPOCH) // _INSTANT]
    days, starts = _days(np.unique(every["slot"] // _SLOTS_A_DAY).tolist(), time_zone)
    place = np.searchsorted(starts, every["slot"] * _SLOT_US, side="right") - 1
    rows, sums = np.zeros(len(days), np.int64), np.zeros(len(days), np.uint64)
    np.add.at(rows, place, every["rows"])
    np.add.at(sums, place, every["sum"])
    return {
        day: ([f"{rows[nth]:x}-{sums[nth]:x}"], int(rows[nth])) for nth, day in enumerate(days) if rows[nth]
    }


def _days(utc_days: Iterable[int], time_zone: str) -> tuple[list[int], Numbers]:
    """The local days that these days of UTC touch, and when each begins, in microseconds."""
    near = sorted({day + by for day in utc_days for by in (-1, 0, 1, 2)})
    starts = [(day_start(day, time_zone) - _EPOCH) // _INSTANT for day in near]
    return near, np.array(starts, np.int64)


def _touched(part: Part, as_of: datetime, time_zone: str) -> Sequence[int]:
    if part.min_time is None:
        return ()
    latest = min(part.max_time or part.min_time, as_of - _INSTANT)
    return range(local_day(part.min_time, time_zone), local_day(latest, time_zone) + 1)


def _add_whole(found: dict[int, tuple[list[str], int]], part: Part, *, touched: Sequence[int]) -> None:
    for day in touched:
        marks, rows = found.get(day, ([], 0))
        found[day] = ([*marks, part.key], rows + -(-part.rows // len(touched)))
