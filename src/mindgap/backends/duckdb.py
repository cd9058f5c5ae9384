"""The embedded engine: DuckDB 2 in memory over Parquet; no database file is ever shared."""

import os
import re
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from mindgap.backends.damage import unreadable
from mindgap.backends.duckdb_errors import interruptible
from mindgap.backends.duckdb_files import filled, readable
from mindgap.backends.duckdb_instances import Instances, beside
from mindgap.backends.parquet_types import agreed_schema
from mindgap.kernel.errors import MindgapError, StorageError
from mindgap.kernel.quoting import literal, quoted
from mindgap.store.engine import Relation
from mindgap.store.parquet import PLAIN, ParquetCipher, is_encrypted

DISK_FULL = re.compile(
    r"no space left|disk full|disk quota|file too large|max_temp_directory_size", re.IGNORECASE
)
"""What the engine says when the disk is full."""
_QUOTED_MESSAGE = re.compile(r'"exception_message":"((?:[^"\\]|\\.)*)"')
_READING = re.compile(
    r"""(?:read file|the pattern|end of file|File|footer of file) ["']([^"'\n]+\.parquet)["']"""
)
"""What the engine says when it cannot read a file."""
_DAMAGED = re.compile(r"TProtocolException|don't know what type|Invalid TType")
"""What it says of damaged files that it does not name."""
# Functions of the common SQL subset that DuckDB lacks under that name.
_SHIM = (
    "create macro unix_seconds(moment) as cast(floor(epoch(moment)) as bigint)",
    "create macro unix_micros(moment) as epoch_us(moment)",
    "create macro get_json_object(document, path) as json_extract_string(document, path)",
    # a JSON list as rows of its position, from 1, and its item; anything else is no rows
    """create macro numbered_items(document) as case when json_valid(document) then list_transform(
        json_extract(document, '$[*]'), lambda one, n: {'position': n, 'item': cast(one as varchar)}) end""",
    "create macro explode(items) as unnest(items)",
    # what is a number in a text: engines differ on `1d`, `0x1p3`, `1_0` and `inf`
    r"""create macro number_in(words) as case
        when regexp_full_match(trim(words), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?')
        then try_cast(trim(words) as double) end""",
    # a JSON object of strings as a map
    "create macro text_map(document) as cast(cast(document as json) as map(varchar, varchar))",
    # the types of what a JSON object holds, by key
    """create macro json_types(document) as map_from_entries(list_transform(json_keys(document), lambda one: {
        'key': one, 'value': case json_type(document, '/' || replace(replace(one, '~', '~0'), '/', '~1'))
            when 'VARCHAR' then 'text' when 'BOOLEAN' then 'flag' when 'ARRAY' then 'list'
            when 'OBJECT' then 'object' when 'NULL' then 'nothing' else 'number' end}))""",
    # a JSON list of strings as a list
    "create macro text_list(document) as cast(cast(document as json) as varchar[])",
    "create macro array_join(items, mark) as array_to_string(items, mark)",
    # another number on every engine: only to see what is the same, never to keep
    "create macro quick_hash(words) as hash(words)",
    "create macro row_hash(meaning) as ((md5_number(meaning) & 18446744073709551615) >> 1)::bigint",
)


