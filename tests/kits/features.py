"""Features of a small shop both ways: by the queries on an engine, and by the online evaluator."""

from datetime import datetime
from types import SimpleNamespace

import pyarrow as pa

from kits.by_day import SQL, day_events
from mindgap.kernel.clock import day_start
from mindgap.kernel.tables import CANONICAL
from mindgap.process.features.declared import BY_TABLE
from mindgap.process.features.folding import Answer, OrderLine, Product
from mindgap.process.features.local_days import local_days_of, micros, stretch_table
from mindgap.process.features.online import Fold, evaluate, evaluate_by_key
from mindgap.store.circumstances import Tile, moment_relation, tile_relation
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema

PIECES = ("customer_days", "customer_things")
PERSONS = pa.schema([(name, pa.string()) for name in ("id", "id_kind", "person_id")])
PRODUCTS = pa.schema([("product_id", pa.string()), ("category", pa.string()), ("price_micros", pa.int64())])


def canonical(name, rows):
    """Rows (dicts) as a canonical table; rows without an id get one."""
    schema = arrow_schema(CANONICAL[name])
    return pa.Table.from_pylist([{"row_id": place, **row} for place, row in enumerate(rows)], schema=schema)


def shop(*, events=(), orders=(), feedback=(), persons=(), products=(), time_zone="UTC"):
    """What there is, as tables under the names that the queries know."""
    return {
        "events": canonical("events", events),
        "orders": canonical("orders", orders),
        "feedback": canonical("feedback", feedback),
        "same_person": pa.Table.from_pylist(list(persons), schema=PERSONS),
        "product_prices": pa.Table.from_pylist(list(products), schema=PRODUCTS),
        "time_zone": time_zone,
        "first_at": min((row["occurred_at"] for row in events), default=datetime(2024, 1, 1)),
    }


def tiles(as_of, time_zone):
    """Local days up to a moment in groups that may be worked out together."""
    every = local_days_of(time_zone, as_of).stretches
    for one in every:
        end = None if one == every[-1] else day_start(one.first_day + one.days, time_zone)
        start = day_start(one.first_day, time_zone)
        yield Tile(first_day=one.first_day, start_at=start, days=one.days), end


def pieces(engine, told, as_of):
    """The pieces by day of all events before a moment."""
    found = {name: [] for name in PIECES}
    for tile, end in tiles(as_of, told["time_zone"]):
        events = Relation(
            rows=told["events"], time_column="occurred_at", since=tile.start_at,
            before=min(as_of, end or as_of), allowed_for="analytics",
        )  # fmt: skip
        seen = {"events": day_events(events, tile_relation(tile))}
        if tile.start_at < as_of and (end is None or end > told["first_at"]):
            with engine.session(seen) as session:
                for name in PIECES:
                    found[name].append(session.table(SQL[name]))
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def batch(engine, told, as_of, *, tables=tuple(BY_TABLE)):
    """Rows (dicts) of the tables of features as of a moment, by table."""
    days = local_days_of(told["time_zone"], as_of).stretches
    inner = {name: Relation(rows=rows) for name, rows in pieces(engine, told, as_of).items()}
    inner |= {name: Relation(rows=told[name]) for name in ("same_person", "product_prices")}
    seen = {
        "moment": moment_relation(as_of, told["time_zone"]),
        "local_days": Relation(rows=stretch_table(days)),
        "of_visits": Relation(sql=SQL["person_days"], inputs=inner),
        "of_things": Relation(sql=SQL["person_things"], inputs=inner),
        "product_prices": inner["product_prices"],
        "orders": Relation(rows=told["orders"], time_column="ordered_at", before=as_of),
        "feedback": Relation(rows=told["feedback"], time_column="given_at", before=as_of),
    }
    with engine.session(seen) as session:
        return {name: session.table(SQL[name]).to_pylist() for name in tables}


def _of_person(told, table):
    """Rows of a table by person."""
    ids = {(row["id_kind"], row["id"]): row["person_id"] for row in told["same_person"].to_pylist()}
    found = {}
    for row in told[table].to_pylist():
        customer = row["customer_id"]
        if customer is not None:
            person = ids.get(("customer", customer), customer)
        else:
            person = ids.get(("anonymous", row.get("anonymous_id")))
        if person is not None:
            found.setdefault(person, []).append(SimpleNamespace(**row))
    return found


class Online:
    """The same features, one customer at a time."""

    def __init__(self, told):
        self.told = told
        self.products = {
            row["product_id"]: Product(row["category"], row["price_micros"])
            for row in told["product_prices"].to_pylist()
        }
        self.events = _of_person(told, "events")
        unmerged = {**told, "same_person": told["same_person"].slice(0, 0)}  # clean views tell persons
        self.orders = {
            person: [OrderLine(*(getattr(row, name) for name in OrderLine._fields)) for row in rows]
            for person, rows in _of_person(unmerged, "orders").items()
        }
        self.answers = {
            person: [Answer(*(getattr(row, name) for name in Answer._fields)) for row in rows]
            for person, rows in _of_person(unmerged, "feedback").items()
        }
        self.customers = sorted({*self.events, *self.orders, *self.answers})

    def fold(self, customer, as_of):
        fold = Fold(
            days=local_days_of(self.told["time_zone"], as_of), before=micros(as_of), products=self.products
        )
        allowed = [row for row in self.events.get(customer, ()) if "analytics" in row.purposes.split(" ")]
        fold.events([*allowed[::-1], *allowed[::3]])  # late, and some of them twice
        fold.orders(self.orders.get(customer, ()))
        fold.feedback(self.answers.get(customer, ()))
        return fold

    def rows(self, as_of, *, customers=None, tables=tuple(BY_TABLE)):
        """Rows as `batch` gives them."""
        found = {name: [] for name in tables}
        for customer in customers or self.customers:
            fold = self.fold(customer, as_of)
            for name in tables:
                found[name] += table_rows(fold, customer, name)
        return found


def table_rows(fold, customer, name):
    """One customer's rows of a table."""
    per = BY_TABLE[name][0].per
    if per == "customer":
        told = evaluate(fold, name)
        return [] if told is None else [{"customer_id": customer, **told}]
    by_key = evaluate_by_key(fold, name)
    return [{"customer_id": customer, per: key, **by_key[key]} for key in sorted(by_key)]


def differences(batched, online):
    """Cells that are not the same to the bit, as (table, row, column, batch, online)."""
    found = []
    for name, rows in batched.items():
        per = BY_TABLE[name][0].per
        keys = ("customer_id",) if per == "customer" else ("customer_id", per)
        one, other = ({tuple(row[key] for key in keys): row for row in side} for side in (rows, online[name]))
        found += [(name, key, "row", key in one, key in other) for key in one.keys() ^ other.keys()]
        for key in one.keys() & other.keys():
            found += [
                (name, key, column, value, other[key][column])
                for column, value in one[key].items()
                if value != other[key][column] or type(value) is not type(other[key][column])
            ]
    return found
