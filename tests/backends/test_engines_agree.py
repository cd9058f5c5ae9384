"""Every query of the loop gives the same on DuckDB and on Spark, cell by cell.

The loop itself runs, on an engine that asks both: a query that is added later is compared without a change
here. Doubles are equal to the last bit, or within the relative tolerance of kits.twin.TOLERANCE.
"""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources

import pytest

import mindgap as mg
from kits.clickstream import message, product, put_events, shopping, track
from kits.commands import mindgap
from kits.shop import canonical, put
from kits.spark import needs_spark, spark_engine
from kits.twin import TwinEngine, differences
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.loop.conversion import Conversion, convert
from mindgap.loop.offered import derivations
from mindgap.process.conversion import query

pytestmark = [needs_spark, pytest.mark.slow]
END = datetime(2024, 12, 31, 23, 30)
ODD_TEXTS = ["ΑΣ", "İstanbul", "\u3000茶壶\u00a0", "it's", "a\\b", 'say "hi"', "", " ", "ẞ", "$x", "𝒳"]
ODD_NUMBERS = ["1d", "0x1p3", "1_0", "inf", "NaN", "1e5", " 7 ", ".5", "5.", "-3", "1e400", True, None, 1.10]


def odd_events():
    """Events that try what engines might see differently."""
    who = {"user": "odd", "device": "odd-device"}
    at = END - timedelta(hours=3)
    for nth, text in enumerate(ODD_TEXTS):
        yield track("Products Searched", at + timedelta(seconds=nth), {"query": text}, **who)
        yield track(f"Order Completed{text[:1]}", at, {"order_id": f"o{text}", "coupon": text}, **who)
    for nth, number in enumerate(ODD_NUMBERS):
        item = {
            **product(nth),
            "price": number,
            "quantity": number,
            "position": number,
            "name": ODD_TEXTS[nth % 11],
        }
        said = {"order_id": f"n{nth}", "discount": number, "products": [item, item, "text", 3, None, {}]}
        yield track("Order Completed", at + timedelta(minutes=nth), said, user=f"u{nth % 3}")
        yield track(
            "Product Reviewed", at, {"product_id": "p1", "rating": number, "scale_max": number}, **who
        )
        left = {"dwell_seconds": number}
        yield message("page", at + timedelta(minutes=3 * nth), **who)
        yield track("Page Left", at + timedelta(minutes=3 * nth), left, **who)  # at the same moment: a tie
    yield from refunds(at)
    # not further apart: each day between them costs, and test_engines.py has moments of 1969 and 2099
    for year in (2023, 2027):
        yield track("Product Viewed", datetime(year, 1, 1), product(1), **who)
    for second in (-1, 0, 1):  # around the end of the year
        yield track("Product Viewed", datetime(2025, 1, 1) + timedelta(seconds=second), product(2), **who)
    yield message("alias", at, user="odd", previousId="before")


def refunds(at):
    """An order that is updated, refunded in part twice, then in whole; and one that is cancelled."""
    items = [{**product(number), "quantity": 3} for number in (1, 2)]
    who = {"user": "back"}
    order = {"order_id": "r1", "products": items, "discount": 7, "currency": "EUR"}
    yield track("Order Completed", at, order, **who)
    yield track("Order Updated", at + timedelta(seconds=1), {**order, "products": items[:1]}, **who)
    for second in (2, 3):
        part = {"order_id": "r1", "products": [{**product(1), "quantity": 1}]}
        yield track("Order Refunded", at + timedelta(seconds=second), part, **who)
    yield track("Order Refunded", at + timedelta(seconds=4), {"order_id": "r1"}, **who)
    yield track("Order Completed", at, {**order, "order_id": "r2", "currency": "USD"}, **who)
    yield track("Order Cancelled", at + timedelta(days=1), {"order_id": "r2"}, **who)


LATER = [
    {
        "order_id": "r1",
        "customer_id": "back",
        "product_id": "p1",
        "ordered_at": END,
        "quantity": 2.0,
        "kind": "sale",
    }
]


