"""The lake: the parts of the table `events`, a file for each source, day and range of customers."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa

from mindgap.collect.events.event_row import BUCKETS, EventRow
from mindgap.loop.intake import digest
from mindgap.loop.slots import slots_of
from mindgap.store.engine import Relation
from mindgap.store.reading import Stores
from mindgap.store.state import Part

LARGEST_PART = 1_000_000
"""Rows in one file: what has to be written anew when one customer is erased."""
_FILES_TO_MERGE = 8
_WHOLE_PART = LARGEST_PART // 2
_ORDER = ("bucket", "customer_id", "anonymous_id", "occurred_at", "row_id")


def write_parts(stores: Stores, rows: pa.Table) -> list[Part]:
    """Write rows of the table `events` to files, one a source and day; they belong to it once committed."""
    parts: list[Part] = []
    days = rows["occurred_at"].to_numpy().astype("datetime64[D]")
    by_day = rows.append_column("day", pa.array(days)).sort_by(
        [(column, "ascending") for column in ("source", "day", *_ORDER)]
    )
    with stores.lake.staging() as staging:
        for own in _runs(by_day):
            staged = staging / "part.parquet"
            stores.lake.write_table(own.drop_columns(["day"]), staged)
            key, (earliest, latest) = digest(staged), _span(own["occurred_at"])
            part = Part(
                key=key,
                table="events",
                source=own["source"][0].as_py(),
                path=_path(earliest.date(), key),
                rows=own.num_rows,
                min_time=earliest,
                max_time=latest,
                arrived_at=_span(own["received_at"])[1],
                slots=slots_of(own["occurred_at"], own["row_id"]),
            )
            stores.lake.adopt(staged, part.path)
            parts.append(part)
    return parts


def _runs(ordered: pa.Table) -> Iterator[pa.Table]:
    """The rows of each source and day."""
    if not ordered.num_rows:
        return
    same = [
        ordered[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in ("source", "day")
    ]
    begins = np.flatnonzero((np.diff(same[0]) != 0) | (np.diff(same[1]) != 0)) + 1
    for begin, end in pairwise([0, *begins.tolist(), ordered.num_rows]):
        yield ordered.slice(begin, end - begin)


def _span(moments: pa.ChunkedArray) -> tuple[datetime, datetime]:
    times = moments.to_numpy()
    earliest, latest = np.array([times.min(), times.max()], "datetime64[us]").tolist()
    return earliest, latest


def _path(day: date, key: str) -> str:
    return f"lake/{day:%Y-%m-%d}/{key}.parquet"


def known(stores: Stores, rows: Collection[EventRow], *, within: timedelta) -> list[int]:
    """Row ids of these rows that the lake has already, received not longer ago (or later) than that."""
    if not rows:
        return []
    received = [row.received_at for row in rows]
    earliest, sources = min(received), {row.source for row in rows}
    paths = [
        stores.lake.path(part.path)
        for part in stores.streams.snapshot()[0]
        if part.source in sources and part.arrived_at is not None and part.arrived_at >= earliest - within
    ]
    if not paths:
        return []
    ids = pa.array([row.row_id for row in rows], pa.int64())
    news = pa.table({"row_id": ids, "received_at": pa.array(received, pa.timestamp("us"))})
    seen = {"lake": Relation(paths=paths), "news": Relation(rows=news)}
    with stores.lookups.session(seen) as session:
        found = session.table(_KNOWN, parameters={"days": within.days})
    return found["row_id"].to_pylist()


_KNOWN = """
-- one row per row id that is here already
select distinct news.row_id
from news
join lake on lake.row_id = news.row_id
where lake.received_at >= news.received_at - to_days(cast($days as integer))
    and lake.received_at <= news.received_at + to_days(cast($days as integer))
"""


def to_merge(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Groups of small parts, each of one source and day, that should become one.

    Sizes are told apart by powers of eight, and eight parts of a size, with those that are smaller, make one
    of the next: every row is written anew a few times only, however often little arrives.

    >>> part = Part(key="", table="events", source="s", path="", rows=9, min_time=datetime(2024, 1, 1))
    >>> [len(group) for group in to_merge([part] * 9)], to_merge([part] * 7)
    ([9], [])
    """
    days: defaultdict[tuple[str, date], list[Part]] = defaultdict(list)
    for part in parts:
        if part.min_time is not None and part.rows < _WHOLE_PART:
            days[part.source, part.min_time.date()].append(part)
    return [group for own in days.values() if (group := _smallest(own))]


def _smallest(parts: Sequence[Part]) -> Sequence[Part]:
    sizes = sorted({_size(part) for part in parts})
    for size in reversed(sizes):
        if sum(_size(part) == size for part in parts) >= _FILES_TO_MERGE:
            return [part for part in parts if _size(part) <= size]
    return ()


def _size(part: Part) -> int:
    return part.rows.bit_length() // 3


def merged(stores: Stores, parts: Sequence[Part], *, largest: int = LARGEST_PART) -> list[Part]:
    """The rows of these parts, which are of one source and day, in as few files as may be.

    Args:
        stores: The workspace's ports.
        parts: Parts of one source and day.
        largest: Rows in one file; more are split by buckets, as evenly as hashes fall.
    """
    times = [time for part in parts for time in (part.min_time, part.max_time) if time is not None]
    arrived = [part.arrived_at for part in parts if part.arrived_at is not None]
    paths = [stores.lake.path(part.path) for part in parts]
    made: list[Part] = []
    with stores.lake.staging() as staging, stores.lookups.session({"lake": Relation(paths=paths)}) as session:
        for first, last in _ranges(sum(part.rows for part in parts), largest):
            staged = staging / "part.parquet"
            order = ", ".join(_ORDER)
            sql = f"select * from lake where bucket >= {first} and bucket < {last} order by {order}"
            rows, key = session.save(sql, staged), digest(staged)
            if rows:
                path = _path(min(times).date(), key)
                stores.lake.adopt(staged, path)
                made.append(
                    Part(
                        key=key,
                        table="events",
                        source=parts[0].source,
                        path=path,
                        rows=rows,
                        min_time=min(times),
                        max_time=max(times),
                        arrived_at=max(arrived),
                        slots=_slots(stores, path),
                    )
                )
    return made


def _slots(stores: Stores, path: str) -> bytes:
    with stores.lake.open_parquet(stores.lake.path(path)) as file:
        rows = file.read(columns=["occurred_at", "row_id"])
    return slots_of(rows["occurred_at"], rows["row_id"])


def _ranges(rows: int, largest: int) -> Iterator[tuple[int, int]]:
    """Ranges of buckets, from the first to behind the last."""
    count = min(BUCKETS, -(-rows // largest))
    yield from pairwise(BUCKETS * nth // count for nth in range(count + 1))


def outlived(parts: Sequence[Part], days: Mapping[str, int], *, at: datetime) -> list[str]:
    """Paths of parts all of whose events are older than their source keeps them, in days."""
    return [
        part.path
        for part in parts
        if part.source in days
        and part.max_time is not None
        and part.max_time < at - timedelta(days=days[part.source])
    ]
