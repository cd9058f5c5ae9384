"""Looks for texts in every file of a folder, decoding each: to prove that a person is nowhere any more.

A search through bytes finds nothing in compressed files, whatever they hold. So Parquet is decoded with its
dictionaries and statistics, databases are read table by table and also as bytes (free pages, write-ahead
log), archives are unpacked, and every text is looked for as it is and in other encodings. It must first be
seen to find what was planted in each kind of file (tests/backends/test_scanning.py).
"""

import gzip
import io
import mmap
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.backends.scanning_needles import Content, Needle

_LARGEST_UNPACKED = 1 << 30
_FOOTER_BYTES = 8
_SQLITE = b"SQLite format 3\0"
_BATCH_ROWS = 100_000
_SIDES = ("-wal", "-journal")
_DATABASE = re.compile(r"\.db(-wal|-shm|-journal)?$")
_COPY = """
import shutil, sys
for file in sys.argv[2:]:
    try:
        shutil.copy(file, sys.argv[1])
    except FileNotFoundError:
        pass
"""
OpenParquet = Callable[[Path, list[str]], pq.ParquetFile]
"""Opens a file, with these columns as dictionaries; encrypted ones need keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A place where a text lies.

    Attributes:
        text: Which text.
        file: The file, relative to the folder.
        place: Where in it: a column, a table, the name of an archived file, or `bytes`.
        form: How it is written there: utf-8, base64, ...
    """

    text: str
    file: str
    place: str
    form: str


