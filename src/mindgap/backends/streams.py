"""The Streams port in SQL: what became of events, how far the log is worked up, and write keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mindgap.backends import schema
from mindgap.backends.turns import in_turn
from mindgap.kernel.errors import UsageError
from mindgap.store.state import Part
from mindgap.store.streams import Compaction, QuarantinePart, StreamRecord, Tally, WriteKey

_COUNTS = ("received", "stored", "quarantined", "duplicates", "refused", "suppressed")
_NEW = dict.fromkeys(_COUNTS, 0) | {"reasons": {}, "observed": {}, "cursor": "", "error": ""}


@dataclass(frozen=True, slots=True)
class SqlStreams:
    """Streams of events in the state database.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def consumed(self) -> Mapping[str, int]:
        """Bytes of the log that are worked up, by segment."""
        query = sa.select(schema.log_offsets.c.segment, schema.log_offsets.c.consumed_bytes)
        with self.engine.connect() as connection:
            return {row.segment: row.consumed_bytes for row in connection.execute(query)}

    def snapshot(self) -> tuple[Sequence[Part], Mapping[str, int]]:
        """The parts of `events` and what of the log they hold, both of the same moment.

        Offsets only ever grow: where they are the same before and after, the parts belong to them. That needs
        no level of isolation, which databases name and keep differently.
        """
        t = schema.parts
        query = sa.select(t).where(t.c.table_name == "events").order_by(t.c.source, t.c.key)
        before, parts = self.consumed(), list[Part]()
        while True:
            with self.engine.connect() as connection:
                parts = [_part(row) for row in connection.execute(query).mappings()]
            after = self.consumed()
            if after == before:
                return parts, after
            before = after

    def commit(self, compaction: Compaction) -> None:
        """Make a compaction visible, in one transaction."""
        with self.engine.begin() as connection:
            for segment, offset in compaction.consumed.items():
                _put(
                    connection,
                    schema.log_offsets,
                    key={"segment": segment},
                    values={"consumed_bytes": offset},
                )
            _delete(connection, schema.parts.c.path, compaction.removed)
            _delete(connection, schema.quarantine_parts.c.path, compaction.replayed)
            _insert(connection, schema.parts, [_part_row(part) for part in compaction.added])
            _insert(connection, schema.quarantine_parts, [asdict(part) for part in compaction.quarantined])
            for source in _touched(compaction):
                _settle(connection, source, compaction)

    def forget_segments(self, names: Iterable[str]) -> None:
        """Forget offsets of segments that are gone."""
        with self.engine.begin() as connection:
            _delete(connection, schema.log_offsets.c.segment, names)

    def records(self) -> Sequence[StreamRecord]:
        """Every source that ever delivered or failed, by name."""
        query = sa.select(schema.streams).order_by(schema.streams.c.source)
        with self.engine.connect() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def quarantine(self, source: str | None = None) -> Sequence[QuarantinePart]:
        """What is set aside, oldest first."""
        t = schema.quarantine_parts
        query = sa.select(t).order_by(t.c.set_aside_at, t.c.path)
        if source is not None:
            query = query.where(t.c.source == source)
        with self.engine.connect() as connection:
            return [QuarantinePart(**row) for row in connection.execute(query).mappings()]

    def fail(self, source: str, error: str, *, at: datetime) -> None:
        """Record that a connector failed; an empty error says that it is well again."""
        with self.engine.begin() as connection:
            _ensure(connection, source)
            _put(
                connection,
                schema.streams,
                key={"source": source},
                values={"error": error, "error_at": at},
            )

    def write_keys(self) -> Sequence[WriteKey]:
        """All keys that are good, oldest first."""
        t = schema.write_keys
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(t).order_by(t.c.made_at, t.c.key)).mappings()
            return [WriteKey(**row) for row in rows]

    def add_write_key(self, key: WriteKey) -> None:
        """Make a key good.

        Raises:
            UsageError: It is another source's already.
        """
        t = schema.write_keys
        try:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(t), asdict(key))
        except IntegrityError as error:
            with self.engine.connect() as connection:
                owner = connection.execute(sa.select(t.c.source).where(t.c.key == key.key)).scalar()
            if owner != key.source:
                raise UsageError(
                    "This write key is another source's already.", hint="Choose another, or have one made."
                ) from error

    def revoke_write_key(self, key: str) -> bool:
        """Make a key worthless; False when there was no such key."""
        t = schema.write_keys
        with self.engine.begin() as connection:
            return connection.execute(sa.delete(t).where(t.c.key == key)).rowcount > 0


def _touched(compaction: Compaction) -> list[str]:
    counts = (compaction.tallies, compaction.reasons, compaction.observed)
    by_source = (*counts, compaction.cursors, compaction.received_at)
    return sorted({source for one in by_source for source in one})


def _settle(connection: sa.Connection, source: str, compaction: Compaction) -> None:
    """Add to what is known of one source."""
    t = schema.streams
    _ensure(connection, source)
    known = connection.execute(sa.select(t).where(t.c.source == source)).mappings().one()
    gained = asdict(compaction.tallies.get(source, Tally()))
    changes: dict[str, Any] = {name: t.c[name] + gained[name] for name in _COUNTS}
    if source in compaction.reasons:
        changes["reasons"] = _sum(known["reasons"], compaction.reasons[source])
    if source in compaction.observed:
        changes["observed"] = _sum(known["observed"], compaction.observed[source])
    if source in compaction.cursors:
        changes["cursor"] = compaction.cursors[source]
    if source in compaction.received_at:
        latest = compaction.received_at[source]
        changes["received_at"] = max(latest, known["received_at"] or latest)
    connection.execute(sa.update(t).where(t.c.source == source).values(changes))


def _sum(known: Mapping[str, int], gained: Mapping[str, int]) -> dict[str, int]:
    totals = {name: known.get(name, 0) + gained.get(name, 0) for name in {**known, **gained}}
    return {name: count for name, count in sorted(totals.items()) if count}


def _ensure(connection: sa.Connection, source: str) -> None:
    t = schema.streams
    in_turn(connection, t)
    if connection.execute(sa.select(t.c.source).where(t.c.source == source)).first() is None:
        connection.execute(sa.insert(t), {"source": source, **_NEW})


def _put(connection: sa.Connection, table: sa.Table, *, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Update a row, or make it."""
    same = [table.c[name] == value for name, value in key.items()]
    if connection.execute(sa.update(table).where(*same).values(values)).rowcount == 0:
        connection.execute(sa.insert(table), {**key, **values})


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _delete(connection: sa.Connection, column: sa.Column[Any], values: Iterable[str]) -> None:
    """Delete the rows that have one of these values, one statement each: there may be any number."""
    rows = [{"value": value} for value in values]
    if rows:
        connection.execute(sa.delete(column.table).where(column == sa.bindparam("value")), rows)


def _part(row: Any) -> Part:
    values = dict(row)
    return Part(table=values.pop("table_name"), **values)


def _part_row(part: Part) -> dict[str, Any]:
    values = asdict(part)
    return {"table_name": values.pop("table"), **values}


def _record(row: Any) -> StreamRecord:
    values = dict(row)
    tally = Tally(**{name: values.pop(name) for name in _COUNTS})
    return StreamRecord(tally=tally, **values)
