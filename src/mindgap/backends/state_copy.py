"""Copies of a state: whole, of one moment, to any database, and compared by the hashes of their tables."""

import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mindgap.backends.accounts import metadata
from mindgap.backends.columns import finite
from mindgap.backends.migrate import whole
from mindgap.backends.sqlite import open_sqlite
from mindgap.kernel.errors import BusyError, StorageError, UsageError

_TABLES = metadata.sorted_tables
_AT_ONCE = 1_000
_UNHURRIED = (
    "select set_config('statement_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)
_OTHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and application_name = current_setting('application_name')"
)
_FILE_BYTES = "select page_count * page_size from pragma_page_count(), pragma_page_size()"
_SCHEMA_BYTES = (
    "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class"
    " where relkind = 'r' and relnamespace = current_schema()::regnamespace"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a table holds.

    Attributes:
        rows: Number of rows.
        sha256: Of all its rows in the order of their keys, the same on every database.
    """

    rows: int
    sha256: str


def contents(connection: sa.Connection) -> Mapping[str, Content]:
    """What every table holds, by name."""
    return {table.name: _content(connection, table) for table in _TABLES}


def rows(connection: sa.Connection) -> Mapping[str, int]:
    """How many rows every table has, by name."""
    counts = {table.name: sa.select(sa.func.count()).select_from(table) for table in _TABLES}
    return {name: int(connection.execute(count).scalar_one()) for name, count in counts.items()}


def copy(source: sa.Connection, target: sa.Connection, *, force: bool = False) -> Mapping[str, Content]:
    """Fill a state with another one's rows and compare the two; the caller commits.

    Args:
        source: What is copied, in a transaction that sees one moment.
        target: Where to, in a transaction that is rolled back when this fails.
        force: Whether what is in the target goes.

    Raises:
        UsageError: The target is not empty, and `force` is False; or it cannot keep a text.
        StorageError: The copy is not the same.
    """
    if any(rows(target).values()) and not force:
        raise UsageError(
            "There is a state already where this one is to go.",
            hint="Choose another schema; or --force, which deletes what is there.",
        )
    for table in reversed(_TABLES):
        target.execute(sa.delete(table))
    for table in _TABLES:
        _fill(source, target, table)
    wanted, found = contents(source), contents(target)
    if wanted != found:
        differing = ", ".join(name for name in wanted if wanted[name] != found[name])
        raise StorageError(f"The copy of the state differs in {differing}.", hint="Nothing was changed.")
    return found


def copy_to_file(engine: sa.Engine, file: Path) -> int:
    """Copy a state as of one moment into a new SQLite file, while others read and write on.

    Returns:
        How many rows it has.
    """
    target = open_sqlite(file)
    try:
        with snapshot(engine) as reading, whole(target) as writing:
            return sum(table.rows for table in copy(reading, writing).values())
    finally:
        target.dispose()


def describe(engine: sa.Engine) -> Mapping[str, Any]:
    """Which database it is, how large, and how many rows each table has."""
    with snapshot(engine) as connection:
        version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
        is_file = engine.dialect.name == "sqlite"
        size = _FILE_BYTES if is_file else _SCHEMA_BYTES
        return {
            "database": f"{'SQLite' if is_file else 'PostgreSQL'} {version}",
            "bytes": int(connection.exec_driver_sql(size).scalar_one()),
            "tables": rows(connection),
        }


@contextmanager
def snapshot(engine: sa.Engine) -> Generator[sa.Connection]:
    """A state as of one moment, while others read and write on."""
    if engine.dialect.name == "sqlite":
        with whole(engine, "begin") as connection:
            yield connection
        return
    with engine.connect() as connection:
        reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with connection.execution_options(**reading).begin():
            unhurried(connection)
            yield connection


@contextmanager
def held(engine: sa.Engine) -> Generator[sa.Connection]:
    """A state that nobody else reads or writes meanwhile.

    Raises:
        BusyError: Another process has it open.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # SQLite leaves the write-ahead log only when no other connection is there
            connection.exec_driver_sql("pragma journal_mode = delete")
            connection.rollback()
        with whole(engine, "begin exclusive") as connection:
            yield connection
        return
    with engine.begin() as connection:
        unhurried(connection)
        _wait_for_others(connection)
        names = ", ".join(f'"{table.name}"' for table in _TABLES)
        connection.exec_driver_sql(f"lock table {names} in access exclusive mode")
        yield connection


def _wait_for_others(connection: sa.Connection) -> None:
    """A process that has just ended is seen for a moment longer."""
    for pause_s in (0.1, 0.4, 1.5, 0.0):
        connection.exec_driver_sql("select pg_stat_clear_snapshot()")
        if not connection.exec_driver_sql(_OTHERS).scalar_one():
            return
        time.sleep(pause_s)
    raise BusyError(
        "Another process has the state open.", hint="Stop mindgap serve and whatever else works here."
    )


def unhurried(connection: sa.Connection) -> None:
    """Let this transaction take as long as it needs."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_UNHURRIED)


def _fill(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    for some in _read(source, table).mappings().partitions(_AT_ONCE):
        target.execute(sa.insert(table), [dict(row) for row in some])
    if target.dialect.name == "postgresql" and "id" in table.c and table.c.id.identity is not None:
        greatest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        counter = sa.func.pg_get_serial_sequence(table.name, "id")
        target.execute(sa.select(sa.func.setval(counter, greatest)))


def _content(connection: sa.Connection, table: sa.Table) -> Content:
    digest, count = sha256(), 0
    for row in _read(connection, table):
        digest.update(json.dumps(finite(list(row)), default=_plain, sort_keys=True).encode())
        digest.update(b"\n")
        count += 1
    return Content(rows=count, sha256=digest.hexdigest())


def _read(connection: sa.Connection, table: sa.Table) -> sa.CursorResult[Any]:
    query = sa.select(table).order_by(*table.primary_key)
    return connection.execute(query, execution_options={"yield_per": _AT_ONCE})


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else bytes(value).hex()
