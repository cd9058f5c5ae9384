"""Brings a state database to the present schema with Alembic; the same migrations on every database."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mindgap.kernel.errors import StorageError

_FOLDER = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = (
    "select pg_advisory_xact_lock(hashtextextended('mindgap ' || current_setting('search_path'), 0)),"
    " set_config('statement_timeout', '0', true)"
)


def migrate(engine: sa.Engine, *, prepare: Callable[[sa.Connection], None] | None = None) -> None:
    """Run the migrations that this database has not seen.

    Args:
        engine: The database.
        prepare: Done first within the same transaction, on a database that has not been seen before.

    Raises:
        StorageError: The database was written by a newer Mindgap.
    """
    head = max(path.name.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    if prepare is None:
        with engine.connect() as connection:
            if _present(connection) == head:
                return
    with whole(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(_ONE_AT_A_TIME)
        if prepare is not None:
            prepare(connection)
        present = _present(connection)
        if present == head:
            return  # another process was faster
        if present is not None and present > head:
            raise StorageError(
                f"The workspace's state has schema {present}, this Mindgap knows {head}.",
                hint="Upgrade Mindgap, or open another workspace.",
            )
        _upgrade(connection)


@contextmanager
def whole(engine: sa.Engine, begin: str = "begin immediate") -> Generator[sa.Connection]:
    """One transaction for everything: what is cut off leaves nothing behind, not even a half-made schema.

    Python's driver for SQLite begins late, and commits before each change of the schema, unless it is told to
    keep out.

    Args:
        engine: The database.
        begin: How SQLite is to begin.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if engine.dialect.name == "sqlite":
            driver.isolation_level = None
            connection.exec_driver_sql(begin)
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            if engine.dialect.name == "sqlite":
                driver.isolation_level = ""


def _present(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
