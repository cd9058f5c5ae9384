"""Moves a state from one database to another: copied, compared, switched over, and what was there kept."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from mindgap.backends.folder import disk_errors
from mindgap.backends.migrate import whole
from mindgap.backends.sqlite import open_sqlite
from mindgap.backends.state import StateAddress, alone, open_schema, open_state
from mindgap.backends.state_copy import Content, copy, held, unhurried
from mindgap.kernel.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A state that was moved.

    Attributes:
        source: Where it was.
        target: Where it is.
        kept: Where the old copy is.
        tables: What every table holds, compared on both sides.
    """

    source: str
    target: str
    kept: str
    tables: Mapping[str, Content]


def move(
    source: StateAddress, target: StateAddress, *, at: datetime, force: bool, switch: Callable[[], None]
) -> Moved:
    """Move a state while nobody else works with it.

    Whatever goes wrong before `switch` is called leaves the old state as it was, and in force.

    Args:
        source: Where it is.
        target: Where it is to be.
        at: Now; the old copy is named after it.
        force: Whether a state that is there already may go.
        switch: Makes every process from now on open the target; called once it is there and the same.

    Raises:
        UsageError: There is a state already, and `force` is False.
        BusyError: Another process has the state open.
        StorageError: A database cannot be reached or refuses, or the copy is not the same.
    """
    stamp = f"{at:%Y%m%dt%H%M%S}"
    with ExitStack() as stack:
        old = stack.enter_context(_disposed(open_state(source)))
        new = stack.enter_context(_disposed(_open_target(target, force=force)))
        stack.enter_context(alone(source.data))
        with held(old) as reading:
            with whole(new) as writing:
                unhurried(writing)
                tables = copy(reading, writing, force=force)
            new.dispose()
            _put_in_place(target, stamp)
            switch()
            kept = _set_schema_aside(reading, source, stamp) if source.file is None else ""
        old.dispose()
        if source.file is not None:
            kept = str(_set_file_aside(source.file, f"moved-{stamp}"))
    return Moved(source=str(source), target=str(target), kept=kept, tables=tables)


@contextmanager
def _disposed(engine: sa.Engine) -> Generator[sa.Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


def _draft(file: Path) -> Path:
    return file.with_name("state-draft.db")


def _open_target(target: StateAddress, *, force: bool) -> sa.Engine:
    if target.file is None:
        return open_schema(target)
    if target.file.exists() and not force:
        raise UsageError(f"There is a state already: {target.file}.", hint="--force sets it aside.")
    draft = _draft(target.file)
    with disk_errors():
        for leftover in target.data.glob(f"{draft.name}*"):
            leftover.unlink()
    return open_sqlite(draft)


def _put_in_place(target: StateAddress, stamp: str) -> None:
    if target.file is not None:
        if target.file.exists():
            _set_file_aside(target.file, f"replaced-{stamp}")
        with disk_errors():
            _draft(target.file).replace(target.file)


def _set_file_aside(file: Path, why: str) -> Path:
    """Rename a database with the log that a crash left, which would else go into what takes its place."""
    aside = file.with_name(f"state-{why}.db")
    with disk_errors():
        for suffix in ("-wal", "-shm"):
            beside = file.with_name(file.name + suffix)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + suffix))
        file.replace(aside)
    return aside


def _set_schema_aside(reading: sa.Connection, source: StateAddress, stamp: str) -> str:
    """Rename the schema: a process that still has it open finds nothing there, and says so."""
    aside = f"{source.schema[:40]}_moved_{stamp}"
    reading.exec_driver_sql(f'alter schema "{source.schema}" rename to "{aside}"')
    return f"schema {aside}"