_HELD_ROWS = 1_000_000
"""Of more than these `hold` makes a table."""
_PART_MB = 600
"""What a part of `side_by_side` has of memory, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDBEngine:
    """Runs queries in an in-memory DuckDB; no session sees what another one bound.

    Attributes:
        scratch: Where queries larger than memory spill.
        memory_limit_mb: How much memory DuckDB may use before it spills.
        threads: Worker threads; 0 for all cores.
        cipher: Has the key of encrypted files.
    """

    scratch: Path
    memory_limit_mb: int = 2_000
    threads: int = 0
    cipher: ParquetCipher = PLAIN
    name: str = "duckdb"
    rows_at_once: int = 500_000
    _instances: Instances = field(init=False, repr=False, compare=False, default_factory=Instances)

    @contextmanager
    def session(self, relations: Mapping[str, Relation]) -> Generator["DuckDBSession"]:
        """Open a connection in which each relation is a view under its name.

        Raises:
            StorageError: A table's file is gone or damaged, or the disk is full.
        """
        settings = {
            "memory_limit": f"{self.memory_limit_mb}MB",
            "threads": str(self.threads or os.cpu_count() or 1),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "default_null_order": "nulls_first_on_asc_last_on_desc",  # as on Spark
        }
        with self._instances.lend(settings, scratch=self.scratch, functions=_SHIM) as connection:
            session = DuckDBSession(connection, cipher=self.cipher)
            session.bind(relations)
            yield session

    def side_by_side(self, wanted: int) -> Sequence["DuckDBEngine"]:
        """Engines for work in parts: two with a thread each do more than one with two threads."""
        threads = self.threads or os.cpu_count() or 1
        parts = max(1, min(wanted, threads, self.memory_limit_mb // _PART_MB))
        part = replace(self, threads=threads // parts, memory_limit_mb=self.memory_limit_mb // parts)
        return [part] * parts

    def missing(self) -> Sequence[MindgapError]:
        """What keeps it from working here: nothing, it is embedded."""
        return ()


class DuckDBSession:
    """Tables bound in one DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, cipher: ParquetCipher = PLAIN) -> None:
        self._connection = connection
        self._cipher = cipher

    def bind(self, relations: Mapping[str, Relation]) -> None:
        """See these tables too; a name that was bound before means the new one from now on."""
        with _own_errors():
            for name, relation in relations.items():
                _bind(self._connection, name, relation, cipher=self._cipher)

    def hold(self, name: str, relation: Relation, *, rows: int) -> Relation:
        """Work a table out once: as rows in memory, or where they are many, as a table, which spills.

        A table costs twice as much, for statistics that nobody asks for.
        """
        self.bind({f"{name}__whole": relation})
        told = f'select * from "{name}__whole"'
        with _own_errors():
            self._connection.execute(f"drop table if exists held__{name}__table")
            if rows > _HELD_ROWS:
                self._connection.execute(f"create temp table held__{name}__table as {told}")
                kept = self._connection.sql(f"select * from held__{name}__table")
            else:
                kept = self._connection.sql(told).materialize()
            self._connection.register(f"held__{name}", kept)
        return Relation(sql=f"select * from held__{name}")

    def table(self, sql: str, *, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """The result of a query as Arrow."""
        with _own_errors():
            relation = (
                self._connection.sql(sql, params=dict(parameters))
                if parameters
                else self._connection.sql(sql)
            )
            return relation.to_arrow_table()

    def save(self, sql: str, path: Path) -> int:
        """Write the result of a query to one zstd Parquet file; returns its number of rows."""
        target = str(path).replace("'", "''")
        with _own_errors():
            copy = f"copy ({sql}) to '{target}' (format parquet, compression zstd)"
            row = self._connection.execute(copy).fetchone()
        return int(row[0]) if row else 0

    def save_days(self, sql: str, folder: Path) -> Mapping[int, tuple[Path, int]]:
        """Write the result of a query to one zstd Parquet file for each value of its column `day`.

        The engine's own copy into partitions writes rows in the order in which threads finish, and now and
        then several files for one value; the same rows are to give the same bytes. Such files are many, small
        and read whole: packing them harder, or filters to pass them over, cost more than they save.
        """
        folder.mkdir(parents=True, exist_ok=True)
        run = self._connection.execute
        with _own_errors():
            run(f"create or replace table held__by_day as {sql}")
            days = dict(run("select day, count(*) from held__by_day group by day order by day").fetchall())
            files = {day: folder / f"{day}.parquet" for day in days}
            (threads,) = run("select current_setting('threads')").fetchall()[0]
            with ThreadPoolExecutor(int(threads)) as pool:  # a file of one day keeps one thread busy
                list(pool.map(self._save_day, files, files.values()))
            run("drop table held__by_day")
        return {day: (files[day], rows) for day, rows in days.items()}

    def _save_day(self, day: int, path: Path) -> None:
        options = "format parquet, compression zstd, compression_level 1, write_bloom_filter false"
        with beside(self._connection) as connection:
            connection.execute(
                f"copy (select * from held__by_day where day = {day:d}) to {literal(path)} ({options})"
            )


@contextmanager
def _own_errors() -> Generator[None]:
    try:
        with interruptible():
            yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InvalidInputException) as error:
        raise _own_error(str(error)) from error
    except duckdb.Error as error:
        if type(error) is not duckdb.Error:  # of a kind of its own: a mistake in a query, say
            raise
        raise _own_error(str(error)) from error


