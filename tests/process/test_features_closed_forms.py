"""Closed forms of features on a handful of hand-written steps; both ways must tell them."""

from datetime import datetime, timedelta
from zlib import crc32

import pytest

from kits.features import Online, batch, differences, shop
from mindgap.backends.duckdb import DuckDBEngine

AS_OF = datetime(2024, 6, 3, 12)


def step(days_ago, name="Product Viewed", *, seconds=0, kind="track", who="anna", device=None, **values):
    """Something that somebody did at noon some days ago."""
    at = AS_OF - timedelta(days=days_ago) + timedelta(seconds=seconds)
    return {
        "row_id": crc32(repr((at, name, who, device)).encode()),
        "source": "web", "message_id": "m", "type": kind, "name": name, "occurred_at": at,
        "received_at": at, "customer_id": who, "anonymous_id": device, "purposes": "analytics",
        "channel": "web", "properties": "{}",
        **values,
    }  # fmt: skip


def line(days_ago, order="o1", *, who="anna", **values):
    """An order line some days ago."""
    at = AS_OF - timedelta(days=days_ago)
    return {
        "row_id": crc32(repr((at, order, who, values.get("product_id"))).encode()),
        "order_id": order, "customer_id": who, "ordered_at": at, "quantity": 1.0, "amount": 10.0,
        "discount": 0.0, "kind": "sale", "channel": "web", "product_id": "p1", "category": "tea",
        **values,
    }  # fmt: skip


@pytest.fixture
def told(tmp_path):
    """The row of a customer in a table; both ways agree."""
    engine = DuckDBEngine(scratch=tmp_path)

    def tell(table, *, who="anna", key=None, as_of=AS_OF, **rows):
        given = shop(**rows)
        found = batch(engine, given, as_of, tables=(table,))
        assert differences(found, Online(given).rows(as_of, tables=(table,))) == []
        for row in found[table]:
            if row["customer_id"] == who and key in {None, row.get("category"), row.get("channel")}:
                return row
        return None

    return tell


def test_windows_are_whole_local_days_and_the_day_of_the_moment(told):
    row = told("activity_features", events=[step(27), step(28), step(0.1)])
    assert (row["views_28d"], row["views_84d"], row["active_days_28d"], row["last_seen_seconds"]) == (
        2,
        3,
        2,
        8640.0,
    )
    early = told("activity_features", events=[step(27.5), step(27.6)])
    assert early["views_28d"] == 1, "the first day of the window counts from its midnight"


def test_the_day_of_midnight_is_the_day_that_ended(told):
    midnight = datetime(2024, 6, 3)
    row = told("activity_features", as_of=midnight, events=[step(6.5 + 0.1), step(7.6)])
    assert row["active_days_7d"] == 1


def test_half_an_hour_of_silence_and_midnight_end_a_visit(told):
    near = [step(1), step(1, seconds=1800), step(1, seconds=3601)]
    over_midnight = [step(2.5, seconds=-1), step(2.5, seconds=1)]
    row = told("activity_features", events=[*near, *over_midnight])
    assert (row["visits_7d"], row["dwell_seconds_7d"], row["views_7d"]) == (4, 1800.0, 5)


def test_after_a_page_is_left_nobody_is_there(told):
    left = step(1, "Page Left", seconds=60, properties='{"dwell_seconds": 12.5}')
    page = {"kind": "page", "name": "Home"}
    row = told("activity_features", events=[step(1, **page), left, step(1, seconds=600, **page)])
    assert (row["dwell_seconds_28d"], row["visible_seconds_28d"], row["visits_28d"]) == (60.0, 12.5, 1)


def test_before_sign_in_and_merged_ids_are_one_person(told):
    persons = [
        {"id": "d1", "id_kind": "anonymous", "person_id": "anna"},
        {"id": "anna2", "id_kind": "customer", "person_id": "anna"},
    ]
    events = [
        step(3, "Product Added", who=None, device="d1"),
        step(3, "Order Completed", who="anna2", seconds=60),
        step(4, "Product Added"),
    ]
    row = told("activity_features", events=events, persons=persons)
    assert (row["active_days_7d"], row["carts_28d"], row["abandoned_cart_days_84d"]) == (2, 2, 1)
    assert row["cart_abandonment_share_84d"] == 0.5
    assert told("activity_features", who="anna2", events=events, persons=persons) is None


