"""The state on PostgreSQL: a schema of its own for each workspace, so that several share one database."""

import os
import re
import weakref
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError

from mindgap.backends.migrate import migrate
from mindgap.backends.state_errors import gone, postgres_error
from mindgap.kernel.errors import SettingsError

PASSWORD_VARIABLE = "MINDGAP_STATE_PASSWORD"  # noqa: S105 - its name, not a password
_NAMES = {"postgres", "postgresql", "postgresql+psycopg"}
_SECRETS = {"password", "sslpassword"}
_PORT = 5432
_SCHEMA = re.compile(r"(?!pg_|public$|information_schema$)[a-z_][a-z0-9_]{0,62}")
_CONNECT: dict[str, Any] = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,
}
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
# not to_regnamespace(): the server answers it from a cache that may not know what was made a moment ago
_LOOK = sa.text(
    "select current_setting('server_encoding') as encoding, n.oid is not null as is_there,"
    " obj_description(n.oid, 'pg_namespace') as claim"
    " from (select 1) as one left join pg_namespace as n on n.nspname = :schema"
)


def open_postgres(address: str, *, schema: str, owner: str, may_be_new: bool = True) -> sa.Engine:
    """A database engine on a schema, brought to the present tables.

    The password is that of MINDGAP_STATE_PASSWORD; without it libpq looks for PGPASSWORD and ~/.pgpass.
    Whatever the database refuses later on is raised as one of our errors too, wherever it is used.

    Args:
        address: `postgresql://user@host/database`, without a password.
        schema: The schema; it is made when it is not there.
        owner: Id of the workspace; a schema belongs to the first that opens it.
        may_be_new: Whether the schema may be made.

    Raises:
        SettingsError: The address or the schema cannot be used, the schema is another workspace's, or psycopg
            is not installed.
        StorageError: The database cannot be reached or refuses; or the schema is not there and must be.
        BusyError: Another process holds it for too long.
    """
    url = postgres_url(address)
    if not _SCHEMA.fullmatch(schema):
        raise SettingsError(
            f"state_schema cannot be {schema!r}.",
            hint="Use small letters, digits and _, such as mindgap_shop.",
        )
    engine = _engine(url, schema)
    claim = _Claim(schema=schema, owner=owner, may_be_new=may_be_new, place=place(url))
    try:
        with engine.connect() as connection:
            is_ours = claim.is_ours(connection)
        migrate(engine, prepare=None if is_ours else claim.make)
    except BaseException:
        engine.dispose()
        raise
    return engine


def postgres_url(address: str) -> sa.URL:
    """The address for SQLAlchemy and psycopg.

    Raises:
        SettingsError: It is none, or holds a password.
    """
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "The address of the state is no URL.", hint="Write sqlite, or postgresql://user@host/database."
        ) from None
    if url.drivername not in _NAMES:
        raise SettingsError(
            "The state can be kept in SQLite and PostgreSQL only.",
            hint="Write sqlite, or postgresql://user@host/database.",
        )
    if url.password is not None or _SECRETS & set(url.query):
        raise SettingsError(
            "The address of the state holds a password.",  # which may have gone astray into any part of it
            hint=f"Take it out, and put it into the environment as {PASSWORD_VARIABLE}.",
        )
    return url.set(drivername="postgresql+psycopg")


def place(url: sa.URL) -> str:
    """Where a database is, as messages may say it."""
    hosts = url.normalized_query.get("host", ())
    said = next(iter(url.normalized_query.get("port", ())), "") or os.environ.get("PGPORT") or _PORT
    servers = (
        [f"{url.host}:{url.port or said}"]
        if url.host
        else [host if ":" in host else f"{host}:{said}" for host in hosts or ("localhost",)]
    )
    return f"{','.join(servers)}/{url.database or url.username or ''}"


def _engine(url: sa.URL, schema: str) -> sa.Engine:
    password = os.environ.get(PASSWORD_VARIABLE)
    given = {"password": password} if password else {}
    usual = {"application_name": schema} | _CONNECT
    unsaid = {name: value for name, value in usual.items() if name not in url.query}
    try:
        engine = sa.create_engine(
            url,
            connect_args=unsaid | given,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
        )
    except ImportError:
        raise SettingsError(
            "A state on PostgreSQL needs the package psycopg.", hint='pip install "mindgap[postgres]"'
        ) from None
    session = _SESSION | {"search_path": f'"{schema}"'}

    def configure(connection: Any, record: Any) -> None:
        weakref.finalize(record, connection.close)  # psycopg wants connections closed, not just forgotten
        with connection.cursor() as cursor:
            chosen = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in session.items())
            cursor.execute(f"select {chosen}")
        connection.commit()

    def told(context: Any) -> Exception | None:
        return postgres_error(place(url), context)

    event.listen(engine, "connect", configure, insert=True)
    event.listen(engine, "handle_error", told, retval=True)
    return engine


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A schema is one workspace's; a comment on it says whose."""

    schema: str
    owner: str
    may_be_new: bool
    place: str

    @property
    def words(self) -> str:
        return f"State of the Mindgap workspace {self.owner}"

    def is_ours(self, connection: sa.Connection) -> bool:
        return self._look(connection).claim == self.words

    def make(self, connection: sa.Connection) -> None:
        """Take the schema, and make it where it is not there."""
        found = self._look(connection)
        if found.claim == self.words:
            return  # another process was faster
        if found.claim or sa.inspect(connection).get_table_names(self.schema):
            raise SettingsError(
                f"The schema {self.schema} of {self.place} is another workspace's, or holds other tables.",
                hint="Choose another one: --schema, or state_schema in mindgap.toml. If that is no more,"
                f' delete it on the server: drop schema "{self.schema}" cascade.',
            )
        if not self.may_be_new:
            raise gone(f"the schema {self.schema} of {self.place}")
        if not found.is_there:
            connection.exec_driver_sql(f'create schema "{self.schema}"')
        words = self.words.replace("'", "''")
        connection.exec_driver_sql(f"comment on schema \"{self.schema}\" is '{words}'")

    def _look(self, connection: sa.Connection) -> sa.Row[Any]:
        found = connection.execute(_LOOK, {"schema": self.schema}).one()
        if found.encoding != "UTF8":
            raise SettingsError(
                f"The database {self.place} keeps texts as {found.encoding}.",
                hint="Use one that was made with encoding UTF8.",
            )
        return found
