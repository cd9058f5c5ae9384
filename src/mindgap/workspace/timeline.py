"""What happened with one customer, on every channel, newest first; up to this moment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mindgap.collect.events.event_row import EventRow, bucket
from mindgap.kernel.clock import now
from mindgap.kernel.purposes import Purpose
from mindgap.loop.converted_files import is_converted
from mindgap.loop.persons import is_forgotten
from mindgap.process.conversion import MEANINGS
from mindgap.store.engine import Relation, Session
from mindgap.store.keys import opened_texts
from mindgap.store.reading import has_withdrawn, require_person_purpose
from mindgap.store.state import Access, Part
from mindgap.store.steady import steady
from mindgap.workspace.face import Happening, HappeningKind

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_KINDS: Mapping[str, HappeningKind] = {
    "completed": "order",
    "updated": "order",
    "refunded": "return",
    "cancelled": "cancelled",
    "shown": "exposure",
    "feedback": "feedback",
}
_IMPORTED = {
    "orders": """select case kind when 'sale' then 'order' else kind end as kind, order_id,
            min(ordered_at) as happened_at, max(channel) as channel, count(*) as lines, sum(amount) as amount,
            max(campaign_id) as campaign_id
        from told where array_contains($customers, customer_id) group by order_id, kind""",
    "exposures": """select 'exposure' as kind, kind as name, shown_at as happened_at, channel,
            product_id, campaign_id
        from told where array_contains($customers, customer_id)""",
    "feedback": """select 'feedback' as kind, kind as name, given_at as happened_at, product_id,
            order_id, score, text
        from told where array_contains($customers, customer_id) and given_at is not null""",
}
_ORDERS = "select distinct order_id from told where array_contains($customers, customer_id)"
_COLUMNS = (
    *("row_id", "source", "type", "name", "occurred_at", "received_at", "channel", "product_id", "order_id"),
    *("campaign_id", "query", "value", "currency", "score", "url", "title", "customer_id", "anonymous_id"),
)


@steady
def timeline(workspace: "Desk", customer_id: str, *, purpose: Purpose, limit: int) -> tuple[Happening, ...]:
    """The latest that happened with a person, by any of their ids; none when they withdrew the purpose.

    Online events are told as they came, what was imported as it was imported; an order that both tell is told
    once, by the import.

    Raises:
        AccessError: The purpose is one for which no single person's data may be shown.
    """
    stated = require_person_purpose(purpose)
    if is_forgotten(workspace.stores, customer_id):
        return ()
    ids = workspace.identity.ids_of(customer_id)
    look = _Look(workspace=workspace, purpose=stated, at=now(), customers=ids.customers)
    if has_withdrawn(workspace.stores, ids.customers, stated):
        return ()
    imported, known = look.imported(limit)
    online = [
        one for one in look.online(ids.devices, limit) if one.order_id not in known or one.kind == "feedback"
    ]
    newest = sorted((*imported, *_once(online)), key=lambda one: (one.at, one.kind, one.source), reverse=True)
    return tuple(newest[:limit])


def _once(online: Sequence[Happening]) -> Iterator[Happening]:
    """What two sources tell of one order is told once, by the first of them."""
    told: set[tuple[str, str | None]] = set()
    for one in sorted(online, key=lambda one: one.at):
        about = (one.order_id or "", one.name)
        if one.kind not in {"order", "return", "cancelled"} or not one.order_id or about not in told:
            told.add(about)
            yield one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One read of a workspace, about the person who has these customer ids."""

    workspace: "Desk"
    purpose: Purpose
    at: datetime
    customers: frozenset[str]

    @property
    def _given(self) -> dict[str, object]:
        return {"customers": sorted(self.customers)}

    def imported(self, limit: int) -> tuple[list[Happening], frozenset[str]]:
        """What files told of a customer, the latest of each; and all orders that they told."""
        told = [(table, *one) for table in _IMPORTED for one in self._by_source(table).items()]
        found: list[Happening] = []
        orders: set[str] = set()
        rows = dict.fromkeys(_IMPORTED, 0)
        with self.workspace.stores.lookups.session({}) as session:
            for table, source, relation in told:
                session.bind({"told": relation})
                newest = (
                    f"select * from ({_IMPORTED[table]}) as one order by happened_at desc limit {limit:d}"
                )
                own = self._opened(session.table(newest, parameters=self._given).to_pylist())
                rows[table] += len(own)
                found += [Happening(source=source, at=row.pop("happened_at"), **row) for row in own]
                if table == "orders":
                    orders |= set(session.table(_ORDERS, parameters=self._given)["order_id"].to_pylist())
        for table, number in rows.items():
            self._record(table, number)
        return found, frozenset(orders)

    def online(self, known: frozenset[str], limit: int) -> list[Happening]:
        """What live sources told of a customer; on devices that are only theirs, also before sign-in."""
        stores = self.workspace.stores
        parts, behind = stores.streams.snapshot()
        lake = replace(self._relation("events"), paths=self._paths(parts))
        whole = replace(lake, allowed_for="", withheld=())
        fresh = self._fresh(self.customers, behind)
        with stores.lookups.session({"events": lake, "whole": whole}) as session:
            seen = known | self._devices(session, fresh)
            near = self._fresh(seen, behind)
            devices = seen - self._shared(session, seen) - self._taken(near) - self._kept_apart()
            found = {row["row_id"]: row for row in self._stored(session, devices, limit=limit)}
        own = {row.row_id: row for row in (*fresh, *near) if self._is_own(row, devices)}
        self._record("events", len(own) + len(found))
        told = [self._told(row._asdict(), is_fresh=True) for row in own.values() if row.row_id not in found]
        return told + [self._told(row, is_fresh=False) for row in found.values()]

    def _fresh(self, ids: Collection[str], behind: Mapping[str, int]) -> list[EventRow]:
        return self.workspace.recent.of(ids, behind=behind) if ids else []

    def _devices(self, session: Session, fresh: Sequence[EventRow]) -> frozenset[str]:
        """Anonymous ids that were seen with the person."""
        sql = """select distinct anonymous_id as device from events
                where array_contains($buckets, bucket) and array_contains($customers, customer_id)
                    and anonymous_id is not null
            union select distinct previous_id from events
                where array_contains($buckets, bucket) and array_contains($customers, customer_id)
                    and type = 'alias' and previous_id is not null"""
        buckets = sorted({bucket(one, None) for one in self.customers})
        stored = session.table(sql, parameters={**self._given, "buckets": buckets})["device"].to_pylist()
        own = (row for row in fresh if row.customer_id in self.customers and self._may(row))
        return frozenset({*stored, *(name for row in own for name in _devices_of(row))}) - self.customers

    def _shared(self, session: Session, devices: frozenset[str]) -> frozenset[str]:
        """Those of them that somebody else was seen with, for whatever purpose."""
        if not devices:
            return frozenset()
        sql = """select distinct device from (
                select anonymous_id as device, customer_id from whole
                union all select previous_id as device, customer_id from whole where type = 'alias') as pairs
            where customer_id is not null and not array_contains($customers, customer_id)
                and array_contains($devices, device)"""
        given = {**self._given, "devices": sorted(devices)}
        return frozenset(session.table(sql, parameters=given)["device"].to_pylist())

    def _taken(self, rows: Sequence[EventRow]) -> frozenset[str]:
        """Devices that these events show with another customer."""
        others = (row for row in rows if row.customer_id not in (None, *self.customers))
        return frozenset(name for row in others for name in _devices_of(row))

    def _kept_apart(self) -> frozenset[str]:
        """Devices that people keep apart from this person."""
        latest: dict[str, str] = {}
        for one in self.workspace.stores.identity.decisions():
            if one.first_kind == "anonymous" and one.second_id in self.customers:
                latest[one.first_id] = one.action
        return frozenset(device for device, action in latest.items() if action == "keep_apart")

    def _stored(self, session: Session, devices: frozenset[str], *, limit: int) -> list[dict[str, Any]]:
        """The latest events of the person and, before sign-in, of these devices."""
        customers = (bucket(one, None) for one in self.customers)
        buckets = sorted({*customers, *(bucket(None, device) for device in devices)})
        sql = f"""select {", ".join(_COLUMNS)} from events
            where array_contains($buckets, bucket) and (array_contains($customers, customer_id)
                or (customer_id is null and array_contains($devices, anonymous_id)))
            order by occurred_at desc, row_id limit {limit:d}"""
        given = {**self._given, "devices": sorted(devices), "buckets": buckets}
        return session.table(sql, parameters=given).to_pylist()

    def _told(self, row: Mapping[str, Any], *, is_fresh: bool) -> Happening:
        meaning = (
            MEANINGS.get((row["name"] or "").strip().lower(), ("", ""))[0] if row["type"] == "track" else ""
        )
        own_currency = row["currency"] in (None, self.workspace.settings.currency)
        name = row["name"] or row["title"]
        return Happening(
            at=row["occurred_at"],
            kind=_KINDS.get(meaning, "event"),
            name=name if row["type"] == "track" else f"{row['type']} {name or ''}".strip(),
            source=row["source"],
            channel=row["channel"],
            order_id=row["order_id"],
            product_id=row["product_id"],
            campaign_id=row["campaign_id"],
            amount=row["value"] if own_currency else None,
            score=row["score"],
            text=row["query"],
            url=row["url"],
            is_fresh=is_fresh,
        )

    def _is_own(self, row: EventRow, devices: frozenset[str]) -> bool:
        own = row.customer_id in self.customers
        return self._may(row) and (own or (row.customer_id is None and row.anonymous_id in devices))

    def _may(self, row: EventRow) -> bool:
        return self.purpose is Purpose.PRIVACY or self.purpose.value in row.purposes.split(" ")

    def _by_source(self, table: str) -> dict[str, Relation]:
        """What each import gave, events left out."""
        every = self._relation(table)
        parts: dict[str, list[Part]] = {}
        for part in self.workspace.stores.ledger.parts(table):
            if not is_converted(part.source):
                parts.setdefault(part.source, []).append(part)
        return {source: replace(every, paths=self._paths(own)) for source, own in parts.items()}

    def _relation(self, table: str) -> Relation:
        return self.workspace.reader().relation(table, purpose=self.purpose, as_of=self.at)

    def _paths(self, parts: Sequence[Part]) -> list[Any]:
        return [self.workspace.stores.files.path(path) for path in dict.fromkeys(part.path for part in parts)]

    def _opened(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows with their texts unsealed."""
        told = opened_texts([row.get("text") for row in rows], self.workspace.stores.keys)
        return [row | {"text": text} if "text" in row else row for row, text in zip(rows, told, strict=True)]

    def _record(self, table: str, rows: int) -> None:
        stores, actor = self.workspace.stores, self.workspace.actor
        entry = Access(
            at=self.at, actor=actor, purpose=self.purpose, table=table, rows=rows, single_customer=True
        )
        stores.access.add([entry])


def _devices_of(row: EventRow) -> Iterator[str]:
    """What an event says that its customer is called where they are not signed in."""
    if row.anonymous_id:
        yield row.anonymous_id
    if row.type == "alias" and row.previous_id:
        yield row.previous_id
