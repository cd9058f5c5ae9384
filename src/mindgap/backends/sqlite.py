"""The embedded state: one SQLite file, write-ahead log, every commit on disk before it counts."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, ProgrammingError

from mindgap.backends.locks import held
from mindgap.backends.migrate import migrate
from mindgap.backends.state_errors import gone
from mindgap.kernel.errors import BusyError, MindgapError, StorageError

_OWN_MISTAKES = (IntegrityError, ProgrammingError)
_SECONDS_TO_WAIT = 10
_PRAGMAS = (
    *("journal_mode = wal", "synchronous = full", "foreign_keys = on", "busy_timeout = 10000"),
    "secure_delete = on",  # what is deleted is overwritten, for it may be a person's
)


def open_sqlite(path: Path, *, may_be_new: bool = True) -> sa.Engine:
    """A database engine on a SQLite file, brought to the present schema.

    Whatever the database refuses later on is raised as one of our errors too, wherever it is used.

    Args:
        path: The file.
        may_be_new: Whether it may be made.

    Raises:
        StorageError: The file cannot be opened or is no state database; or it is not there and must be.
        BusyError: Another process holds it for too long.
    """
    url, wait = f"sqlite:///{path}", {"timeout": _SECONDS_TO_WAIT}
    engine = sa.create_engine(url, connect_args=wait, hide_parameters=True)
    event.listen(engine, "connect", _configure)

    def told(context: Any) -> MindgapError | None:
        raised = context.original_exception
        return raised if isinstance(raised, MindgapError) else _own_error(path, context)

    event.listen(engine, "handle_error", told, retval=True)
    # two processes that open a new workspace at once must not both make its tables
    with held(path.with_suffix(".lock"), wait_s=_SECONDS_TO_WAIT, busy=_busy(path)):
        if not may_be_new and not path.exists():
            raise gone(str(path))
        migrate(engine)
    return engine


def _own_error(path: Path, context: Any) -> MindgapError | None:
    """What an error of the database means; None leaves anything else as it is."""
    refusal = context.sqlalchemy_exception  # None for what is no refusal of the database, such as Ctrl-C
    if refusal is None or isinstance(refusal, _OWN_MISTAKES):
        return None
    text = str(context.original_exception).lower()
    if "is full" in text:
        return StorageError(
            "The disk is full: the workspace's state could not be written.",
            hint="Free some space and run the same command again; what was finished is kept.",
        )
    if "locked" in text:
        return _busy(path)
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return StorageError(
            f"The state database {path} cannot be written.",
            hint="Check the permissions of the file and of its folder, and that the disk is not read-only.",
        )
    if "i/o error" in text:
        return StorageError(
            f"The state database {path} could not be read or written: {context.original_exception}.",
            hint="Check free disk space and the disk itself, then run the same command again.",
        )
    return StorageError(
        f"The state database {path} is damaged or is none: {context.original_exception}.",
        hint="Restore it from a backup; or delete the folder .mindgap and bring the sources in again.",
    )


def _busy(path: Path) -> BusyError:
    return BusyError(f"Another process holds {path}.", hint="Wait until it has finished, or stop it.")


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"pragma {pragma}")
    cursor.close()