def _own_error(text: str) -> StorageError:
    """What the engine says of its files, shorter."""
    if DISK_FULL.search(text):
        return StorageError(
            "The disk is full: a table could not be written.",
            hint="Free some space and run the same command again; what was finished is kept.",
        )
    named = _READING.search(text)
    if named:
        return unreadable(Path(named[1]))
    if _DAMAGED.search(text):
        return StorageError(
            "A table's files cannot be read: one of them is damaged.", hint="`mindgap doctor` looks for it."
        )
    found = _QUOTED_MESSAGE.search(text)
    return StorageError(
        f"The engine could not read or write its files: {found.group(1) if found else text.splitlines()[0]}",
        hint="Check free disk space and permissions, then run the same command again.",
    )


def _bind(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    relation: Relation,
    *,
    cipher: ParquetCipher,
    view: str = "",
) -> None:
    """Make a view of a relation.

    Args:
        connection: Where.
        name: What nothing else is called there; the view's own, unless `view` says otherwise.
        relation: What it shows.
        cipher: Has the key of encrypted files.
        view: Its name with its schema, quoted.
    """
    if relation.sql:
        source = _bind_query(connection, name, relation, cipher=cipher)
    elif relation.rows is not None:
        connection.register(f"{name}__rows", relation.rows)
        source = f"{name}__rows"
    elif relation.paths:
        source = _bind_files(connection, name, relation, cipher=cipher)
    else:
        schema = relation.schema if relation.schema is not None else pa.schema([])
        connection.register(f"{name}__empty", schema.empty_table())
        source = f"{name}__empty"
    conditions: list[str] = []
    if relation.before is not None:
        conditions.append(f"{relation.time_column} < timestamp '{relation.before.isoformat(sep=' ')}'")
    if relation.since is not None:
        conditions.append(f"{relation.time_column} >= timestamp '{relation.since.isoformat(sep=' ')}'")
    if relation.allowed_for:
        conditions.append(f"list_contains(string_split(purposes, ' '), '{relation.allowed_for}')")
    if relation.withheld:
        connection.register(
            f"{name}__withheld", pa.table({"customer_id": pa.array(relation.withheld, pa.string())})
        )
        conditions.append(
            f"(customer_id is null or customer_id not in (select w.customer_id from {name}__withheld as w))"
        )
    conditions += _forgotten(connection, name, relation.suppressed, source=source)
    where = f" where {' and '.join(conditions)}" if conditions else ""
    connection.execute(f"create or replace view {view or quoted(name)} as select * from {source}{where}")


def _bind_files(
    connection: duckdb.DuckDBPyConnection, name: str, relation: Relation, *, cipher: ParquetCipher
) -> str:
    """The files of a relation, with all of its columns."""
    found = agreed_schema(path for path in relation.paths if not is_encrypted(path))
    source = readable(connection, f"{name}__encrypted", relation.paths, cipher=cipher)
    if relation.schema is None or set(relation.schema.names) <= set(found.names):
        return source
    return filled(connection, source, relation.schema)


def _forgotten(
    connection: duckdb.DuckDBPyConnection, name: str, suppressed: Mapping[str, Sequence[str]], *, source: str
) -> list[str]:
    """Conditions that keep people out who are being forgotten, for the columns that there are."""
    if not suppressed:
        return []
    columns = {row[0] for row in connection.execute(f"describe select * from {source}").fetchall()}
    conditions: list[str] = []
    for column in sorted(columns & set(suppressed)):
        held = f"{name}__forgotten_{column}"
        connection.register(held, pa.table({"text": pa.array(suppressed[column], pa.string())}))
        conditions.append(f'("{column}" is null or "{column}" not in (select f.text from "{held}" as f))')
    return conditions


def _bind_query(
    connection: duckdb.DuckDBPyConnection, name: str, relation: Relation, *, cipher: ParquetCipher
) -> str:
    """A query over inputs of its own, which other relations may call otherwise.

    Both are views of a schema of their own, where a view looks for names first. As common table expressions
    inputs that are used twice would be worked out by one thread, or kept with all their columns.
    """
    schema = quoted(f"{name}__query")
    connection.execute(f"create schema if not exists {schema}")
    for key, inner in relation.inputs.items():
        _bind(connection, f"{name}__{key}", inner, cipher=cipher, view=f"{schema}.{quoted(key)}")
    connection.execute(f'create or replace view {schema}."query__" as {relation.sql}')
    return f'{schema}."query__"'
