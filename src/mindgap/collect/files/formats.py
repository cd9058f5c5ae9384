"""What kind of file it is, and its first rows: delimited text, JSON, Parquet or a workbook, packed or not."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.collect.files.delimited import layout_of
from mindgap.collect.files.encodings import encoding_of, opened, samples
from mindgap.collect.files.options import Note, SourceOptions
from mindgap.collect.files.workbooks import WORKBOOK_ENDINGS, read_workbook
from mindgap.kernel.errors import SourceError
from mindgap.store.importing import Compression, Dialect, RawColumn, RawFormat, RawSource, RawType

_MAGIC: tuple[tuple[bytes, Compression], ...] = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_UNREADABLE = {
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"BZh": "packed with bzip2",
    b"7z\xbc\xaf": "packed with 7-Zip",
    b"Rar!": "packed with RAR",
    b"\xfd7zXZ": "packed with xz",
}
_NATIVE = ("utf-8", "utf-8-sig", "ascii")
SAMPLE_ROWS = 2000
"""How many rows are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFormat:
    """A file that was understood as a table.

    Attributes:
        source: How to read it, once `rewrite` is done.
        rows: Its first rows as text, for looking at.
        encoding: Its encoding.
        rewrite: What has to happen before the engine can read it: nothing, a new encoding, blanks to tabs, or
            a workbook's sheet written as text.
        notes: What to say about it.
    """

    source: RawSource
    rows: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    rewrite: str = ""
    notes: tuple[Note, ...] = ()


def find_format(path: Path, options: SourceOptions) -> FoundFormat:
    """Find out what a file is.

    Raises:
        SourceError: It is not there, may not be read, is damaged or empty, or is no table.
    """
    if path.is_dir():
        raise SourceError(f"{path.name} is a folder.", hint="Bring in each of its files.")
    with opened(path) as file:
        magic = file.read(16)
    if not magic:
        raise SourceError(f"{path.name} is empty.", hint="Export it again.")
    for start, what in _UNREADABLE.items():
        if magic.startswith(start):
            raise SourceError(f"{path.name} is {what}.", hint="Export CSV, JSON lines, Parquet or Excel.")
    if magic.startswith(b"PAR1"):
        return _parquet(path)
    if magic.startswith(b"PK\x03\x04") and path.suffix.lower() == ".zip":
        raise SourceError(f"{path.name} is packed with ZIP.", hint="Unpack it and bring in the files.")
    if magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or path.suffix.lower() in WORKBOOK_ENDINGS:
        return _workbook(path, options)
    packed: list[Compression] = [kind for start, kind in _MAGIC if magic.startswith(start)]
    return _text(path, options, packed[0] if packed else "none")


def _text(path: Path, options: SourceOptions, compression: Compression) -> FoundFormat:
    blocks = samples(path, compression)
    encoding = options.encoding or encoding_of(blocks)
    try:
        head = blocks[0].decode(encoding, "ignore").lstrip("\ufeff")
    except LookupError:
        raise SourceError(
            f"No encoding is called {encoding!r}.", hint="Use utf-8, gb18030, utf-16 ..."
        ) from None
    if head.count("\0") > len(head) // 10:
        raise SourceError(f"{path.name} is no text.", hint="Export CSV, JSON lines, Parquet or Excel.")
    start = head.lstrip()[:1]
    with opened(path, compression) as file:
        complete = len(file.read(len(blocks[0]) + 1)) <= len(blocks[0])
    if start == "{":
        items = [_parsed(line) for line in head.splitlines()[: None if complete else -1]]
        found = _objects("json_lines", path, items, compression=compression)
    elif start == "[" and head.lstrip()[1:].lstrip()[:1] in {"{", "]"}:
        found = _objects("json_array", path, _array_items(head), compression=compression)
    else:
        found = _delimited(path, head, compression, options=options, complete=complete)
    native = encoding.lower().replace("_", "-") in _NATIVE
    note = () if native else (Note(code="collect-encoding", params={"encoding": encoding}),)
    return replace(
        found,
        encoding=encoding,
        rewrite=found.rewrite or ("" if native else "encoding"),
        notes=(*found.notes, *note),
    )


def _delimited(
    path: Path, head: str, compression: Compression, *, options: SourceOptions, complete: bool
) -> FoundFormat:
    layout = layout_of(head, file_name=path.name, delimiter=options.separator, complete=complete)
    labels, notes = _unique(layout.names)
    if layout.dialect.skip_lines:
        notes = (*notes, Note(code="collect-skipped-lines", params={"lines": layout.dialect.skip_lines}))
    columns = tuple(RawColumn(label=label, key=label) for label in labels)
    source = _source("delimited", path, columns, compression=compression)
    return FoundFormat(
        source=replace(source, dialect=layout.dialect),
        rows=layout.rows,
        rewrite="spaces" if layout.spaced else "",
        notes=notes,
    )


