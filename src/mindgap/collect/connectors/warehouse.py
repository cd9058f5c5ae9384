"""Event tables of a warehouse as Segment and RudderStack fill them, turned back into messages.

`tracks`, `identifies`, `pages`, `screens`, `groups` and `aliases` hold a row per call; a table per event, its
name in snake case, holds the event's properties under the same id. Columns are flat: `context_page_url` was
`context.page.url`. Rows are read in the order in which they were loaded.

Loads overlap: a row may appear behind others that were read already. So each reading begins a little before
the last one ended, and the ids of that stretch are in the cursor.
"""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from mindgap.collect.connector import Clock, ConnectorSource, FeedOptions, entry_of
from mindgap.collect.events.flat_rows import message_of
from mindgap.kernel.errors import SettingsError
from mindgap.store.database import Address, Database, Rows
from mindgap.store.log import Entry

_CALLS = ("identifies", "aliases", "groups", "pages", "screens", "tracks")
"""Tables of calls; who is who comes first."""
_LOADED = ("uuid_ts", "loaded_at", "received_at")
"""Columns by which rows are read, the best first: when they were loaded, else when they arrived."""
_MOST_REMEMBERED = 5_000
_BATCH = 1_000
_ID_DIGITS = 8
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


class OPTIONS(FeedOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a warehouse; `path` is its URL, without a password.

    Attributes:
        password_env: Name of the environment variable that holds the password.
        schema: The schema of the source's tables; the database's usual one by default.
        tables: Which tables of calls are read; all that there are by default.
        overlap_s: How far back each reading begins, for rows that were loaded late, in seconds.
        since: Only rows loaded from this day on (ISO); all by default.
    """

    every_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    password_env: str = ""
    schema: str = ""
    tables: tuple[str, ...] = ()
    overlap_s: Annotated[int, msgspec.Meta(ge=0)] = 600
    since: date | None = None


class Reached(msgspec.Struct, kw_only=True):
    """How far one table was read.

    Attributes:
        at: The latest time that was read; empty before the first.
        is_text: Whether the database holds times as texts, written like this one.
        seen: Time by short mark of an id, for the rows of the overlap.
    """

    at: str = ""
    is_text: bool = False
    seen: dict[str, str] = msgspec.field(default_factory=dict)


_CURSOR = msgspec.json.Decoder(dict[str, Reached])


def lag(_cursor: str) -> int | None:
    """How many rows are waiting: to know that, they would have to be counted."""
    return None


def deliver(source: ConnectorSource, *, cursor: str, stop: threading.Event, clock: Clock) -> Iterator[Entry]:
    """Entries with the rows loaded since; see EventConnector."""
    options = source.options
    if not isinstance(options, OPTIONS):
        raise SettingsError(f"Source {source.name!r} is no warehouse.")
    reached = _CURSOR.decode(cursor) if cursor else {}
    address = Address(url=source.settings.path, password_env=options.password_env)
    with source.open_database(address) as database:
        known = set(database.tables(options.schema))
        for table in _wanted(source, options, known):
            reading = _Table(database, options, table, known=known)
            at = reached.setdefault(table, Reached())
            for messages in reading.messages(at):
                if stop.is_set():
                    return
                text = msgspec.json.encode(reached).decode()
                yield entry_of(source, messages, cursor=text, received_at=clock())


def _wanted(source: ConnectorSource, options: OPTIONS, known: set[str]) -> list[str]:
    unknown = [table for table in options.tables if table not in _CALLS]
    if unknown:
        raise SettingsError(
            f"Source {source.name!r}: {unknown[0]!r} is no table of calls.", hint=f"Use: {', '.join(_CALLS)}."
        )
    found = [table for table in _CALLS if table in known and (not options.tables or table in options.tables)]
    if not found:
        raise SettingsError(
            f"Source {source.name!r}: the warehouse has none of {', '.join(options.tables or _CALLS)}.",
            hint="Name the schema that holds them: schema = NAME.",
        )
    return found


class _Table:
    """One table of calls and how its rows become messages."""

    def __init__(self, database: Database, options: OPTIONS, table: str, *, known: set[str]) -> None:
        self._database = database
        self._options = options
        self._table = table
        self._known = known
        columns = set(database.columns(Rows(table=self._place(table))))
        self._by = next((column for column in _LOADED if column in columns), "")
        if not self._by or "id" not in columns:
            raise SettingsError(
                f"The table {table} has no column id, or none of {', '.join(_LOADED)}.",
                hint="Is it a table that Segment or RudderStack fills?",
            )

    def messages(self, reached: Reached) -> Iterator[list[bytes]]:
        """Messages of the rows behind; `reached` moves on with them."""
        since = self._since(reached)
        wanted = Rows(table=self._place(self._table), cursor=self._by, since=since, key="id")
        for batch in self._database.read(wanted):
            rows = [row for row in batch.to_pylist() if _mark(row["id"]) not in reached.seen]
            for start in range(0, len(rows), _BATCH):
                chosen = rows[start : start + _BATCH]
                found = [message_of(self._table, row) for row in self._with_properties(chosen)]
                self._move_on(reached, chosen)
                yield found

    def _with_properties(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Rows of `tracks`, each with the columns of its event's own table."""
        if self._table != "tracks":
            return list(rows)
        ids: dict[str, list[str]] = {}
        for row in rows:
            own = event_table(str(row.get("event") or row.get("event_text") or ""))
            if own in self._known:
                ids.setdefault(own, []).append(row["id"])
        own_rows: dict[str, Mapping[str, Any]] = {}
        for table, among in ids.items():
            wanted = Rows(table=self._place(table), key="id", among=among)
            for batch in self._database.read(wanted):
                own_rows |= {row["id"]: row for row in batch.to_pylist()}
        return [{**own_rows.get(row["id"], {}), **row} for row in rows]

    def _since(self, reached: Reached) -> datetime | str | None:
        if not reached.at:
            day = self._options.since
            return None if day is None else datetime(day.year, day.month, day.day)
        earlier = timedelta(seconds=self._options.overlap_s)
        if reached.is_text:
            return _earlier_text(reached.at, earlier)
        return datetime.fromisoformat(reached.at) - earlier

    def _move_on(self, reached: Reached, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        times = [(_mark(row["id"]), _written(row[self._by])) for row in rows]
        reached.seen |= dict(times)
        reached.at = max(reached.at, *(at for _mark_, at in times))
        reached.is_text = isinstance(rows[-1][self._by], str)
        horizon = _written(self._since(reached))
        recent = [(mark, at) for mark, at in reached.seen.items() if at >= horizon]
        # those beyond the limit may be sent again; their ids make them duplicates
        reached.seen = dict(recent[-_MOST_REMEMBERED:])

    def _place(self, table: str) -> str:
        return f"{self._options.schema}.{table}" if self._options.schema else table


def event_table(event: str) -> str:
    """The name of an event's own table.

    >>> event_table("Order Completed"), event_table("order_completed")
    ('order_completed', 'order_completed')
    """
    return _NOT_IN_NAMES.sub("_", event.strip().lower()).strip("_")


def _mark(row_id: str) -> str:
    return hashlib.blake2b(str(row_id).encode(), digest_size=_ID_DIGITS).hexdigest()


def _written(moment: datetime | str | None) -> str:
    return moment.isoformat(" ", "microseconds") if isinstance(moment, datetime) else str(moment or "")


def _earlier_text(text: str, earlier: timedelta) -> str:
    """An earlier time, written like this one."""
    try:
        moment = datetime.fromisoformat(text) - earlier
    except ValueError:
        return text
    written = moment.isoformat("T" if "T" in text else " ")
    return written.replace("+00:00", "Z") if text.endswith("Z") else written