def plain_parquet(path: Path, dictionaries: list[str]) -> pq.ParquetFile:
    """A Parquet file that is not encrypted."""
    return pq.ParquetFile(path, read_dictionary=dictionaries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A search.

    Attributes:
        needles: What is looked for.
        id_columns: Columns of tables in which a whole id may stand alone, however short it is.
        open_parquet: Opens Parquet files.
    """

    needles: Collection[Needle]
    id_columns: Collection[str] = ()
    open_parquet: OpenParquet = plain_parquet

    def folder(self, root: Path) -> Iterator[Finding]:
        """Everything that is found in the files of a folder; those that go away meanwhile hold nothing.

        A folder in it may be a link to another disk.
        """
        for path in sorted(path for top in root.glob("*") for path in (top, *top.rglob("*"))):
            try:
                if path.is_file() and not path.is_symlink():
                    yield from self.file(path, path.relative_to(root).as_posix())
            except FileNotFoundError:
                continue

    def file(self, path: Path, name: str) -> Iterator[Finding]:
        """What is found in one file."""
        if not _DATABASE.search(path.name):
            yield from self._file(path, name)
            return
        with TemporaryDirectory() as aside:
            yield from self._file(_copied(path, Path(aside)), name)

    def _file(self, path: Path, name: str) -> Iterator[Finding]:
        if not path.stat().st_size:
            return
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            start = content[:16]
            if start[:4] in {b"PAR1", b"PARE"}:
                yield from self._parquet(path, name, content)
                return
            yield from self.content(content, name, "bytes")
            if start == _SQLITE:
                yield from self._sqlite(path, name)
            elif start[:2] == b"\x1f\x8b" or start[:4] in {b"\x28\xb5\x2f\xfd", b"PK\x03\x04"}:
                yield from self._packed(content[:], name, name)

    def content(self, content: Content, file: str, place: str) -> Iterator[Finding]:
        """What is found in bytes."""
        for needle in self.needles:
            form = needle.found_in(content)
            if form is not None:
                yield Finding(text=needle.text, file=file, place=place, form=form)

    def rows(self, rows: Iterable[dict[str, Any]], file: str, place: str) -> Iterator[Finding]:
        """What is found in rows of a database."""
        for row in rows:
            for column, value in row.items():
                if value is not None:
                    yield from self._value(value, column, file=file, place=f"{place}.{column}")

    def _value(self, value: Any, column: str, *, file: str, place: str) -> Iterator[Finding]:
        text = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        yield from self.content(text, file, place)
        if column in self.id_columns:
            for needle in self.needles:
                if not needle.is_telling and needle.text == value:
                    yield Finding(text=needle.text, file=file, place=place, form="id")

    def _parquet(self, path: Path, name: str, content: mmap.mmap) -> Iterator[Finding]:
        """Values and dictionaries of every column, and the footer with its statistics and metadata."""
        footer_bytes = int.from_bytes(content[-_FOOTER_BYTES:-4], "little")
        yield from self.content(content[-_FOOTER_BYTES - footer_bytes :], name, "footer")
        with self.open_parquet(path, []) as plain:
            texts = [field.name for field in plain.schema_arrow if _is_text(field.type)]
            yield from self.content(str(plain.metadata.metadata).encode(), name, "metadata")
        with self.open_parquet(path, texts) as file:
            seen: set[Finding] = set()
            for batch in file.iter_batches(_BATCH_ROWS):
                for column, field in zip(batch.columns, batch.schema, strict=True):
                    for finding in self._column(column, field.name, name):
                        if finding not in seen:
                            seen.add(finding)
                            yield finding

    def _column(self, column: pa.Array, label: str, file: str) -> Iterator[Finding]:
        for buffer in _texts(column):
            yield from self.content(buffer, file, label)
        short = [needle.text for needle in self.needles if not needle.is_telling]
        if short and label in self.id_columns:
            values = column.dictionary if isinstance(column, pa.DictionaryArray) else column
            for text in set(short) & set(values.to_pylist()):
                yield Finding(text=text, file=file, place=label, form="id")

    def _sqlite(self, path: Path, name: str) -> Iterator[Finding]:
        """Every table as a reader sees it; a copy is read, so that nothing is changed or held."""
        with TemporaryDirectory() as aside:
            connection = sqlite3.connect(_copied(path, Path(aside)))
            try:
                connection.row_factory = sqlite3.Row
                tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
                for (table,) in [tuple(row) for row in tables]:
                    rows = connection.execute(f'select * from "{table}"')
                    yield from self.rows((dict(row) for row in rows), name, table)
            except sqlite3.DatabaseError:
                return  # it is being written; its bytes were looked through
            finally:
                connection.close()

    def _packed(self, content: bytes, file: str, place: str) -> Iterator[Finding]:
        """What is in an archive, and in archives within it."""
        for inner_name, inner in _unpacked(content):
            inside = f"{place}!{inner_name}"
            if inner[:4] in {b"PAR1", b"PARE"} or inner[:16] == _SQLITE:
                with TemporaryDirectory() as aside:
                    whole = Path(aside) / "inner"
                    whole.write_bytes(inner)
                    for found in self.file(whole, file):
                        yield Finding(
                            text=found.text, file=file, place=f"{inside}:{found.place}", form=found.form
                        )
                continue
            yield from self.content(inner, file, inside)
            yield from self._packed(inner, file, inside)


def _copied(path: Path, folder: Path) -> Path:
    """A copy of a database's file, with the logs beside it, made by another process.

    A process that opens and closes such a file itself gives up all locks that it holds on it: the next one to
    end takes itself for the last, and deletes the log that this one goes on writing to
    (https://www.sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        FileNotFoundError: It went away meanwhile.
    """
    files = [path, *(path.with_name(path.name + side) for side in _SIDES)]
    command = [sys.executable, "-I", "-S", "-c", _COPY, str(folder), *map(str, files)]
    subprocess.run(command, check=True)  # noqa: S603 - our own Python
    copied = folder / path.name
    if not copied.exists():
        raise FileNotFoundError(path)
    return copied


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)


def _texts(column: pa.Array) -> Iterator[bytes]:
    """The texts of a column, one behind the other with a line break between, or whatever else it holds."""
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary
    if _is_text(column.type):
        values = column.drop_null()
        parts: list[Any] = values.cast(pa.large_binary()).to_pylist()
        yield b"\n".join(parts)
    elif pa.types.is_nested(column.type):
        yield "\n".join(map(str, column.to_pylist())).encode("utf-8", "surrogatepass")
    elif pa.types.is_integer(column.type):
        yield b"\n".join(str(value).encode() for value in np.unique(column.drop_null().to_numpy(False)))


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as file:
                yield "gz", file.read(_LARGEST_UNPACKED)
        elif content[:4] == b"\x28\xb5\x2f\xfd":
            with pa.input_stream(pa.BufferReader(content), compression="zstd") as file:
                yield "zst", file.read(_LARGEST_UNPACKED)
        elif content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name)
    except (OSError, EOFError, zipfile.BadZipFile, RuntimeError):
        return  # no archive after all, or a torn one
