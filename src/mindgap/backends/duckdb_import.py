"""Bringing data in with DuckDB: streams files of any size within a memory limit, spilling to disk."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mindgap.backends.duckdb_raw import literal, raw_query
from mindgap.kernel.errors import SourceError, StorageError
from mindgap.store.importing import RawSource, Staging, WritePlan, Written

MEMORY_LIMIT = "1GB"
THREADS = 2
_DISK_FULL = re.compile(r"no space left|disk full|disk quota|file too large|max_temp_directory_size", re.IGNORECASE)
_WRITE_FAILED = re.compile(r"(cannot|could not|failed to) (write|open file|create|sync|truncate)", re.IGNORECASE)
_RECORD_BROKEN = re.compile(r"invalid state|strict.mode", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDBImporter:
    """Reads sources with an in-memory DuckDB of their own.

    Attributes:
        memory_limit: What the engine may hold; the rest spills into the staging folder.
        threads: How many threads may work.
    """

    memory_limit: str = MEMORY_LIMIT
    threads: int = THREADS

    @contextmanager
    def open(self, source: RawSource, folder: Path, /) -> Iterator[Staging]:
        """Open a source; see `mindgap.store.importing.Importer`."""
        settings = {
            "memory_limit": self.memory_limit,
            "threads": self.threads,
            "temp_directory": str(folder / "spill"),
            "TimeZone": "UTC",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect() as connection:
            for name, value in settings.items():
                connection.execute(f"set {name} = {literal(value) if isinstance(value, str) else value}")
            staging = _DuckDBStaging(connection=connection, source=source, folder=folder)
            with _own_errors(source):
                staging.stage()
            yield staging


@contextmanager
def _own_errors(source: RawSource) -> Iterator[None]:
    """Turn the engine's errors into ours; theirs may quote rows, ours never do."""
    name = source.path.name
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InternalException) as error:
        text = str(error)
        if _DISK_FULL.search(text):
            raise StorageError(
                f"The disk is full: {name} could not be brought in.",
                hint="Free some space and run again; nothing was changed.",
            ) from None
        if isinstance(error, duckdb.OutOfMemoryException):
            raise StorageError(
                f"{name} needs more memory or disk than this machine has free.",
                hint="Free some space and run again; nothing was changed.",
            ) from None
        if _WRITE_FAILED.search(text):
            raise StorageError(f"Nothing could be written while {name} was read.", hint="Check the folder's rights.") from None
        raise SourceError(f"{name} is damaged and cannot be read.", hint="Export it again.") from None
    except duckdb.Error as error:
        if _RECORD_BROKEN.search(str(error)):
            raise BrokenLinesError(f"{name} mixes kinds of line ends or quotes.", hint="Save it again as CSV.") from None
        raise SourceError(f"{name} cannot be read as {source.format}.", hint="Is it damaged? Export it again.") from None
