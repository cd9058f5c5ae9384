"""One customer's features at this moment: of what is stored, and of what was accepted since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mindgap.collect.events.event_row import bucket
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.offered import derivations
from mindgap.process.features.declared import BY_TABLE
from mindgap.process.features.folding import Answer, Fold, OrderLine, Product
from mindgap.process.features.local_days import local_days_of, micros
from mindgap.process.features.online import evaluate, evaluate_by_key
from mindgap.store.engine import Relation
from mindgap.store.persons import PersonIds
from mindgap.store.reading import Reader, has_withdrawn, require_person_purpose
from mindgap.store.state import Access
from mindgap.store.steady import steady

if TYPE_CHECKING:
    from mindgap.process.features.definition import Value
    from mindgap.workspace.desk import Desk

_EVENT_COLUMNS = (
    *("row_id", "type", "name", "occurred_at", "customer_id", "anonymous_id", "channel", "product_id"),
    *("category", "query", "properties"),
)
_OWN = """array_contains($buckets, bucket) and (array_contains($customers, customer_id)
    or (customer_id is null and array_contains($devices, anonymous_id)))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A stored event, as far as features look at it (columns: kernel.tables.EVENTS)."""

    row_id: int
    type: str
    name: str | None
    occurred_at: datetime
    customer_id: str | None
    anonymous_id: str | None
    channel: str | None
    product_id: str | None
    category: str | None
    query: str | None
    properties: str


Current = Mapping[str, "dict[str, Value] | dict[str, dict[str, Value]] | None"]
"""By table: a row, None where the table has none, or rows by category or channel."""


@steady
def features_now(workspace: "Desk", customer_id: str, *, purpose: Purpose, at: datetime) -> Current:
    """Features of the person with that id as of a moment; nothing of one who withdrew a purpose.

    Raises:
        AccessError: The purpose is one for which no single person's data may be shown.
    """
    stated = require_person_purpose(purpose)
    ids = workspace.identity.ids_of(customer_id)
    if has_withdrawn(workspace.stores, ids.customers, stated, Purpose.ANALYTICS):
        return {}
    look = _Look(workspace=workspace, ids=ids, person=ids.person(customer_id), at=at)
    fold = look.fold()
    tables = ("activity_features", "orders", "feedback")
    workspace.stores.access.add(
        Access(at=at, actor=workspace.actor, purpose=purpose, table=table, single_customer=True)
        for table in tables
    )
    return {
        table: evaluate(fold, table) if features[0].per == "customer" else evaluate_by_key(fold, table)
        for table, features in BY_TABLE.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One read of a workspace about one person."""

    workspace: "Desk"
    ids: PersonIds
    person: str
    at: datetime

    def fold(self) -> Fold:
        """All that is known of the person."""
        own = {"person": self.person}
        lines = self._rows("clean_orders", OrderLine._fields, "customer_id = $person", given=own)
        orders = [OrderLine(**row) for row in lines]
        answers = self._rows("clean_feedback", Answer._fields, "customer_id = $person", given=own)
        events = [*self._stored(), *self._fresh()]
        seen = {one.product_id for one in (*orders, *events) if one.product_id is not None}
        time_zone = self.workspace.settings.time_zone
        fold = Fold(
            days=local_days_of(time_zone, self.at), before=micros(self.at), products=self._products(seen)
        )
        fold.events(events)
        fold.orders(orders)
        fold.feedback(Answer(**row) for row in answers)
        return fold

    def _products(self, seen: Collection[str]) -> dict[str, Product]:
        given = {"products": sorted(seen)}
        columns = ("product_id", *Product._fields)
        rows = self._rows("product_prices", columns, "array_contains($products, product_id)", given=given)
        return {row["product_id"]: Product(row["category"], row["price_micros"]) for row in rows}

    def _stored(self) -> Iterator[_Stored]:
        """Events in the table, but for those that the last run dropped."""
        stores = self.workspace.stores
        parts, _behind = stores.streams.snapshot()
        paths = [stores.files.path(path) for path in dict.fromkeys(part.path for part in parts)]
        events = self._relation("events", self.at)
        given = {
            "customers": sorted(self.ids.customers),
            "devices": sorted(self.ids.devices),
            "buckets": sorted({bucket(name, None) for name in self.ids.customers | self.ids.devices}),
        }
        if events is None:
            return
        dropped = {row["row_id"] for row in self._rows("dropped_events", ("row_id",), "1 = 1", given={})}
        relation = replace(events, paths=paths) if paths else events
        for row in self._select({"found": relation}, _EVENT_COLUMNS, _OWN, given=given):
            if row["row_id"] not in dropped:
                yield _Stored(**row)

    def _fresh(self) -> Iterator[Any]:
        """Events that were accepted and are in no table yet."""
        _parts, behind = self.workspace.stores.streams.snapshot()
        for row in self.workspace.recent.of(self.ids.customers | self.ids.devices, behind=behind):
            is_own = row.customer_id in self.ids.customers or (
                row.customer_id is None and row.anonymous_id in self.ids.devices
            )
            if is_own and Purpose.ANALYTICS.value in row.purposes.split(" "):
                yield row

    def _rows(
        self, table: str, columns: Sequence[str], where: str, *, given: Mapping[str, object]
    ) -> list[dict[str, Any]]:
        """Rows of a table of the last run; none where it was not built."""
        as_of = self.workspace.as_of
        relation = None if as_of is None else self._relation(table, as_of)
        return [] if relation is None else self._select({"found": relation}, columns, where, given=given)

    def _select(
        self,
        relations: Mapping[str, Relation],
        columns: Sequence[str],
        where: str,
        *,
        given: Mapping[str, object],
    ) -> list[dict[str, Any]]:
        with self.workspace.stores.engine.session(relations) as session:
            sql = f"select {', '.join(columns)} from found where {where}"
            return session.table(sql, parameters=given).to_pylist()

    def _relation(self, table: str, as_of: datetime) -> Relation | None:
        reader = Reader(
            stores=self.workspace.stores,
            derivations=derivations(),
            actor=self.workspace.actor,
            time_zone=self.workspace.settings.time_zone,
        )
        try:
            return reader.relation(table, purpose=Purpose.ANALYTICS, as_of=as_of)
        except (CannotSay, UnknownError):
            return None
