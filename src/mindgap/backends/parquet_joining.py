"""Many Parquet files, in the order of their names, become one: as a whole, or one for each day."""

import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_GROUP_ROWS = 122_880
_HELD_ROWS = 2_000_000


def join(folder: Path, target: Path) -> int:
    """Join the files of a folder into one zstd file, which is there when it is whole; returns its rows."""
    schema = _schema(folder)
    rows = 0
    with _whole(target) as draft, pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        for batch in _batches(folder, schema):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def join_days(folder: Path, target: Path) -> Mapping[int, tuple[Path, int]]:
    """Join the files of a folder into a zstd file for each value of their column `day`.

    Returns:
        By day: the file ``day=N/data_0.parquet`` in `target`, and its number of rows.
    """
    days = _Days(target=target, schema=_schema(folder))
    try:
        for batch in _batches(folder, days.schema):
            days.add(batch)
    finally:
        days.close()
    return days.found


class _Days:
    """A file under way for each day; rows of a day are held back until they make a good group."""

    def __init__(self, *, target: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.found: dict[int, tuple[Path, int]] = {}
        self._target = target
        self._writers: dict[int, pq.ParquetWriter] = {}
        self._held: dict[int, list[pa.Table]] = {}
        self._held_rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take some rows in."""
        table = pa.Table.from_batches([batch])
        for day in table["day"].unique().to_pylist():
            rows = table.filter(pc.field("day") == day)
            self._held.setdefault(day, []).append(rows)
            self._held_rows += rows.num_rows
            if sum(one.num_rows for one in self._held[day]) >= _GROUP_ROWS:
                self._write(day)
        if self._held_rows >= _HELD_ROWS:
            self._write_all()

    def close(self) -> None:
        """Write what is held back, and finish every file."""
        self._write_all()
        for writer in self._writers.values():
            writer.close()

    def _write_all(self) -> None:
        for day in list(self._held):
            self._write(day)

    def _write(self, day: int) -> None:
        table = pa.concat_tables(self._held.pop(day))
        path, before = self.found.get(day, (self._target / f"day={day}" / "data_0.parquet", 0))
        if day not in self._writers:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[day] = pq.ParquetWriter(path, self.schema, compression="zstd")
        self._writers[day].write_table(table)
        self._held_rows -= table.num_rows
        self.found[day] = (path, before + table.num_rows)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The same names and types, without what an engine noted beside them."""
    return pa.schema([pa.field(field.name, field.type) for field in schema])


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"), key=lambda path: path.name)


def _schema(folder: Path) -> pa.Schema:
    return plain_schema(pq.read_schema(_parts(folder)[0]))


def _batches(folder: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for part in _parts(folder):
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(_GROUP_ROWS):
                yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


@contextmanager
def _whole(target: Path) -> Generator[Path]:
    draft = target.with_name(f".{target.name}.new")
    try:
        yield draft
        draft.replace(target)
    finally:
        if draft.exists():
            draft.unlink()


@contextmanager
def aside(folder: Path) -> Generator[Path]:
    """A folder to write into, gone afterwards."""
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
