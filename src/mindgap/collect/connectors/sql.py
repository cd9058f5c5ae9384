"""Any SQL database: a table or a select, read on by a cursor column or whole, landed as Parquet files.

Rows at the cursor's last value are read again, so that those which were written in the same moment as the
last one are not lost; those that landed already are left out, each as often as it landed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import pyarrow as pa

from mindgap.collect.files.landing import Landing, without_seen, write
from mindgap.collect.files.options import TABLE_KINDS
from mindgap.collect.files.table_options import TableOptions
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.store.database import Address, CursorValue, Database, Rows

_WITH_TRAITS = ("customers", "products")


class OPTIONS(TableOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a database; `path` is its SQLAlchemy URL, without a password.

    Attributes:
        password_env: Name of the environment variable that holds the password.
        table: The table, with its schema before a point where it has one.
        select: A query, in place of a table.
        cursor: A column that grows with each new or changed row, such as `updated_at` or `id`; without one
            everything is read each time.
        key: Columns that name a row for good: of rows with the same, the latest counts. Needed where rows
            change; without it a changed row is another row.
        overlap_s: How far back each reading begins where the cursor is a time, for rows that are written
            late, in seconds.
    """

    password_env: str = ""
    table: str = ""
    select: str = ""
    cursor: str = ""
    key: tuple[str, ...] = ()
    overlap_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0

    @property
    def called(self) -> str:
        """What people call it: the table's name."""
        return self.table.rpartition(".")[2] or "select"


def address_of(url: str, options: OPTIONS) -> Address:
    """Where the database is."""
    return Address(url=url, password_env=options.password_env)


def wanted(database: Database, options: OPTIONS) -> OPTIONS:
    """The same options with the table that is meant, and columns that are there.

    Raises:
        SettingsError: Both a table and a select are named, or it is not clear which table is meant.
        SourceError: There is no such table or column.
    """
    if options.table and options.select:
        raise SettingsError("Both a table and a select are named.", hint="Name one of them.")
    chosen = options if options.select or options.table else _only_table(database, options)
    columns = database.columns(_rows(chosen))
    for column in filter(None, (chosen.cursor, *chosen.key)):
        if column not in columns:
            raise SourceError(
                f"{chosen.called} has no column {column!r}.", hint=f"Columns: {', '.join(columns)}."
            )
    return chosen


def _only_table(database: Database, options: OPTIONS) -> OPTIONS:
    tables = database.tables()
    fitting = [name for name in tables if name.lower() == options.fills]
    if not fitting and len(tables) == 1:
        fitting = list(tables)
    if len(fitting) != 1:
        named = ", ".join(tables[:20]) or "none in its usual schema"
        raise SettingsError(
            "It is not clear which table is meant.",
            hint=f"Say --set table=NAME, and --as with one of {', '.join(TABLE_KINDS)}. Tables: {named}.",
        )
    return msgspec.structs.replace(options, table=fitting[0])


def sample(database: Database, options: OPTIONS, *, limit: int) -> Iterator[pa.RecordBatch]:
    """Some rows, to look at."""
    return database.read(_rows(options, limit=limit))


def land(
    database: Database, options: OPTIONS, landing: Landing, *, staging: Path, only: Sequence[str] = ()
) -> Iterator[Path]:
    """Files with what is new, in order; each is complete and can be kept before the next is asked for.

    Without a cursor these are all files there are to be.

    Args:
        database: The database.
        options: What is read.
        landing: What has landed.
        staging: Where files are written.
        only: The columns that are needed beside cursor and key; all by default. Others never touch the disk.
    """
    reached = landing.reached() if options.cursor else None
    since = None if reached is None else _earlier(reached, options.overlap_s)
    batches = _needed(database.read(_rows(options, since=since)), options, only)
    if since is not None:
        batches = _fresh(batches, options.cursor, landing.seen(since))
    yield from write(batches, landing, staging)


def needed_columns(options: OPTIONS, mapped: Iterable[str]) -> Sequence[str]:
    """The columns of which anything is made; none means all: the others of customers become traits."""
    if options.fills is None or options.fills in _WITH_TRAITS:
        return ()
    return sorted(filter(None, mapped))


def _needed(
    batches: Iterable[pa.RecordBatch], options: OPTIONS, only: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    wanted = {*only, options.cursor, *options.key}
    for batch in batches:
        yield batch.select([name for name in batch.schema.names if name in wanted]) if only else batch


def _fresh(batches: Iterable[pa.RecordBatch], cursor: str, seen: Counter[bytes]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        fresh = without_seen(batch, cursor, seen)
        if fresh.num_rows:
            yield fresh


def _rows(options: OPTIONS, *, since: CursorValue | None = None, limit: int | None = None) -> Rows:
    return Rows(table=options.table, select=options.select, cursor=options.cursor, since=since, limit=limit)


def _earlier(reached: CursorValue, overlap_s: float) -> CursorValue:
    if not overlap_s:
        return reached
    match reached:
        case datetime():
            return reached - timedelta(seconds=overlap_s)
        case date():
            return reached - timedelta(seconds=overlap_s)
        case str():
            return _earlier_text(reached, overlap_s)
        case _:
            return reached


def _earlier_text(text: str, overlap_s: float) -> str:
    """An earlier time in databases that hold times as texts."""
    try:
        moment = datetime.fromisoformat(text) - timedelta(seconds=overlap_s)
    except ValueError:
        return text
    return moment.isoformat("T" if "T" in text else " ")