def imported():
    """Canonical rows with nulls, repeats, ties and odd words, by table."""
    orders = []
    for nth in range(240):
        line = {
            "order_id": f"i{nth // 3}",
            "customer_id": None if nth % 17 == 0 else f"k{nth % 12}",
            "product_id": None if nth % 23 == 0 else f"p{nth % 9}",
            "ordered_at": END - timedelta(hours=7 * (nth // 3)),
            "quantity": float(nth % 4),
            "amount": None if nth % 11 == 0 else (nth % 7) / 3,
            "discount": None if nth % 5 else 0.1,
            "kind": ("sale", "sale", "sale", "return", "cancelled")[nth % 5],
            "category": None if nth % 13 == 0 else ODD_TEXTS[nth % 4],
            "channel": None if nth % 3 else "web",
            "store_id": f"s{nth % 2}",
        }
        orders.append(line)
    customers = [
        {
            "customer_id": f"k{nth}",
            "joined_at": END - timedelta(days=400 + nth) if nth % 3 else None,
            "birth_year": 1970 + nth if nth % 2 else None,
            "region": ODD_TEXTS[nth % 11],
            "traits": json.dumps({"plan": ODD_TEXTS[nth % 11], "b": "1"}) if nth % 4 else None,
            "identifiers": f"+email:{nth % 5:032x} phone:{nth % 3:032x}" if nth % 2 else None,
        }
        for nth in range(12)
    ]
    products = [
        {"product_id": f"p{nth}", "product_name": ODD_TEXTS[nth], "category": "c"} for nth in range(8)
    ]
    feedback = [
        {"customer_id": f"k{nth}", "kind": "nps", "score": float(nth), "given_at": END - timedelta(days=nth)}
        for nth in range(12)
    ]
    return {"orders": orders, "customers": customers, "products": products, "feedback": feedback}


def run(folder, *, tables, events):
    """The whole loop on both engines; gives what was compared."""
    workspace = mg.open(folder)
    twin = TwinEngine(workspace.stores.engine, spark_engine(folder))
    workspace = replace(workspace, stores=replace(workspace.stores, engine=twin))
    for name, rows in tables.items():
        put(workspace, name, canonical(name, rows))
    if events:
        put_events(workspace, events)
    workspace.run()
    put(
        workspace, "orders", canonical("orders", LATER), source="later"
    )  # what events told of them is now known
    convert(workspace.stores, Conversion(time_zone="UTC", currency="EUR", at=END))
    look_at_views(workspace, twin)
    return twin


def look_at_views(workspace, twin):
    """Views that no table is made of are read by nobody yet."""
    at = workspace.moment(None).as_of
    for name, item in derivations().items():
        if item.form == "table" or item.sql in twin.seen:
            continue
        with suppress(CannotSay):
            relation = workspace.reader().relation(name, purpose=item.purpose, as_of=at)
            with twin.session({"view": relation}) as session:
                session.table("select * from view")


@pytest.fixture(scope="module", autouse=True)
def quick_spark(tmp_path_factory):
    """The one JVM started with the tests' settings, also where a command is first."""
    with spark_engine(tmp_path_factory.mktemp("quick")).session({}):
        pass


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    events = [*shopping(end=END, customers=5, visits=3), *odd_events()]
    return run(tmp_path_factory.mktemp("agree") / "shop", tables=imported(), events=events)


def test_a_whole_run_gives_the_same_cells(whole):
    assert whole.found == {}


def test_a_run_by_command_gives_the_same_tables(tmp_path):
    """A shop without events, from a file to all tables, on each engine by itself."""
    lines = [line for line in imported()["orders"] if line["kind"] == "sale" and line["customer_id"]]
    names = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount", "category")
    rows = [",".join(str("" if line[name] is None else line[name]) for name in names) for line in lines]
    (tmp_path / "orders.csv").write_text("\n".join([",".join(names), *rows]))
    folders = {engine: tmp_path / engine for engine in ("duckdb", "spark")}
    for engine, folder in folders.items():
        settings = "[workspace]\nspark = 'local[2]'\nmemory_limit_mb = 800\n"
        folder.mkdir()
        (folder / "mindgap.toml").write_text(settings)
        done = mindgap(
            "run", tmp_path / "orders.csv", "--dir", folder, "--engine", engine, "--yes", cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    one, other = (mg.open(folder) for folder in folders.values())
    at = one.moment(None).as_of
    seen = 0
    for name, item in derivations().items():
        found = []
        for workspace in (one, other):
            with suppress(CannotSay, UnknownError):
                found.append(workspace.reader().read(name, purpose=item.purpose, as_of=at))
        if found:
            assert len(found) == 2, name
            assert (name, differences(*found, ordered=False)) == (name, [])
            seen += 1
    assert seen > 10


def test_every_query_that_there_is_was_compared(whole):
    models = {name: item.sql for name, item in derivations().items() if item.sql}
    assert [name for name, sql in models.items() if sql not in whole.seen] == []
    for name in conversions():
        text = query(name)
        assert any(text in sql for sql in whole.seen), name


def conversions():
    folder = resources.files("mindgap.process") / "conversion"
    return sorted(
        entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql")
    )
