"""Converting day by day comes to what converting all at once comes to, whatever happens in between."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kits.clickstream import END, event_rows, message, product, track
from kits.shop import canonical, put
from mindgap.loop.conversion import Conversion, convert
from mindgap.loop.lake import merged, write_parts
from mindgap.store.engine import Relation
from mindgap.store.state import SourceRecord
from mindgap.store.streams import Compaction
from mindgap.workspace import open as open_workspace

ZONE = "America/New_York"
TABLES = ("orders", "exposures", "feedback", "products", "customers")
START = datetime(2024, 3, 7, 2)  # the clocks change three days later


def bring(workspace, rows):
    """Rows into the lake, as a compaction does."""
    table = canonical("events", rows)
    workspace.stores.streams.commit(Compaction(added=write_parts(workspace.stores, table)))


def take_out(workspace, order_id):
    """Erase the events of an order: their parts are written anew."""
    stores = workspace.stores
    for part in stores.ledger.parts("events"):
        with stores.engine.session({"t": Relation(paths=[stores.lake.path(part.path)])}) as session:
            rest = session.table(f"select * from t where order_id is distinct from '{order_id}'")
        if rest.num_rows < part.rows:
            stores.streams.commit(Compaction(added=write_parts(stores, rest), removed=[part.path]))


def merge(workspace):
    """One file of all parts of a source and day."""
    stores, groups = workspace.stores, {}
    for part in stores.ledger.parts("events"):
        groups.setdefault((part.source, part.min_time.date()), []).append(part)
    for parts in groups.values():
        if len(parts) > 1:
            stores.streams.commit(
                Compaction(added=merged(stores, parts), removed=[part.path for part in parts])
            )


def converted(workspace):
    return convert(workspace.stores, Conversion(time_zone=ZONE, currency="EUR", at=END))


def state(workspace):
    """Every row of every table, what the ledger keeps of them, and what is said of them."""
    stores, found = workspace.stores, {}
    for table in TABLES:
        parts = [part for part in stores.ledger.parts(table) if part.source.startswith("events:")]
        paths = sorted({stores.files.path(part.path) for part in parts})
        found[table] = []
        if paths:
            with stores.engine.session({"t": Relation(paths=paths)}) as session:
                found[table] = session.table("select * from t order by row_id").to_pylist()
        found[f"{table} parts"] = sorted(
            (part.key, part.rows, part.min_time, part.max_time) for part in parts
        )
    found["notes"] = [one.notes for one in stores.ledger.sources() if one.name == "events:orders"]
    return found


def at_once(folder, workspace, imports):
    """The same events and imports in a new workspace, converted once."""
    other, stores = open_workspace(folder), workspace.stores
    paths = sorted({stores.lake.path(part.path) for part in stores.ledger.parts("events")})
    if paths:
        with stores.engine.session({"t": Relation(paths=paths)}) as session:
            rows = session.table("select * from t")
        other.stores.streams.commit(Compaction(added=write_parts(other.stores, rows)))
    for table, numbers in imports.items():
        bring_import(other, table, numbers)
    converted(other)
    return state(other)


def bring_import(workspace, table, numbers):
    """An import that has these orders or customers."""
    rows = [
        {"order_id": f"o{n}", "customer_id": f"c{n}", "ordered_at": START, "quantity": 1.0, "kind": "sale"}
        if table == "orders"
        else {"customer_id": f"c{n}", "gender": "f"}
        for n in sorted(numbers)
    ]
    put(workspace, table, canonical(table, rows), source=f"till {table}")


NAMES = ("Order Completed", "Order Updated", "Order Refunded", "Order Cancelled")
TIMES = st.floats(0, 12).map(lambda days: START + timedelta(days=days))
NUMBERS = st.integers(0, 4)


@st.composite
def told(draw):
    """One message: mostly of an order, in any order of time."""
    who = draw(st.sampled_from([{"user": "c1"}, {"user": "c2", "device": "d2"}, {"device": "d1"}]))
    when, number = draw(TIMES), draw(NUMBERS)
    kind = draw(st.integers(0, 9))
    if kind == 0:
        traits = {"plan": draw(st.sampled_from(["a", "b"])), f"t{number}": "1"}
        return message("identify", when, user=f"c{number}", traits=traits)
    if kind == 1:
        return track("Product Reviewed", when, {**product(number), "rating": 4}, **who)
    if kind == 2:
        return track("Product List Viewed", when, {"products": [product(number), product(number + 1)]}, **who)
    chosen = draw(st.lists(NUMBERS, max_size=4))
    items = [{**product(one), "quantity": 1 + one, "price": 0.1 * one + 0.07} for one in chosen]
    properties = {"order_id": f"o{number}", "discount": draw(st.sampled_from([0, 0.3])), "total": 5}
    properties |= {"products": items} if items else {}
    properties |= {"currency": "USD"} if draw(st.integers(0, 19)) == 0 else {}
    return track(draw(st.sampled_from(NAMES)), when, properties, **who)


STEPS = st.one_of(
    st.tuples(st.just("bring"), st.lists(told(), min_size=1, max_size=8)),
    st.tuples(st.just("merge"), st.none()),
    st.tuples(st.just("take_out"), NUMBERS),
    st.tuples(st.just("orders"), st.sets(NUMBERS, max_size=2)),
    st.tuples(st.just("customers"), st.sets(NUMBERS, max_size=2)),
)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=2, max_size=5))
def test_increments_come_to_what_all_at_once_comes_to(tmp_path_factory, steps):
    workspace, imports, rows = open_workspace(tmp_path_factory.mktemp("shop")), {}, {}
    for name, given_ in steps:
        if name == "bring":
            fresh = {row["row_id"]: row for row in event_rows(given_) if row["row_id"] not in rows}
            rows |= fresh
            if fresh:
                bring(workspace, list(fresh.values()))
        elif name == "merge":
            merge(workspace)
        elif name == "take_out":
            take_out(workspace, f"o{given_}")
        else:
            imports[name] = given_
            bring_import(workspace, name, given_)
        converted(workspace)
    assert state(workspace) == at_once(tmp_path_factory.mktemp("other"), workspace, imports)


def bought(day, number=1, event="Order Completed", **more):
    items = [{**product(number), "quantity": 2}, {**product(number + 1), "quantity": 1}]
    properties = {"order_id": f"o{number}", "products": items, **more}
    return track(event, START + timedelta(days=day), properties, user=f"c{number}")


@pytest.fixture
def shop_of_days(workspace):
    """Ten days with an order and a look at a product each, converted."""
    looked = [
        track("Product Viewed", START + timedelta(days=n, hours=1), product(n), device="d1")
        for n in range(10)
    ]
    bring(workspace, event_rows([*looked, *(bought(day, number=day) for day in range(10))]))
    converted(workspace)
    return workspace


def paths(workspace, table):
    return {part.path: part.min_time for part in workspace.stores.ledger.parts(table)}


def test_a_new_day_leaves_the_files_of_others_alone(shop_of_days):
    before = {table: paths(shop_of_days, table) for table in ("orders", "exposures")}
    bring(shop_of_days, event_rows([bought(10, number=10)]))
    converted(shop_of_days)
    assert before["exposures"] == paths(shop_of_days, "exposures")
    assert before["orders"].items() < paths(shop_of_days, "orders").items()


def test_a_refund_writes_no_line_of_its_order_anew_and_a_cancellation_does(shop_of_days):
    before = paths(shop_of_days, "orders")
    bring(shop_of_days, event_rows([bought(11, number=2, event="Order Refunded")]))
    converted(shop_of_days)
    refunded = paths(shop_of_days, "orders")
    assert before.items() < refunded.items()
    bring(shop_of_days, event_rows([bought(11.5, number=3, event="Order Cancelled")]))
    converted(shop_of_days)
    assert {before[path] for path in before.keys() - paths(shop_of_days, "orders").keys()} == {
        START + timedelta(days=3)
    }


def test_merging_parts_converts_nothing(shop_of_days):
    bring(shop_of_days, event_rows([bought(9.1, number=11)]))
    converted(shop_of_days)
    merge(shop_of_days)
    assert converted(shop_of_days) == ()


def test_a_conversion_that_was_cut_off_is_done_again_from_the_beginning(shop_of_days, tmp_path):
    """Between the tables: some are of after, some of before; an order is gone meanwhile."""
    stores = shop_of_days.stores
    orders = next(one for one in stores.ledger.sources() if one.name == "events:orders")
    bring(shop_of_days, event_rows([bought(10, number=10)]))
    parts = [part for part in stores.ledger.parts("orders") if part.source == orders.name]
    stores.ledger.replace(unfinished(orders), parts)
    take_out(shop_of_days, "o10")
    take_out(shop_of_days, "o4")
    converted(shop_of_days)
    assert state(shop_of_days) == at_once(tmp_path / "other", shop_of_days, {})


def unfinished(record):
    values = {name: getattr(record, name) for name in SourceRecord.__slots__}
    return SourceRecord(**{**values, "stat": "unfinished"})


def test_a_piece_that_is_lost_is_made_again(shop_of_days, tmp_path):
    before = state(shop_of_days)
    entry = shop_of_days.stores.manifest.days("events:orders")[3]
    shop_of_days.stores.files.path(entry.path).unlink()
    assert converted(shop_of_days) != ()
    assert state(shop_of_days) == before
