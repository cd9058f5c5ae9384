"""The embedded state: one SQLite file, write-ahead log, every commit on disk before it counts."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from mindgap.backends.migrate import migrate
from mindgap.kernel.errors import StorageError


def open_sqlite(path: Path) -> sa.Engine:
    """A database engine on a SQLite file, brought to the present schema.

    Raises:
        StorageError: The file cannot be opened or is no state database.
    """
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
    event.listen(engine, "connect", _configure)
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        raise StorageError(
            f"The state database {path} cannot be opened: {type(error).__name__}.",
            hint="Check its permissions and free disk space; restore it from a backup if it is damaged.",
        ) from error
    return engine


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "busy_timeout = 10000"):
        cursor.execute(f"pragma {pragma}")
    cursor.close()
