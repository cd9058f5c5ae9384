"""The made-up shop in a workspace: files become parts of the lake and imports by the workspace's ports."""

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.kernel.clock import now
from mindgap.loop.intake import digest
from mindgap.loop.slots import slots_of
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.reading import Stores
from mindgap.store.state import Part, SourceRecord
from mindgap.store.streams import Compaction, Tally


def bring_events(stores: Stores, folder: Path) -> int:
    """Make every file of the folder a part of the lake, as a compaction does; returns the number of rows."""
    parts: list[Part] = []
    with stores.lake.staging() as staging:
        for file in sorted(folder.glob("*.parquet")):
            staged = staging / file.name
            _copy(file, staged)
            parts.append(_part(stores, staged))
    rows: dict[str, int] = {}
    for part in parts:
        rows[part.source] = rows.get(part.source, 0) + part.rows
    tallies = {source: Tally(received=count, stored=count) for source, count in rows.items()}
    stores.streams.commit(Compaction(added=parts, tallies=tallies))
    return sum(rows.values())


def _copy(file: Path, staged: Path) -> None:
    """The same file under another name where the disk allows it, or else a copy: neither is ever changed."""
    try:
        os.link(file, staged)
    except OSError:
        shutil.copyfile(file, staged)


def _part(stores: Stores, staged: Path) -> Part:
    rows = pq.read_table(staged, columns=["row_id", "occurred_at", "received_at"])
    earliest, latest = _ends(rows["occurred_at"])
    key = digest(staged)
    path = f"lake/{earliest:%Y-%m-%d}/{key}.parquet"
    part = Part(
        key=key,
        table="events",
        source=staged.stem.rpartition("-")[0],
        path=path,
        rows=rows.num_rows,
        min_time=earliest,
        max_time=latest,
        arrived_at=_ends(rows["received_at"])[1],
        slots=slots_of(rows["occurred_at"], rows["row_id"]),
    )
    stores.lake.adopt(staged, path)
    return part


def _ends(moments: pa.ChunkedArray) -> tuple[datetime, datetime]:
    times = moments.cast(pa.timestamp("us")).to_numpy()
    earliest, latest = np.array([times.min(), times.max()], "datetime64[us]").tolist()
    return earliest, latest


def bring_tables(stores: Stores, folder: Path) -> None:
    """Make `customers` and `products` what an import gave."""
    for table in ("customers", "products"):
        with stores.files.staging() as staging:
            staged = staging / f"{table}.parquet"
            _copy(folder / f"{table}.parquet", staged)
            relative = f"ledger/{table}/{digest(staged)}.parquet"
            file = File(
                table=table, source=f"{table}.csv", path=staged, relative=relative, earliest=None, latest=None
            )
            parts = weekly_parts(file, time_zone="UTC")
            stores.files.adopt(staged, relative)
            stores.ledger.replace(_record(table, parts), parts)


def _record(table: str, parts: Sequence[Part]) -> SourceRecord:
    rows = sum(part.rows for part in parts)
    return SourceRecord(
        name=f"{table}.csv",
        table=table,
        content=parts[0].key,
        stat="made",
        rows_read=rows,
        rows_used=rows,
        rows_quarantined=0,
        rows_duplicate=0,
        read_at=now(),
    )