def _array_items(head: str) -> list[Any]:
    """The elements of a JSON list as far as its head goes."""
    items: list[Any] = []
    decoder, at = json.JSONDecoder(), head.index("[") + 1
    while len(items) < SAMPLE_ROWS:
        at += len(head[at:]) - len(head[at:].lstrip(" \t\r\n,"))
        try:
            item, at = decoder.raw_decode(head, at)
        except ValueError:
            break
        items.append(item)
    return items


def _objects(kind: RawFormat, path: Path, items: list[Any], *, compression: Compression) -> FoundFormat:
    rows = [item for item in items if isinstance(item, dict)][:SAMPLE_ROWS]
    keys = tuple(dict.fromkeys(str(key) for row in rows for key in row))
    if not keys:
        raise SourceError(
            f"{path.name} holds no JSON objects.", hint="Give one object a line, or a list of objects."
        )
    nested = tuple(key for key in keys if _is_nested([row.get(key) for row in rows]))
    flat = tuple(key for key in keys if key not in nested)
    if not flat:
        raise SourceError(
            f"{path.name} holds lists and objects only: {', '.join(nested)}.",
            hint="Give one flat object a purchase line, such as customer_id beside product_id.",
        )
    return FoundFormat(
        source=_source(
            kind, path, tuple(RawColumn(label=key, key=key) for key in flat), compression=compression
        ),
        rows=tuple(tuple(_json_text(row.get(key)) for key in flat) for row in rows),
        notes=(Note(code="collect-nested-columns", params={"columns": ", ".join(nested)}),) if nested else (),
    )


def _is_nested(values: list[Any]) -> bool:
    """Whether a column holds nothing but lists and objects, which are no cells."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, (dict, list)) for value in known)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _json_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _parquet(path: Path) -> FoundFormat:
    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows == 0:
            raise SourceError(f"{path.name} has columns but no rows.", hint="Export it with its rows.")
        head = next(file.iter_batches(batch_size=SAMPLE_ROWS))
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path.name} is a damaged Parquet file.", hint="Export it again.") from error
    types: dict[str, RawType] = {field.name: raw_type(field.type) for field in file.schema_arrow}
    columns = tuple(RawColumn(label=name, key=name, type=kind) for name, kind in types.items())
    cells = tuple(
        tuple("" if cell is None else str(cell) for cell in row.values()) for row in head.to_pylist()
    )
    return FoundFormat(source=_source("parquet", path, columns), rows=cells)


def raw_type(kind: pa.DataType) -> RawType:
    """What cells of an Arrow type are."""
    checks: tuple[tuple[bool, RawType], ...] = (
        (pa.types.is_integer(kind), "integer"),
        (pa.types.is_floating(kind) or pa.types.is_decimal(kind), "number"),
        (pa.types.is_date(kind), "date"),
    )
    if pa.types.is_timestamp(kind):
        return "zoned_time" if kind.tz else "time"
    found: list[RawType] = [name for holds, name in checks if holds]
    return found[0] if found else "text"


def _workbook(path: Path, options: SourceOptions) -> FoundFormat:
    book = read_workbook(path, sheet=options.sheet)
    labels, notes = _unique(book.names)
    columns = tuple(RawColumn(label=label, key=label) for label in (*labels, "line"))
    source = _source("delimited", path, columns)
    return FoundFormat(
        source=replace(
            source, dialect=Dialect(header=False), line_column=len(labels), wanted=tuple(range(len(columns)))
        ),
        rows=tuple(tuple(row) for _line, row in book.rows[:SAMPLE_ROWS]),
        rewrite="workbook",
        notes=(*notes, *book.notes),
    )


def _source(
    kind: RawFormat, path: Path, columns: tuple[RawColumn, ...], *, compression: Compression = "none"
) -> RawSource:
    return RawSource(
        format=kind, path=path, columns=columns, wanted=tuple(range(len(columns))), compression=compression
    )


def _unique(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Names made different: a second `price` becomes `price_2`, a missing one `column_3`."""
    given = [name or f"column_{at + 1}" for at, name in enumerate(names)]
    times = Counter(given)
    repeated = [name for name, count in times.items() if count > 1]
    seen: Counter[str] = Counter()
    found: list[str] = []
    for name in given:
        seen[name] += 1
        label = name if seen[name] == 1 else f"{name}_{seen[name]}"
        while label in found or (seen[name] > 1 and label in times):
            label += "_"
        found.append(label)
    note = Note(code="collect-duplicate-columns", params={"columns": ", ".join(repeated)})
    return tuple(found), ((note,) if repeated else ())