def test_interests_of_a_customer(told):
    events = [
        step(1, product_id="p1", category="tea"),
        step(2, product_id="p1", category="tea"),
        step(3, product_id="p2", category="mugs"),
        step(1, "Products Searched", query=" Green Tea", channel="app"),
        step(2, "Products Searched", query="green tea", channel="app"),
        step(3, "Products Searched", query="绿茶"),
    ]
    row = told("activity_features", events=events)
    assert (row["products_seen_28d"], row["categories_seen_84d"], row["top_category_seen_84d"]) == (
        2,
        2,
        "tea",
    )
    assert row["category_concentration_84d"] == 5 / 9
    assert (row["different_searches_84d"], row["top_search_84d"]) == (2, "green tea")
    assert (row["channels_84d"], row["main_channel_84d"]) == (2, "web")
    tea = told("activity_categories", key="tea", events=events)
    assert (tea["views_84d"], tea["last_seen_seconds"]) == (2, 86400.0)
    app = told("activity_channels", key="app", events=events)
    assert (app["steps_84d"], app["active_days_84d"]) == (2, 2)


def test_the_cycle_of_buying_a_category(told):
    orders = [
        line(40, "o1"),
        line(30, "o2"),
        line(20, "o3"),
        line(10, "o4", category="mugs", product_id="p2"),
    ]
    row = told("purchase_categories", key="tea", orders=orders)
    assert (row["days_between_orders"], row["due_ratio"], row["order_days_364d"]) == (10.0, 2.0, 3)
    whole = told("purchase_features", orders=orders)
    assert (whole["days_between_orders"], whole["due_ratio"], whole["orders"]) == (10.0, 1.0, 4)
    assert told("purchase_categories", key="mugs", orders=orders)["due_ratio"] is None


def test_money_discounts_and_prices(told):
    orders = [
        line(5, "o1", quantity=2.0, amount=9.0, discount=1.0),
        line(5, "o1", product_id="p2", amount=11.0),
        line(4, "o2", amount=None, product_id="p3"),
        line(3, "o1", kind="return", amount=9.0),
    ]
    products = [
        {"product_id": "p1", "category": "tea", "price_micros": 5_000_000},
        {"product_id": "p2", "category": "tea", "price_micros": 10_000_000},
    ]
    row = told("purchase_features", orders=orders, products=products)
    expected = {
        "spend_28d": 20.0, "orders_28d": 2, "order_value_364d": 10.0, "price_level_364d": 1.0,
        "discount_share_364d": 1 / 21, "discounted_line_share_364d": 1 / 3, "return_share_364d": 1 / 4,
        "quarter_2_share": 1.0, "quarter_1_share": 0.0, "units_per_order_364d": 2.0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_sums_are_exact(told):
    orders = [line(days, f"o{days}", amount=0.1) for days in range(1, 11)]
    assert told("purchase_features", orders=orders)["spend_28d"] == 1.0


def test_scores_are_shares_of_their_scale(told):
    answer = {"customer_id": "anna", "given_at": AS_OF - timedelta(days=1), "kind": "review"}
    scored = [
        {**answer, "score": score, "scale_max": best}
        for score, best in ((4.0, 5.0), (10.0, 10.0), (9.0, 5.0))
    ]
    row = told("feedback_features", feedback=scored)
    assert (row["reviews_364d"], row["review_score_364d"], row["surveys_364d"]) == (3, 0.9, 0)


@pytest.mark.parametrize("table", ["activity_features", "purchase_features"])
def test_nothing_at_the_moment_or_after_it_is_seen(told, table):
    assert told(table, events=[step(0), step(-1)], orders=[line(0), line(-1)]) is None
