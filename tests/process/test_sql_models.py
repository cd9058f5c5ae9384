"""Closed forms of the SQL models on a handful of hand-written order lines."""

import math
from datetime import datetime, timedelta

import pytest

from kits.shop import canonical, put
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import SettingsError
from mindgap.loop.building import build
from mindgap.loop.planning import plan
from mindgap.process.models import parse_model, sql_derivations

AS_OF = datetime(2024, 6, 3)
TABLES = tuple(item.name for item in sql_derivations())


def line(order, customer, product, days_ago, **values):
    defaults = {"quantity": 1.0, "amount": 10.0, "discount": 0.0, "kind": "sale"}
    return {
        "order_id": order,
        "customer_id": customer,
        "product_id": product,
        "ordered_at": AS_OF - timedelta(days=days_ago),
    } | (defaults | values)


LINES = [
    line("o1", "anna", "milk", 1, quantity=2.0, amount=4.0, discount=1.0, channel="web"),
    line("o1", "anna", "bread", 1, amount=3.0, channel="web"),
    line("o2", "anna", "milk", 8, amount=2.0, channel="store"),
    line("o3", "anna", "milk", 30, amount=2.0, channel="store"),
    line("o4", "anna", "milk", 29, amount=2.0, kind="return"),
    line("o5", "ben", "tea", 7, amount=5.0),
    line("o6", None, "milk", 2, amount=2.0),
    line("o7", "cara", "tea", -1, amount=99.0),
]
CATALOGUE = [
    {"product_id": "milk", "category": "dairy", "department": "food", "product_name": "Milk"},
    {"product_id": "bread", "category": "bakery", "department": "food"},
    {"product_id": "unsold", "category": "bakery"},
]


@pytest.fixture
def tables(workspace):
    put(workspace, "orders", canonical("orders", LINES))
    put(workspace, "products", canonical("products", CATALOGUE))
    for step in plan(workspace.stores, Moment(as_of=AS_OF), tables=TABLES):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(AS_OF)
    return lambda name: workspace.table(name).to_pylist()


def test_purchases_leave_out_returns_and_the_future(tables):
    rows = tables("purchases")
    assert len(rows) == 6
    assert {row["order_id"]: row["week"] for row in rows} == {"o1": 0, "o2": 1, "o3": 4, "o5": 0, "o6": 0}
    assert {row["product_id"]: row["category"] for row in rows} == {
        "milk": "dairy",
        "bread": "bakery",
        "tea": None,
    }


def test_features_of_a_customer(tables):
    anna = next(row for row in tables("customer_features") if row["customer_id"] == "anna")
    expected = {
        "recency_days": 1.0, "tenure_days": 30.0, "orders": 3, "lines": 4, "spend": 11.0,
        "avg_order_value": 11 / 3, "active_weeks": 3, "orders_28d": 2, "orders_prev_28d": 1, "orders_84d": 3,
        "spend_28d": 9.0, "spend_prev_28d": 2.0, "spend_84d": 11.0, "demand_trend": math.log(10 / 3),
        "discount_share": 1 / 12, "return_share": 1 / 5, "products": 2, "categories": 2,
        "top_category": "dairy", "top_category_share": 0.75, "main_channel": "store", "channels": 2,
        "category_entropy_bits": -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)),
        "weekend_share": 1.0, "mean_gap_days": (22 + 7) / 2, "units_per_order": 5 / 3,
        "price_per_unit": 11 / 5,
    }  # fmt: skip
    for name, value in expected.items():
        got = anna[name]
        assert got == (pytest.approx(value) if isinstance(value, float) else value), name


def test_a_customer_with_one_order_has_no_gap_between_orders(tables):
    ben = next(row for row in tables("customer_features") if row["customer_id"] == "ben")
    assert ben["mean_gap_days"] is None
    assert ben["category_entropy_bits"] is None
    assert ben["top_category"] is None


def test_unknown_customers_count_for_the_market_and_for_nobody(tables):
    assert {row["customer_id"] for row in tables("customer_features")} == {"anna", "ben"}
    dairy = next(row for row in tables("category_week") if (row["category"], row["week"]) == ("dairy", 0))
    assert (dairy["lines"], dairy["units"], dairy["customers"], dairy["orders"]) == (2, 3.0, 1, 2)


def test_category_shares_and_decay(tables):
    dairy = next(row for row in tables("customer_category") if row["category"] == "dairy")
    assert dairy["line_share"] == 0.75
    assert dairy["decayed_lines"] == pytest.approx(sum(0.5 ** (days / 84) for days in (1, 8, 30)))


def test_products_that_only_orders_name_are_in_the_catalogue(tables):
    assert {row["product_id"] for row in tables("catalogue")} == {"milk", "bread", "unsold", "tea"}
    assert {row["product_id"] for row in tables("product_stats")} == {"milk", "bread", "tea"}


def test_a_catalogue_without_names_leaves_those_of_order_lines(workspace):
    lines = [{**line, "product_name": f"fine {line['product_id']}"} for line in LINES if line["product_id"]]
    put(workspace, "orders", canonical("orders", lines))
    put(workspace, "products", canonical("products", [{"product_id": "milk", "price": 1.5}]))
    for step in plan(workspace.stores, Moment(as_of=AS_OF), tables=("catalogue",)):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(AS_OF)
    rows = {row["product_id"]: row for row in workspace.table("catalogue").to_pylist()}
    assert (rows["milk"]["product_name"], rows["milk"]["price"]) == ("fine milk", 1.5)
    assert rows["tea"]["product_name"] == "fine tea"


def test_a_product_listed_twice_does_not_double_its_sales(workspace):
    put(workspace, "orders", canonical("orders", LINES))
    put(
        workspace,
        "products",
        canonical("products", [*CATALOGUE, {"product_id": "milk", "category": "other"}]),
    )
    for step in plan(workspace.stores, Moment(as_of=AS_OF), tables=("purchases",)):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(AS_OF)
    assert workspace.table("purchases").num_rows == 6


def test_a_model_without_its_contract_is_refused():
    with pytest.raises(SettingsError, match="grain"):
        parse_model("x", "-- inputs: orders\nselect 1")
