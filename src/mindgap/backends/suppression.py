"""The Suppression port in SQL."""

import hmac
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.backends.columns import NAME_LENGTH, is_text
from mindgap.store.suppression import LAST_STEP, Erasure, Name, NameKind

_FINISHED = ("done", "verified")
_FORGOTTEN = "forgotten:"
_KEPT_FOR_THE_RECORD = (
    schema.consent.c.customer_id,
    schema.identity_decisions.c.first_id,
    schema.identity_decisions.c.second_id,
    schema.identity_events.c.person_id,
    schema.identity_event_ids.c.customer_id,
    schema.identity_event_ids.c.before,
    schema.identity_event_ids.c.after,
)
"""Where the state names people: their consent, and who was taken for whom."""


_NAMING = (
    schema.suppressed,
    schema.consent,
    schema.data_keys,
    schema.identity_decisions,
    schema.identity_proposals,
    schema.identity_events,
    schema.identity_event_ids,
)
"""Tables whose deleted rows may name people."""


_Digests = frozenset[tuple[str, str]]


@dataclass(slots=True)
class _Known:
    """What was read: the list, with how much there was then; the key, which never changes.

    Threads share it: the two parts of the list change together.
    """

    listed: tuple[tuple[int, Any], _Digests] = ((0, None), frozenset())
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class SqlSuppression:
    """The list of people who are being forgotten, in the state database.

    Attributes:
        engine: The state database.
        key: Gives the key of the digests; asked for once the list is used.
    """

    engine: sa.Engine
    key: Callable[[], bytes]
    _known: _Known = field(default_factory=_Known)

    def names(self) -> Sequence[Name]:
        """Ids of those whose rows may still lie in files."""
        return sorted(name for names in self.names_by_request().values() for name in names)

    def names_by_request(self) -> Mapping[str, Sequence[Name]]:
        """The same, by the request that put them on the list last."""
        t, found = schema.suppressed, defaultdict[str, list[Name]](list)
        query = sa.select(t.c.erasure_id, t.c.kind, t.c.text).where(t.c.text.is_not(None))
        with self.engine.connect() as connection:
            for row in connection.execute(query.order_by(t.c.kind, t.c.text)):
                found[row.erasure_id].append(Name(row.kind, row.text))
        return found

    def is_empty(self) -> bool:
        """Whether nobody was ever forgotten."""
        return not self._held()

    def on_list(self, names: Collection[Name]) -> Collection[Name]:
        """Which of these are on the list."""
        held = self._held() if names else _Digests()
        if not held:
            return ()
        return {name for name in names if (name.kind, self.digest(name.text)) in held}

    def suppress(self, erasure: Erasure, names: Iterable[Name]) -> None:
        """Put a request and its names on the list, in one transaction."""
        rows = [
            {"kind": name.kind, "digest": self.digest(name.text), "text": _kept(name.text)}
            for name in set(names)
        ]
        with self.engine.begin() as connection:
            _replace(connection, erasure)
            for row in rows:
                _put(connection, row | {"erasure_id": erasure.id, "at": erasure.suppressed_at})

    def listed_for(self, subject: str) -> int:
        """How many names are on the list because of requests about this subject."""
        t, asked = schema.suppressed, schema.erasures
        theirs = sa.select(asked.c.id).where(asked.c.subject == subject)
        query = sa.select(sa.func.count()).where(t.c.erasure_id.in_(theirs))
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def advance(self, erasure: Erasure) -> None:
        """Keep how far a request has come."""
        t = schema.suppressed
        with self.engine.begin() as connection:
            _replace(connection, erasure)
            if erasure.stage in _FINISHED or list(erasure.steps_left) == [LAST_STEP]:
                connection.execute(sa.update(t).where(t.c.erasure_id == erasure.id).values(text=None))

    def erasures(self) -> Sequence[Erasure]:
        """All requests, oldest first."""
        t = schema.erasures
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(t).order_by(t.c.requested_at, t.c.id)).mappings()
            return [Erasure(**row) for row in rows]

    def digest(self, text: str) -> str:
        """What stands for an id once it is gone."""
        self._known.key = self._known.key or self.key()
        return hmac.digest(self._known.key, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def digests(self) -> Sequence[tuple[NameKind, str]]:
        """Everything on the list, as kind and digest."""
        return cast("list[tuple[NameKind, str]]", sorted(self._held()))

    def unname(self, names: Sequence[Name]) -> int:
        """Put digests in the place of ids in what is kept for the record."""
        changed = 0
        with self.engine.begin() as connection:
            _forget_ties(connection, [name.text for name in names if name.kind != "identifier"])
            for name in names:
                if name.kind == "identifier":
                    continue
                instead = f"{_FORGOTTEN}{self.digest(name.text)}"
                for column in _KEPT_FOR_THE_RECORD:
                    same = sa.update(column.table).where(column == name.text)
                    changed += connection.execute(same.values({column: instead})).rowcount
        return changed

    def rows(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every row of a state on a server, with its table; a file is looked through as a file."""
        if self.engine.dialect.name == "sqlite":
            return
        with self.engine.connect() as connection:
            for table in schema.metadata.sorted_tables:
                for row in connection.execute(sa.select(table)).mappings():
                    yield table.name, dict(row)

    def scrub(self) -> bool:
        """Overwrite what the database still holds of deleted rows."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.dialect.name != "sqlite":
                for table in _NAMING:
                    connection.exec_driver_sql(f"vacuum full {table.name}")
                return True
            connection.exec_driver_sql("vacuum")
            busy = connection.exec_driver_sql("pragma wal_checkpoint(truncate)").one()[0]
        return not busy

    def adopt(self, digests: Iterable[tuple[NameKind, str]], erasure: Erasure) -> int:
        """Put on the list what another copy of it says; returns how many were new."""
        new = set(digests) - self._held()
        if new:
            with self.engine.begin() as connection:
                _replace(connection, erasure)
                for kind, digest in sorted(new):
                    row = {"kind": kind, "digest": digest, "erasure_id": erasure.id}
                    _put(connection, row | {"at": erasure.suppressed_at})
        return len(new)

    def _held(self) -> _Digests:
        """The list; it is read again only when it has changed."""
        t, (known, digests) = schema.suppressed, self._known.listed
        with self.engine.connect() as connection:
            count, latest = connection.execute(sa.select(sa.func.count(), sa.func.max(t.c.at))).one()
            if (count, latest) != known:
                found = connection.execute(sa.select(t.c.kind, t.c.digest))
                digests = frozenset((row.kind, row.digest) for row in found)
                self._known.listed = ((count, latest), digests)
        return digests


def _replace(connection: sa.Connection, erasure: Erasure) -> None:
    t, row = schema.erasures, asdict(erasure)
    if connection.execute(sa.update(t).where(t.c.id == erasure.id).values(row)).rowcount == 0:
        connection.execute(sa.insert(t), row)


def _put(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Add a name, or its text and request to what is there."""
    t = schema.suppressed
    same = (t.c.kind == row["kind"], t.c.digest == row["digest"])
    if connection.execute(sa.update(t).where(*same).values(row)).rowcount == 0:
        connection.execute(sa.insert(t), row)


def _kept(text: str) -> str | None:
    """A name, where the state can keep it: whoever may send events may call a device anything."""
    return text if len(text) <= NAME_LENGTH and is_text(text) else None


def _forget_ties(connection: sa.Connection, texts: Sequence[str]) -> None:
    """What joined their ids, or might, is forgotten with them: it names other ids, and tokens."""
    proposed = schema.identity_proposals
    ends = (proposed.c.first_id.in_(texts), proposed.c.second_id.in_(texts))
    connection.execute(sa.delete(proposed).where(sa.or_(*ends)))
    events, ids = schema.identity_events, schema.identity_event_ids
    theirs = sa.select(ids.c.event_id).where(ids.c.customer_id.in_(texts))
    connection.execute(
        sa.update(events)
        .where(sa.or_(events.c.person_id.in_(texts), events.c.id.in_(theirs)))
        .values(ties=[])
    )
