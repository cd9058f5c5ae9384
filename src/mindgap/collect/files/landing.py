"""Where rows of a database land: Parquet files in a folder of their source, read together as one table.

Files are only ever added, each named by its number and by what of the cursor column it holds, so that a
reading that was cut off goes on behind the last one. A source without a cursor is read whole each time, and
its files are replaced.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mindgap.collect.files.formats import SAMPLE_ROWS, FoundFormat, raw_type
from mindgap.kernel.errors import SourceError
from mindgap.kernel.quoting import quoted
from mindgap.store.database import CursorValue
from mindgap.store.importing import RawColumn, RawSource, RawType
from mindgap.store.parquet import PLAIN, ParquetCipher

_UNSAFE = re.compile(r"[^0-9A-Za-z]+")
_ROWS_A_FILE = 100_000
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What of one source has landed.

    Attributes:
        folder: Its folder; it need not be there.
        cursor: The column by which it is read on; empty when it is read whole.
        key: Columns that name a row for good: of rows with the same, the latest counts. Empty when rows never
            change.
        cipher: Has the key of the files, which are encrypted when they get their names.
    """

    folder: Path
    cursor: str = ""
    key: tuple[str, ...] = ()
    cipher: ParquetCipher = PLAIN

    def files(self) -> list[Path]:
        """The files, in the order in which they landed."""
        return sorted(self.folder.glob("*.parquet"))

    def stat(self) -> str:
        """What tells that nothing new has landed."""
        names = " ".join(path.name for path in self.files())
        return hashlib.sha256(names.encode()).hexdigest()[:32]

    def reached(self) -> CursorValue | None:
        """The largest value of the cursor column; None before the first row.

        Raises:
            SourceError: Its values cannot be compared.
        """
        found = [most for path in self.files() if (most := self._most(path)) is not None]
        try:
            return max(found, default=None)
        except TypeError:
            raise SourceError(
                f"The cursor column {self.cursor!r} mixes texts, figures and times.", hint="Choose another."
            ) from None

    def seen(self, since: CursorValue) -> Counter[bytes]:
        """Marks of the rows that have landed at or after a value of the cursor, with how many times each."""
        marks: Counter[bytes] = Counter()
        for path in self.files():
            most = self._most(path)
            if most is not None and most >= since:  # pyright: ignore[reportOperatorIssue]
                with self.cipher.open(path) as file:
                    for batch in file.iter_batches():
                        marks.update(_since(batch, self.cursor, since))
        return marks

    def _most(self, path: Path) -> Any:
        column = self.cipher.read(path, [self.cursor]).column(0)
        return _ends(column)[1]


def write(batches: Iterable[pa.RecordBatch], landing: Landing, staging: Path) -> Iterator[Path]:
    """Write rows as files into a staging folder, one after the other, each complete when it is given."""
    number = len(landing.files()) if landing.cursor else 0
    for table in _tables(batches):
        number += 1
        draft = staging / "draft.parquet"
        pq.write_table(table, draft, compression="zstd")
        yield draft.rename(staging / f"{number:06d}-{_span(table, landing.cursor, draft)}.parquet")


def _tables(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together as long as their columns agree."""
    held: pa.Table | None = None
    for batch in batches:
        more = pa.Table.from_batches([batch])
        if held is not None and held.num_rows < _ROWS_A_FILE:
            try:
                held = pa.concat_tables([held, more], promote_options="permissive")
                continue
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                pass
        if held is not None:
            yield held
        held = more
    if held is not None:
        yield held


def _span(table: pa.Table, cursor: str, file: Path) -> str:
    """What of the cursor a file holds; without a cursor, what the file is."""
    if not cursor:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    return "--".join(map(_named, _ends(table[cursor])))


def _ends(column: pa.ChunkedArray) -> tuple[Any, Any]:
    """The smallest and the largest value."""
    if pa.types.is_null(column.type):
        return None, None
    ends = pc.call_function("min_max", [column]).as_py()
    return ends["min"], ends["max"]


def _named(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return _UNSAFE.sub("_", text).strip("_")[:_NAME_LENGTH]


def _since(batch: pa.RecordBatch, cursor: str, since: Any) -> Iterator[bytes]:
    return (mark for mark, at in marked(batch, cursor) if at is None or at >= since)


def marked(batch: pa.RecordBatch, cursor: str) -> Iterator[tuple[bytes, Any]]:
    """A mark of each row, alike for alike rows whatever types their columns have, and its cursor value."""
    at = batch.schema.get_field_index(cursor)
    columns = [column.to_pylist() for column in batch.columns]
    for row in zip(*columns, strict=True):
        text = "\x1f".join(_plain(value) for value in row)
        yield hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest(), row[at]


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "\x1e" if value is None else str(value)


def without_seen(batch: pa.RecordBatch, cursor: str, seen: Counter[bytes]) -> pa.RecordBatch:
    """Rows that have not landed yet; each mark counts as often as it was seen."""
    fresh: list[bool] = []
    for mark, _at in marked(batch, cursor):
        fresh.append(seen[mark] <= 0)
        seen[mark] -= 1
    return cast("pa.RecordBatch", batch.filter(pa.array(fresh, pa.bool_())))


def found_in(landing: Landing) -> FoundFormat:
    """The landed rows as a source that can be read.

    Raises:
        SourceError: Nothing has landed.
    """
    files = landing.files()
    if not files:
        raise SourceError(f"{landing.folder.name} has columns but no rows.", hint="Check what is selected.")
    types: dict[str, set[RawType]] = {}
    for path in files:
        for field in _schema(landing, path):
            kinds = types.setdefault(field.name, set())
            if not pa.types.is_null(field.type):
                kinds.add(raw_type(field.type))
    columns = tuple(RawColumn(label=name, key=name, type=_together(kinds)) for name, kinds in types.items())
    return FoundFormat(source=_source(landing, files, columns), rows=_head(landing, files[0], columns))


def _schema(landing: Landing, path: Path) -> pa.Schema:
    with landing.cipher.open(path) as file:
        return file.schema_arrow


def _together(kinds: set[RawType]) -> RawType:
    if kinds == {"integer", "number"}:
        return "number"
    return next(iter(kinds)) if len(kinds) == 1 else "text"


def _source(landing: Landing, files: list[Path], columns: tuple[RawColumn, ...]) -> RawSource:
    rows = "select * from files"
    order = f" order by {quoted(landing.cursor)}" if landing.cursor and landing.key else ""
    if landing.key:
        keys = ", ".join(quoted(column) for column in landing.key)
        latest = f" order by {quoted(landing.cursor)} desc" if landing.cursor else ""
        rows += f" qualify row_number() over (partition by {keys}{latest}) = 1"
    cells = ", ".join(quoted(column.key) for column in columns)
    return RawSource(
        format="query",
        path=landing.folder,
        columns=columns,
        wanted=tuple(range(len(columns))),
        query=f"select {cells} from ({rows}){order}",
        files=tuple(files),
    )


def _head(landing: Landing, path: Path, columns: tuple[RawColumn, ...]) -> tuple[tuple[str, ...], ...]:
    with landing.cipher.open(path) as file:
        rows: list[dict[str, Any]] = next(file.iter_batches(batch_size=SAMPLE_ROWS)).to_pylist()
    keys = [column.key for column in columns]
    return tuple(tuple("" if (cell := row.get(key)) is None else str(cell) for key in keys) for row in rows)
