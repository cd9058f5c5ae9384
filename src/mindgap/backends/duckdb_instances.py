"""Embedded databases that outlive a session: to open one takes longer than most questions do.

Each serves one session at a time, which has a catalogue of its own that goes with it. What stays is what no
session changes: the functions that all know, and what was read of the ends of Parquet files, which DuckDB
reads anew where a file has changed.
"""

import os
import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import duckdb

_OWN = "own__"
_KEPT = 2
_SECONDS = 1.0
"""For so long, all its sessions together, a database serves: it keeps memory that it needs no more."""


@dataclass(slots=True, kw_only=True)
class _Instance:
    """One database in memory.

    Attributes:
        connection: To its catalogue with the functions.
        spill: Where queries larger than memory spill; there once one did.
        process: Who opened it; a fork has its own.
        seconds: How long its sessions took, together.
    """

    connection: duckdb.DuckDBPyConnection
    spill: Path
    process: int
    seconds: float = 0.0

    def close(self) -> None:
        """Give back all that it holds."""
        self.connection.close()
        shutil.rmtree(self.spill, ignore_errors=True)


_OF_OTHERS: list[_Instance] = []
"""What a fork found: its threads are not there, and to close it would end the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instances:
    """Lends databases of one kind and keeps some for later."""

    _idle: list[_Instance] = field(default_factory=list)

    @contextmanager
    def lend(
        self, settings: Mapping[str, str], *, scratch: Path, functions: Sequence[str]
    ) -> Generator[duckdb.DuckDBPyConnection]:
        """A connection that sees no table yet.

        A database is closed after a session that broke, or that spilled, and once it has served for a while:
        whatever it holds then goes too.

        Args:
            settings: As DuckDB names them; the same each time.
            scratch: Where queries larger than memory spill, each database into a folder of its own: two
                that share one overwrite each other's files.
            functions: Statements that make the functions that all sessions know.
        """
        with suppress(OSError):  # the engine makes only the last folder, and says so when it cannot
            scratch.mkdir(parents=True, exist_ok=True)
        spill = scratch / f"{os.getpid()}-{uuid4().hex}"
        instance = self._taken() or _opened(settings, spill=spill, functions=functions)
        is_good, began = False, time.perf_counter()
        try:
            instance.connection.execute(f"attach ':memory:' as {_OWN}")
            with beside(instance.connection) as connection:
                yield connection
            instance.seconds += time.perf_counter() - began
            is_young = instance.seconds < _SECONDS
            with suppress(duckdb.Error):  # after an internal error, of which was told, it does nothing more
                instance.connection.execute(f"detach {_OWN}")
                is_good = is_young and len(self._idle) < _KEPT and not instance.spill.exists()
        finally:
            if is_good:
                self._idle.append(instance)
            else:
                instance.close()

    def _taken(self) -> _Instance | None:
        with suppress(IndexError):  # several threads ask at once
            instance = self._idle.pop()
            if instance.process == os.getpid():
                return instance
            _OF_OTHERS.append(instance)
        return None


def _opened(settings: Mapping[str, str], *, spill: Path, functions: Sequence[str]) -> _Instance:
    config: dict[str, str | bool | int | float | list[str]] = {**settings, "temp_directory": str(spill)}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute(";".join(("set global parquet_metadata_cache = true", *functions)))
    return _Instance(connection=connection, spill=spill, process=os.getpid())


@contextmanager
def beside(connection: duckdb.DuckDBPyConnection) -> Generator[duckdb.DuckDBPyConnection]:
    """A further connection to what a session sees, for another thread; temporary tables apart."""
    with connection.cursor() as further:
        hush(further)
        further.execute(f"set search_path = '{_OWN}.main,memory.main'")
        yield further


def hush(connection: duckdb.DuckDBPyConnection) -> None:
    """No progress bar: where the main program is no file, it would mix with what we print.

    A notebook without ipywidgets has no bar, and refuses the setting.
    """
    with suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")
