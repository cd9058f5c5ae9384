"""The Database port on SQLAlchemy: whatever speaks SQL and has a Python driver, read-only and streamed."""

import os
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, ProgrammingError, SQLAlchemyError

from mindgap.backends.arrow_columns import arrow_column
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.store.database import Address, Database, Rows

_CHUNK_ROWS = 5_000
_SECONDS_TO_CONNECT = 10
_BIND = re.compile(r"(?<![:\\]):(?=\w)")
_ALIASES = {"postgres": "postgresql"}
_CONNECT_ARGS = {
    "sqlite": {"timeout": _SECONDS_TO_CONNECT},
    "postgresql": {"connect_timeout": _SECONDS_TO_CONNECT},
    "mysql": {"connect_timeout": _SECONDS_TO_CONNECT},
}


@contextmanager
def open_database(address: Address) -> Generator[Database]:
    """A database, opened for reading; see `mindgap.store.database.OpenDatabase`."""
    with connected(address) as connection:
        read_only = {"postgresql_readonly": True} if connection.dialect.name == "postgresql" else {}
        yield SqlDatabase(connection=connection.execution_options(**read_only))


@contextmanager
def connected(address: Address) -> Generator[sa.Connection]:
    """A connection of its own.

    Raises:
        SettingsError: The address is none, or its driver is not installed.
        SourceError: It cannot be reached or refuses us.
    """
    url = database_url(address)
    engine = _engine(url)
    try:
        try:
            connection = engine.connect()
        except SQLAlchemyError as error:
            raise SourceError(
                f"The database {place(url)} cannot be reached: {_first_line(error)}.",
                hint="Check its address, the user and the password in the environment.",
            ) from None
        with connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=_connect_args(url))
    except NoSuchModuleError:
        raise SettingsError(
            f"No kind of database is called {url.drivername!r}.",
            hint="Use postgresql, mysql, sqlite, ... as SQLAlchemy names them.",
        ) from None
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"Databases of kind {url.drivername!r} need the package {error.name!r}.",
            hint="Install it beside Mindgap.",
        ) from None


def database_url(address: Address) -> sa.URL:
    """The URL with its password from the environment.

    Raises:
        SettingsError: It is no URL, holds a password itself, or its password is not in the environment.
    """
    try:
        url = sa.make_url(address.url)
    except ArgumentError:
        raise SettingsError(
            "The address is no database URL.", hint="Write e.g. postgresql://user@host/database."
        ) from None
    if url.password is not None:
        raise SettingsError(
            f"The address of {place(url)} holds a password.",
            hint="Take it out, put it into an environment variable, and name that: password_env = NAME.",
        )
    name, _plus, driver = url.drivername.partition("+")
    name = _ALIASES.get(name, name)
    url = url.set(drivername=f"{name}+{driver}" if driver else name)
    if not address.password_env:
        return url
    password = os.environ.get(address.password_env)
    if password is None:
        raise SettingsError(
            f"The environment has no variable {address.password_env}, which is to hold the password.",
            hint="Set it where Mindgap is started.",
        )
    return url.set(password=password)


def anchored(url: str, folder: Path) -> str:
    """The same address, wherever it is used: an SQLite file is found from this folder."""
    head, mark, path = url.partition(":///")
    if not mark or not head.startswith("sqlite") or not path or path.startswith((":", "file:")):
        return url
    return f"{head}:///{(folder / path).absolute()}"


def place(url: sa.URL) -> str:
    """Where a database is, as messages may say it."""
    return f"{url.host or ''}/{Path(url.database or '').name}".lstrip("/")


def _connect_args(url: sa.URL) -> dict[str, int]:
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise SourceError(f"There is no database file {Path(url.database).name}.", hint="Check its path.")
    return _CONNECT_ARGS.get(url.get_backend_name(), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlDatabase:
    """One open connection.

    Attributes:
        connection: Of SQLAlchemy.
    """

    connection: sa.Connection

    def tables(self, schema: str = "") -> Sequence[str]:
        """Names of tables and views; see `mindgap.store.database.Database`."""
        with _own_errors("The database"):
            inspector = sa.inspect(self.connection)
            views: list[str] = []
            with suppress(NotImplementedError):
                views = inspector.get_view_names(schema or None)
            return sorted({*inspector.get_table_names(schema or None), *views})

    def columns(self, rows: Rows, /) -> Sequence[str]:
        """Names of columns."""
        query = sa.select(sa.text("*")).select_from(_origin(rows)).where(sa.false())
        with _own_errors(_called(rows)):
            return list(self.connection.execute(query).keys())

    def read(self, rows: Rows, /) -> Iterator[pa.RecordBatch]:
        """The rows, in chunks."""
        query = sa.select(sa.text("*")).select_from(_origin(rows)).limit(rows.limit)
        if rows.since is not None:
            query = query.where(sa.column(rows.cursor) >= rows.since)
        if rows.among:
            query = query.where(sa.column(rows.key).in_(list(rows.among)))
        for column in filter(None, (rows.cursor, rows.key)):
            query = query.order_by(sa.column(column))
        with _own_errors(_called(rows)):
            streamed = self.connection.execution_options(stream_results=True, max_row_buffer=_CHUNK_ROWS)
            with streamed.execute(query) as result:
                names = list(result.keys())
                for chunk in result.partitions(_CHUNK_ROWS):
                    columns = zip(*chunk, strict=True)
                    yield pa.RecordBatch.from_arrays([arrow_column(column) for column in columns], names)


def _origin(rows: Rows) -> sa.FromClause | sa.TextClause:
    if rows.select:
        return sa.text(f"({_BIND.sub(lambda _: chr(92) + ':', rows.select.rstrip().rstrip(';'))}) as wanted")
    schema, _point, table = rows.table.rpartition(".")
    return sa.table(table, schema=schema or None)


def _called(rows: Rows) -> str:
    return f"The table {rows.table}" if rows.table else "The select"


@contextmanager
def _own_errors(what: str) -> Generator[None]:
    """Say what the database refused; words of the database are repeated only where they hold no rows."""
    try:
        yield
    except ProgrammingError as error:
        raise SourceError(f"{what} cannot be read: {_first_line(error)}.", hint="Check its name.") from None
    except SQLAlchemyError as error:
        text = _first_line(error) if "no such" in str(error) else type(error).__name__
        raise SourceError(f"{what} cannot be read: {text}.", hint="Check it, and try again.") from None


def _first_line(error: SQLAlchemyError) -> str:
    """The database's own words; it never repeats a password."""
    original = getattr(error, "orig", None)
    return (str(original or type(error).__name__).strip().splitlines() or [""])[0].rstrip(".")
