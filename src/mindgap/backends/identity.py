"""The Identity port in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.backends.turns import in_turn
from mindgap.store.identity import IdentityChange, IdentityDecision, IdentityProposal, Tie

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SqlIdentity:
    """Decisions on ids and the history of persons in the state database.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def decide(self, decisions: Sequence[IdentityDecision]) -> None:
        """Append decisions, all of them or none."""
        if decisions:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(schema.identity_decisions), [asdict(one) for one in decisions])

    def decisions(self) -> Sequence[IdentityDecision]:
        """All decisions, oldest first."""
        t = schema.identity_decisions
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(t).order_by(t.c.id)).mappings()
            return [IdentityDecision(**{name: row[name] for name in row if name != "id"}) for row in rows]

    def propose(self, proposals: Sequence[IdentityProposal]) -> None:
        """Put these in the place of all proposals."""
        t = schema.identity_proposals
        with self.engine.begin() as connection:
            connection.execute(sa.delete(t))
            if proposals:
                connection.execute(sa.insert(t), [asdict(one) for one in proposals])

    def proposals(self) -> Sequence[IdentityProposal]:
        """The proposals of the last linkage, the likeliest first."""
        t = schema.identity_proposals
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(t).order_by(t.c.probability.desc(), t.c.id)).mappings()
            return [IdentityProposal(**{name: row[name] for name in row if name != "id"}) for row in rows]

    def persons(self) -> Mapping[str, str]:
        """Each customer id's person by the history."""
        t = schema.identity_event_ids
        query = sa.select(t.c.customer_id, t.c.after).order_by(t.c.event_id)
        with self.engine.connect() as connection:
            return {row.customer_id: row.after for row in connection.execute(query)}

    def as_of(self) -> datetime | None:
        """The as-of time up to which the history tells."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(schema.identity_events.c.as_of))).scalar()

    def append(self, changes: Iterable[IdentityChange]) -> None:
        """Append to the history, all or nothing."""
        events, ids = schema.identity_events, schema.identity_event_ids
        with self.engine.begin() as connection:
            in_turn(connection, events)
            rows: list[dict[str, Any]] = []
            for number, change in enumerate(changes, 1 + _last(connection)):
                connection.execute(sa.insert(events), {"id": number, **_row(change)})
                rows += [
                    {"event_id": number, "customer_id": one, "before": change.before[one], "after": after}
                    for one, after in sorted(change.after.items())
                ]
            if rows:
                connection.execute(sa.insert(ids), rows)

    def change(self, number: int) -> IdentityChange | None:
        """One change, or None."""
        with self.engine.connect() as connection:
            return next(iter(_changes(connection, [number])), None)

    def history(self, ids: Sequence[str] = (), *, limit: int = 100) -> Sequence[IdentityChange]:
        """The latest changes, newest first."""
        t = schema.identity_event_ids
        query = sa.select(schema.identity_events.c.id)
        if ids:
            query = sa.select(t.c.event_id.label("id")).where(t.c.customer_id.in_(list(ids))).distinct()
        with self.engine.connect() as connection:
            numbers = list(connection.execute(query.order_by(sa.desc("id")).limit(limit)).scalars())
            return _changes(connection, numbers)


def _last(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.max(schema.identity_events.c.id))).scalar() or 0


def _changes(connection: sa.Connection, numbers: Sequence[int]) -> list[IdentityChange]:
    """Changes by number, newest first."""
    events, ids = schema.identity_events, schema.identity_event_ids
    found: list[IdentityChange] = []
    for first in range(0, len(numbers), _AT_ONCE):
        some = numbers[first : first + _AT_ONCE]
        members: dict[int, dict[str, tuple[str, str]]] = {}
        for row in connection.execute(sa.select(ids).where(ids.c.event_id.in_(some))):
            members.setdefault(row.event_id, {})[row.customer_id] = row.before, row.after
        query = sa.select(events).where(events.c.id.in_(some)).order_by(events.c.id.desc())
        found += [
            _change(dict(row), members.get(row["id"], {})) for row in connection.execute(query).mappings()
        ]
    return found


def _row(change: IdentityChange) -> dict[str, Any]:
    ties = [{**asdict(tie), "since": tie.since.isoformat() if tie.since else None} for tie in change.ties]
    return {
        "kind": change.kind,
        "person_id": change.person_id,
        "as_of": change.as_of,
        "at": change.at,
        "ties": ties,
    }


def _change(row: Mapping[str, Any], members: Mapping[str, tuple[str, str]]) -> IdentityChange:
    return IdentityChange(
        id=row["id"],
        kind=row["kind"],
        person_id=row["person_id"],
        as_of=row["as_of"],
        at=row["at"],
        before={one: before for one, (before, _after) in sorted(members.items())},
        after={one: after for one, (_before, after) in sorted(members.items())},
        ties=[_tie(one) for one in row["ties"]],
    )


def _tie(row: Mapping[str, Any]) -> Tie:
    values = dict(row)
    since = values.pop("since")
    return Tie(**values, since=datetime.fromisoformat(since) if since else None)
