"""Closed forms of interests, habits and cycles on a few hand-written purchases."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from mindgap.backends.duckdb import DuckDBEngine
from mindgap.process.models import sql_derivations
from mindgap.store.engine import Relation

AS_OF = datetime(2024, 6, 3, 22)  # Monday midnight, two hours east of Greenwich
BOUGHT = pa.schema(
    [
        ("customer_id", pa.string()), ("order_id", pa.string()), ("product_id", pa.string()),
        ("category", pa.string()), ("department", pa.string()), ("ordered_at", pa.timestamp("us")),
        ("quantity", pa.float64()), ("amount", pa.float64()),
    ]
)  # fmt: skip
ORDERS = pa.schema(
    [
        ("customer_id", pa.string()), ("order_id", pa.string()), ("ordered_at", pa.timestamp("us")),
        ("lines", pa.int64()), ("spend", pa.float64()), ("channel", pa.string()), ("gap_days", pa.float64()),
    ]
)  # fmt: skip
CATALOGUE = [
    {"product_id": "oat", "brand": "Plain"},
    {"product_id": "cow", "brand": "Farm"},
    {"product_id": "rye", "brand": "Mill"},
]
SEARCHED = pa.schema(
    [("customer_id", pa.string()), ("query", pa.string()), ("searched_at", pa.timestamp("us"))]
)


def bought(customer, order, product, days_ago, *, category="milk", amount=2.0):
    return {
        "customer_id": customer, "order_id": order, "product_id": product, "category": category,
        "department": "food", "ordered_at": AS_OF - timedelta(days=days_ago), "quantity": 1.0,
        "amount": amount,
    }  # fmt: skip


def ask(tmp_path, name, purchases, *, orders=(), searches=()):
    model = next(item for item in sql_derivations() if item.name == name)
    clock = {"as_of": pa.array([AS_OF], pa.timestamp("us")), "utc_offset_seconds": [7200]}
    seen = {
        "moment": Relation(rows=pa.table(clock)),
        "purchases": Relation(rows=pa.Table.from_pylist(list(purchases), schema=BOUGHT)),
        "customer_orders": Relation(rows=pa.Table.from_pylist(list(orders), schema=ORDERS)),
        "searches": Relation(rows=pa.Table.from_pylist(list(searches), schema=SEARCHED)),
        "catalogue": Relation(rows=pa.Table.from_pylist(CATALOGUE)),
    }
    with DuckDBEngine(scratch=tmp_path).session(seen) as session:
        return session.table(model.sql).to_pylist()


def test_an_interest_halves_every_84_days_and_is_held_against_everybody(tmp_path):
    rows = ask(
        tmp_path,
        "customer_interests",
        [
            bought("anna", "1", "oat", 0),
            bought("anna", "2", "rye", 84, category="bread"),
            bought("ben", "3", "rye", 0, category="bread"),
        ],
        searches=[{"customer_id": "anna", "query": "oat milk", "searched_at": AS_OF - timedelta(days=1)}],
    )
    found = {(row["customer_id"], row["kind"], row["thing"]): row for row in rows}
    milk, bread = found["anna", "category", "milk"], found["anna", "category", "bread"]
    assert (milk["weight"], bread["weight"]) == pytest.approx((2 / 3, 1 / 3))
    assert milk["lift"] == pytest.approx((2 / 3) / (1 / 2.5))
    assert (bread["last_days"], bread["place"], milk["place"]) == (84, 2, 1)
    assert found["anna", "brand", "Plain"]["weight"] == pytest.approx(2 / 3)
    assert found["anna", "search", "oat milk"]["weight"] == 1
    assert ("ben", "search", "oat milk") not in found


def test_fifty_interests_of_a_kind_are_kept(tmp_path):
    many = [bought("anna", str(n), "oat", n, category=f"category {n}") for n in range(60)]
    rows = [row for row in ask(tmp_path, "customer_interests", many) if row["kind"] == "category"]
    assert [row["place"] for row in rows] == list(range(1, 51))
    assert rows[0]["thing"] == "category 0"


def test_habits_are_told_in_local_time(tmp_path):
    def order(number, days_ago, hour, channel):
        at = AS_OF - timedelta(days=days_ago, hours=24 - hour)
        return {
            "customer_id": "anna", "order_id": number, "ordered_at": at, "lines": 2, "spend": 10.0 * days_ago,
            "channel": channel, "gap_days": None if number == "1" else 7.0,
        }  # fmt: skip

    # the days before the as-of time begin at 22 h UTC: Mondays, twice in the local evening, once at night
    orders = [order("1", 14, 19, "store"), order("2", 7, 20, "web"), order("3", 0, 1, "web")]
    lines = [
        bought("anna", "1", "oat", 14, amount=1.0),
        bought("anna", "2", "oat", 7, amount=1.0),
        bought("anna", "2", "cow", 7, amount=3.0),
        bought("ben", "9", "rye", 7, category="bread"),
    ]
    (row,) = ask(tmp_path, "customer_habits", lines, orders=orders)
    assert (row["weekday"], row["weekday_share"]) == (1, 1.0)
    assert (row["day_part"], row["day_part_share"]) == ("evening", pytest.approx(2 / 3))
    assert (row["channel"], row["channel_share"]) == ("web", pytest.approx(2 / 3))
    assert (row["usual_gap_days"], row["usual_spend"], row["usual_lines"]) == (7.0, 70.0, 2.0)
    assert row["repeat_share"] == pytest.approx(1 / 3)
    assert row["price_level"] == pytest.approx(1 / 3), "two of three lines are of the cheaper of two milks"
    assert row["brand_loyalty"] == pytest.approx(2 / 3)


def test_a_cycle_is_the_mean_time_between_orders(tmp_path):
    days = (40, 30, 20, 5)
    lines = [bought("anna", str(days_ago), "oat", days_ago) for days_ago in days]
    lines += [bought("anna", "5", "cow", 5), bought("anna", "x", "rye", 3, category="bread")]
    row, before = ask(tmp_path, "category_cycles", lines)
    assert (row["days_before"], before["days_before"]) == (0, 28)
    assert (before["orders"], before["cycle_days"], before["last_days"]) == (2, 10.0, 2.0)
    assert (row["category"], row["orders"]) == ("milk", 4)
    assert row["cycle_days"] == pytest.approx(35 / 3)
    assert row["due_ratio"] == pytest.approx(5 / (35 / 3))
    assert row["due_in_days"] == pytest.approx(35 / 3 - 5)
    mean = 35 / 3
    spread = (((10 - mean) ** 2 * 2 + (15 - mean) ** 2) / 3) ** 0.5
    assert row["cycle_spread"] == pytest.approx(spread / mean)
