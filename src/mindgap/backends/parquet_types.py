"""Whether the Parquet files of one table agree; what does not, engines widen, turn into text or refuse."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.backends.damage import unreadable
from mindgap.kernel.errors import StorageError

_KNOWN_FILES = 65_536


def agreed_schema(paths: Iterable[Path]) -> pa.Schema:
    """The columns of all files, matched by name, each in the order of the first file that has it.

    Raises:
        StorageError: A file is gone or damaged, or has another type of a column than one before.
    """
    found: dict[str, tuple[pa.DataType, Path]] = {}
    for path in paths:
        for name, kind in _columns(path):
            before, first = found.setdefault(name, (kind, path))
            if kind != before:
                raise StorageError(
                    f"The files of a table disagree: column {name!r} is {before} in {first.name} and"
                    f" {kind} in {path.name} ({path.parent}).",
                    hint="One of them was not written by this Mindgap. Restore a backup"
                    " (`mindgap state restore`), or read its source again.",
                )
    return pa.schema([(name, kind) for name, (kind, _) in found.items()])


def _columns(path: Path) -> tuple[tuple[str, pa.DataType], ...]:
    try:
        told = path.stat()
        return _read(path, told.st_mtime_ns, told.st_size)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path) from error


@lru_cache(maxsize=_KNOWN_FILES)
def _read(path: Path, changed_ns: int, size: int) -> tuple[tuple[str, pa.DataType], ...]:
    """A file's columns; size and time of the change are there so that another file is not taken for it."""
    del changed_ns, size
    return _same(tuple((field.name, _stored(field.type)) for field in pq.read_schema(path)))


@lru_cache(maxsize=1_024)
def _same(columns: tuple[tuple[str, pa.DataType], ...]) -> tuple[tuple[str, pa.DataType], ...]:
    """Equal columns once only, however many files have them."""
    return columns


def _stored(kind: pa.DataType) -> pa.DataType:
    """The type as it lies in the file, without how whoever wrote it held it in memory."""
    if isinstance(kind, pa.DictionaryType):
        return _stored(kind.value_type)
    if isinstance(kind, pa.ListType | pa.LargeListType):
        return pa.list_(_stored(kind.value_type))
    if pa.types.is_large_string(kind):
        return pa.string()
    return kind
