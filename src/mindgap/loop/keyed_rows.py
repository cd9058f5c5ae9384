"""Rows that many events make together: orders, customers, products; made anew where more is told of them.

Pieces by day (loop/told_days.py) hold what events say of them. Which orders or customers changed follows from
the pieces before and now; their rows are made from all pieces that speak of them, and take the place of what
was there. Of products all rows are made from the pieces, which is little work.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from mindgap.collect.events.traits import attributes
from mindgap.kernel.clock import day_start
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.converted_files import OURS, ConvertedFiles, is_converted
from mindgap.process.conversion import canonical_query, query
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema
from mindgap.store.state import DayEntry, Part

_MOMENT = pa.timestamp("us")
_FIRST = pa.field("first_at", _MOMENT)
_DAY = pa.field("day", pa.int64())
_SCHEMAS = {
    "orders": pa.schema(
        [
            _DAY,
            ("row_id", pa.int64()),
            ("order_id", pa.string()),
            ("order_key", pa.string()),
            ("is_own_currency", pa.bool_()),
        ]
    ),
    "products": pa.schema(
        [
            _DAY,
            _FIRST,
            *((name, pa.string()) for name in ("product_id", "product_name", "category", "brand", "price")),
        ]
    ),
    "traits": pa.schema(
        [_DAY, ("customer_id", pa.string()), ("traits", pa.string()), _FIRST, ("last_at", _MOMENT)]
    ),
}
"""What is read of pieces where there is none."""
_RETAINED = """
-- one row per customer of whom nothing changed
select c.*, f.first_at
from made as c
inner join (
    select customer_id, min(first_at) as first_at from told_traits group by customer_id
) as f on c.customer_id = f.customer_id
where c.customer_id not in (select t.key from touched as t)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRows:
    """Makes them.

    Attributes:
        files: Where rows go.
        before: The pieces that are no longer, of days that changed.
        now: The pieces that took their place.
        same: The pieces of all other days.
        imports_changed: Tables of which imports have other rows than at the last conversion.
    """

    files: ConvertedFiles
    before: Sequence[DayEntry]
    now: Sequence[DayEntry]
    same: Sequence[DayEntry]
    imports_changed: Collection[str]

    def orders(self) -> list[Part]:
        """All parts of the orders that events told."""
        touched = self._touched("orders", key="order_key", made="order_id")
        if not touched.num_rows:
            return self._made("orders")
        days = self._days_of_orders(touched)
        lines = self._order_lines(touched, days)
        places = {day_start(day, self.files.time_zone) for day in days}
        known = self.files.known("orders")
        old = [part for place, parts in known.items() if place in places for part in parts]
        with self._session({"made": self.files.rows("orders", old), "touched": touched}) as session:
            kept = session.table("select * from made where order_id not in (select t.key from touched as t)")
        return list(self._settled("orders", pa.concat_tables([kept, lines]), places=places))

    def products(self) -> list[Part]:
        """All parts of the products that events told."""
        told = self._pieces("products", self.same, self.now)
        with self._session(
            {"told_products": told, "imported_products": self._imported("products")}
        ) as session:
            rows = session.table(canonical_query("products", also=("first_at",)))
        return list(self._settled("products", rows))

    def customers(self) -> list[Part]:
        """All parts of the customers that events told."""
        touched = self._touched("traits", key="customer_id", made="customer_id", table="customers")
        made = self._made("customers")
        if not touched.num_rows:
            return made
        seen = {
            "touched": touched,
            "told_traits": self._pieces("traits", self.same, self.now),
            "imported_customers": self._imported("customers"),
            "made": self.files.rows("customers", made),
        }
        with self._session(seen) as session:
            said, kept = session.table(query("traits")), session.table(_RETAINED)
        rows = [row for row in _merged(said) if len(row) > len(("customer_id", "first_at"))]
        schema = arrow_schema(CANONICAL["customers"]).append(_FIRST)
        fresh = pa.Table.from_pylist([{"row_id": _row_id(row), **row} for row in rows], schema=schema)
        return list(self._settled("customers", pa.concat_tables([kept.cast(schema), fresh])))

    def order_notes(self) -> Mapping[str, int]:
        """How many orders are in another currency, and how many imports have."""
        seen = {"told": self._pieces("orders", self.same, self.now), "imported": self._imported("orders")}
        with self._session(seen) as session:
            return session.table(query("order_notes")).to_pylist()[0]

    def _touched(self, piece: str, *, key: str, made: str, table: str = "orders") -> pa.Table:
        """The keys of which rows must be made anew, in a column `key`."""
        change = {"told_now": self._pieces(piece, self.now), "told_before": self._pieces(piece, self.before)}
        with self._session(change) as session:
            found = session.table(query(f"touched_{table}"))
        if table not in self.imports_changed:
            return found
        every = self._pieces(piece, self.same, self.now)
        seen = {
            "every": _keys(every, key),
            "imported": _keys(self._imported(table), made),
            "made": _keys(self.files.rows(table, self._made(table)), made),
        }
        with self._session(seen) as session:
            return pa.concat_tables([found, session.table(query("resettled"))])

    def _days_of_orders(self, touched: pa.Table) -> set[int]:
        """On which days something is, or was, told of these orders."""
        every = self._pieces("orders", self.before, self.same, self.now)
        sql = "select distinct day from every where order_key in (select t.key from touched as t)"
        with self._session({"every": every, "touched": touched}) as session:
            return set(session.table(sql)["day"].to_pylist())

    def _order_lines(self, touched: pa.Table, days: Collection[int]) -> pa.Table:
        """The lines of these orders, from what is told on these days."""
        told = [entry for entry in (*self.same, *self.now) if entry.day in days]
        every = self._pieces("orders", told)
        if not every.paths:
            return arrow_schema(CANONICAL["orders"]).empty_table()
        staged = {name: self.files.staging / f"touched-{name}.parquet" for name in ("told", "items")}
        with self._session({"every": every, "touched": touched}) as session:
            session.save(
                "select * from every where order_key in (select t.key from touched as t)", staged["told"]
            )
        seen: dict[str, Relation | pa.Table] = {"told": Relation(paths=[staged["told"]])}
        with self._session(seen) as session:
            session.save(query("items"), staged["items"])
        seen |= {"items": Relation(paths=[staged["items"]]), "imported_orders": self._imported("orders")}
        with self._session(seen) as session:
            return session.table(canonical_query("orders"))

    def _settled(
        self, table: str, rows: pa.Table, *, places: Collection[datetime] | None = None
    ) -> Iterator[Part]:
        """The table's parts, when these are all rows of these places; None stands for all places."""
        known = self.files.known(table)
        seen = "" if CANONICAL[table].time_column else _FIRST.name
        for place, parts in known.items():
            if places is not None and place not in places:
                yield from parts
        for place, own in self.files.cut(table, rows, CANONICAL[table].time_column or seen):
            yield from self.files.write(table, own, before=known.get(place, ()), seen=seen)

    def _made(self, table: str) -> list[Part]:
        return [part for parts in self.files.known(table).values() for part in parts]

    def _imported(self, table: str) -> Relation:
        parts = self.files.stores.ledger.parts(table)
        return self.files.rows(table, [part for part in parts if not is_converted(part.source)])

    def _pieces(self, name: str, *some: Iterable[DayEntry]) -> Relation:
        own = [entry for entries in some for entry in entries if entry.name == OURS + name]
        paths = [self.files.stores.files.path(entry.path) for entry in own if entry.path]
        return Relation(paths=paths, schema=_SCHEMAS[name])

    def _session(self, seen: Mapping[str, Relation | pa.Table]) -> Any:
        bound = {key: one if isinstance(one, Relation) else Relation(rows=one) for key, one in seen.items()}
        return self.files.stores.engine.session(bound)


def _keys(relation: Relation, column: str) -> Relation:
    return Relation(sql=f"select {column} as key from keyed", inputs={"keyed": relation})


def _merged(said: pa.Table) -> Iterator[dict[str, Any]]:
    """One row a customer: of each attribute what was said last; rows come by customer, oldest first."""
    current: dict[str, Any] = {}
    for row in said.to_pylist():
        if row["customer_id"] != current.get("customer_id"):
            if current:
                yield _closed(current)
            current = {"customer_id": row["customer_id"], "first_at": row["first_at"], "traits": {}}
        found = attributes(row["traits"])
        current["first_at"] = min(current["first_at"], row["first_at"])
        current["traits"] |= found.pop("traits", {})
        current |= found
    if current:
        yield _closed(current)


def _closed(row: dict[str, Any]) -> dict[str, Any]:
    traits = row.pop("traits")
    return {**row, "traits": msgspec.json.encode(traits, order="sorted").decode()} if traits else row


def _row_id(row: Mapping[str, Any]) -> int:
    told = {name: value for name, value in row.items() if name != "first_at"}
    text = msgspec.json.encode(told, order="sorted")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1
