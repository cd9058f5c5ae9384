"""The small tables that a query sees beside its inputs: `moment` and, where it is kept by day, `tile`."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from mindgap.kernel.clock import utc_offset_seconds
from mindgap.store.engine import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Local days that are worked out together: consecutive, and all but the last of 24 hours.

    Attributes:
        first_day: The first, in local days since 1970-01-01.
        start_at: When it begins, naive UTC.
        days: How many there are.
    """

    first_day: int
    start_at: datetime
    days: int


def moment_relation(as_of: datetime, time_zone: str) -> Relation:
    """One row: `as_of`, and `utc_offset_seconds` at that moment."""
    columns = {
        "as_of": pa.array([as_of], pa.timestamp("us")),
        "utc_offset_seconds": pa.array([utc_offset_seconds(as_of, time_zone)], pa.int64()),
    }
    return Relation(rows=pa.table(columns))


def tile_relation(tile: Tile) -> Relation:
    """One row: `first_day`, `start_at` and `days`."""
    columns = {
        "first_day": pa.array([tile.first_day], pa.int64()),
        "start_at": pa.array([tile.start_at], pa.timestamp("us")),
        "days": pa.array([tile.days], pa.int64()),
    }
    return Relation(rows=pa.table(columns))
