"""What events become: closed forms on hand-written messages; then the same in whatever order they come."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kits.clickstream import END, entries, event_rows, message, put_events, shopping, track
from kits.shop import canonical, put
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.loop.conversion import Conversion, convert
from mindgap.store.engine import Relation
from mindgap.workspace import open as open_workspace

MONDAY = datetime(2024, 5, 6)
ANNA = {"user": "anna", "device": "d1"}
ITEMS = [
    {"product_id": "mug", "name": "Mug", "category": "mugs", "price": 6, "quantity": 2},
    {"product_id": "tea", "name": "Tea", "category": "tea", "price": 8.0, "quantity": 1},
]


def at(hours=0.0, **more):
    return MONDAY + timedelta(hours=hours, **more)


def order(hours, *, order_id="o1", event="Order Completed", who=ANNA, **properties):
    return track(event, at(hours), {"order_id": order_id, **properties}, **who)


def converted(workspace, messages=(), **more):
    """The canonical tables after these messages, each as a list of rows without nulls."""
    if messages:
        put_events(workspace, messages, **more)
    convert(workspace.stores, Conversion(time_zone="UTC", currency="EUR", at=END))
    return {
        table: rows(workspace, table)
        for table in ("orders", "exposures", "feedback", "products", "customers")
    }


def rows(workspace, table, *, only="events:"):
    stores = workspace.stores
    parts = [part for part in stores.ledger.parts(table) if part.source.startswith(only)]
    if not parts:
        return []
    paths = sorted({stores.files.path(part.path) for part in parts})
    with stores.engine.session({"t": Relation(paths=paths)}) as session:
        found = session.table("select * from t order by row_id").to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def lines(found):
    """Order lines as (product, kind, quantity, amount, discount)."""
    names = ("product_id", "kind", "quantity", "amount", "discount")
    return sorted(tuple(row.get(name) for name in names) for row in found["orders"])


def test_an_order_is_one_line_an_item_less_its_share_of_the_discount(workspace):
    found = converted(workspace, [order(0, products=ITEMS, discount=5, coupon="MAY", currency="eur")])
    assert lines(found) == [("mug", "sale", 2.0, 9.0, 3.0), ("tea", "sale", 1.0, 6.0, 2.0)]
    mug = next(row for row in found["orders"] if row["product_id"] == "mug")
    expected = {
        "order_id": "o1", "customer_id": "anna", "ordered_at": at(0), "category": "mugs",
        "product_name": "Mug", "channel": "web", "campaign_id": "MAY",
    }  # fmt: skip
    assert mug.items() >= expected.items()


def test_an_order_without_items_is_one_line_of_its_total(workspace):
    assert lines(converted(workspace, [order(0, total=21.5)])) == [(None, "sale", 1.0, 21.5, None)]


def test_without_a_discount_none_is_made_up_and_without_a_price_no_amount(workspace):
    found = converted(workspace, [order(0, products=[{"product_id": "mug"}, *ITEMS[1:]])])
    assert lines(found) == [("mug", "sale", 1.0, None, None), ("tea", "sale", 1.0, 8.0, None)]


def test_a_correction_replaces_the_lines_and_keeps_the_time(workspace):
    told = [order(0, products=ITEMS), order(5, event="Order Updated", products=ITEMS[:1])]
    found = converted(workspace, told)
    assert lines(found) == [("mug", "sale", 2.0, 12.0, None)]
    assert found["orders"][0]["ordered_at"] == at(0)


def test_two_sources_that_tell_one_order_make_one(workspace):
    put_events(workspace, [order(0.001, products=ITEMS, who={"user": "anna"})], source="shop-server")
    assert len(lines(converted(workspace, [order(0, products=ITEMS)]))) == 2


A_MUG = {"products": [{"product_id": "mug", "quantity": 1}]}
MANY_MUGS = {"products": [{"product_id": "mug", "quantity": 9}]}


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ([{}], [("mug", 2.0, 9.0), ("tea", 1.0, 6.0)]),
        ([{}, {}], [("mug", 2.0, 9.0), ("tea", 1.0, 6.0)]),
        ([A_MUG], [("mug", 1.0, 4.5)]),
        ([A_MUG, {}], [("mug", 1.0, 4.5), ("mug", 1.0, 4.5), ("tea", 1.0, 6.0)]),
        ([MANY_MUGS], [("mug", 2.0, 9.0)]),
    ],
)
def test_refunds_send_back_what_was_paid_and_nothing_twice(workspace, refunds, expected):
    told = [order(0, products=ITEMS, discount=5)]
    told += [order(n, event="Order Refunded", **said) for n, said in enumerate(refunds, 1)]
    returned = [line for line in lines(converted(workspace, told)) if line[1] == "return"]
    assert [(product, quantity, amount) for product, _, quantity, amount, _ in returned] == expected


def test_a_refund_of_an_order_that_was_never_told_counts_as_said(workspace):
    found = converted(workspace, [order(0, event="Order Refunded", products=ITEMS[:1])])
    assert lines(found) == [("mug", "return", 2.0, 12.0, None)]


def test_a_cancelled_order_is_no_purchase_and_its_refund_no_return(workspace):
    told = [order(0, products=ITEMS), order(1, event="Order Cancelled"), order(2, event="Order Refunded")]
    assert {kind for _, kind, *_ in lines(converted(workspace, told))} == {"cancelled"}


def test_another_currency_leaves_amounts_open_and_is_said(workspace):
    found = converted(
        workspace, [order(0, products=ITEMS, currency="USD"), order(1, order_id="o2", products=ITEMS)]
    )
    amounts = {(row["order_id"], row["product_id"]): row.get("amount") for row in found["orders"]}
    assert amounts == {("o1", "mug"): None, ("o1", "tea"): None, ("o2", "mug"): 12.0, ("o2", "tea"): 8.0}
    record = next(record for record in workspace.stores.ledger.sources() if record.name == "events:orders")
    assert record.notes == [{"code": "process-other-currency", "params": {"orders": 1}}]


def test_what_was_imported_counts_and_counts_once(workspace):
    imported = {"order_id": "o1", "customer_id": "anna", "ordered_at": at(0), "quantity": 1.0, "kind": "sale"}
    put(workspace, "orders", canonical("orders", [imported]), source="till")
    put(workspace, "products", canonical("products", [{"product_id": "mug", "product_name": "The mug"}]))
    put(workspace, "customers", canonical("customers", [{"customer_id": "anna", "gender": "f"}]))
    told = [
        order(0, products=ITEMS),
        order(1, event="Order Refunded"),
        order(2, order_id="o2", products=ITEMS),
        message("identify", at(3), **ANNA, traits={"gender": "m"}),
        message("identify", at(3), user="ben", traits={"gender": "m"}),
    ]
    found = converted(workspace, told)
    assert {row["order_id"] for row in found["orders"]} == {"o2"}
    assert {row["product_id"] for row in found["products"]} == {"tea"}
    assert {row["customer_id"] for row in found["customers"]} == {"ben"}


def test_lists_clicks_and_promotions_are_exposures(workspace):
    told = [
        track("Product List Viewed", at(0), {"products": [{**ITEMS[0], "position": 4}, ITEMS[1]]}, **ANNA),
        track("Product Viewed", at(1), {**ITEMS[0], "decision_id": "dec-1"}, **ANNA),
        track("Product Added", at(2), ITEMS[0], **ANNA),
        track("Promotion Viewed", at(3), {"promotion_id": "spring"}, **ANNA),
    ]
    names = ("kind", "product_id", "campaign_id", "position", "decision_id")
    found = [tuple(row.get(name) for name in names) for row in converted(workspace, told)["exposures"]]
    assert sorted(found, key=str) == sorted(
        [
            ("impression", "mug", None, 4.0, None),
            ("impression", "tea", None, 2.0, None),
            ("view", "mug", None, None, "dec-1"),
            ("click", "mug", None, None, None),
            ("impression", None, "spring", None, None),
        ],
        key=str,
    )


def test_reviews_and_surveys_are_feedback(workspace):
    told = [
        track("Product Reviewed", at(0), {"product_id": "mug", "rating": 4, "review_body": "Fine"}, **ANNA),
        track("NPS Answered", at(1), {"score": 9}, **ANNA),
        track("Survey Answered", at(2), {"score": 3, "survey_type": "CES", "order_id": "o1"}, **ANNA),
        track("Survey Answered", at(3), {}, **ANNA),
    ]
    names = ("kind", "score", "scale_max", "text", "product_id", "order_id")
    found = [tuple(row.get(name) for name in names) for row in converted(workspace, told)["feedback"]]
    assert sorted(found) == [
        ("ces", 3.0, 7.0, None, None, "o1"),
        ("nps", 9.0, 10.0, None, None, None),
        ("review", 4.0, 5.0, "Fine", "mug", None),
    ]


def test_of_customers_and_products_the_latest_counts_and_no_direct_identifier_stays(workspace):
    first = {"email": "anna@example.com", "firstName": "Anna", "phone": "+49 151 23456789"}
    first |= {"plan": "silver", "birthday": "1990-02-03", "note": "a@b.de"}
    first |= {"address": {"street": "Gasse 1", "city": "Ulm"}}
    told = [
        message("identify", at(0), **ANNA, traits=first),
        message("identify", at(1), **ANNA, traits={"plan": "gold", "createdAt": "2023-01-01T00:00:00Z"}),
        track(
            "Product Viewed",
            at(0),
            {"product_id": "mug", "name": "Mugg", "price": 5, "brand": "Kiln"},
            **ANNA,
        ),
        track("Product Viewed", at(1), {"product_id": "mug", "name": "Mug", "price": 6}, **ANNA),
    ]
    found = converted(workspace, told)
    assert found["customers"][0].items() >= {
        "customer_id": "anna", "birth_year": 1990, "region": "Ulm", "joined_at": datetime(2023, 1, 1),
    }.items()  # fmt: skip
    assert json.loads(found["customers"][0]["traits"]) == {"plan": "gold"}
    assert found["products"][0].items() >= {"product_name": "Mug", "price": 6.0, "brand": "Kiln"}.items()


def test_who_is_told_by_the_customer_as_sent_or_else_by_the_device(workspace):
    told = [
        track("Product Viewed", at(0), ITEMS[0], device="d1"),
        message("identify", at(1), **ANNA),
        track("Product Viewed", at(2), ITEMS[1], **ANNA),
    ]
    names = ("product_id", "customer_id", "anonymous_id")
    found = [tuple(row.get(name) for name in names) for row in converted(workspace, told)["exposures"]]
    assert sorted(found) == [("mug", None, "d1"), ("tea", "anna", None)]


def test_an_order_of_a_device_is_a_customers_where_one_of_its_events_says_so(workspace):
    put_events(workspace, [order(0.001, products=ITEMS, who={"user": "anna"})], source="shop-server")
    told = [
        order(0, products=ITEMS, who={"device": "d1"}),
        order(1, order_id="o2", total=3, who={"device": "d1"}),
    ]
    found = {
        (row["order_id"], row.get("customer_id"), row.get("anonymous_id"))
        for row in converted(workspace, told)["orders"]
    }
    assert found == {("o1", "anna", None), ("o2", None, "d1")}


def test_without_the_purpose_analytics_a_row_is_nobodys(workspace):
    denied = {"context": {"consent": {"categoryPreferences": {"Analytics": False}}}}
    told = [
        track("Product Viewed", at(0), ITEMS[0], **ANNA, **denied),
        {**order(1, products=ITEMS), **denied},
        message("identify", at(2), **ANNA, traits={"gender": "f"}, **denied),
        order(3, order_id="o2", products=ITEMS),
    ]
    found = converted(workspace, told)
    assert [row.get("customer_id") for row in found["exposures"]] == [None]
    assert {(row["order_id"], row.get("customer_id")) for row in found["orders"]} == {
        ("o1", None),
        ("o2", "anna"),
    }
    assert found["customers"] == []


def test_one_denial_is_enough_for_an_order(workspace):
    denied = {"context": {"consent": {"categoryPreferences": {"Analytics": False}}}}
    put_events(workspace, [order(0, products=ITEMS)], source="shop-server")
    found = converted(workspace, [{**order(0, products=ITEMS), **denied}])
    assert {row.get("customer_id") for row in found["orders"]} == {None}


def test_an_earlier_as_of_time_does_not_see_products_of_later_weeks(workspace):
    told = [
        track("Product Viewed", at(0), ITEMS[0], **ANNA),
        track("Product Viewed", at(days=10), ITEMS[1], **ANNA),
    ]
    converted(workspace, told)
    first, second = sorted(workspace.stores.ledger.parts("products"), key=lambda part: part.min_time)
    assert (first.rows, second.rows) == (1, 1)
    assert second.min_time == at(days=10)


def test_odd_items_make_no_rows_and_no_fault(workspace):
    odd = [
        None,
        7,
        "mug",
        [],
        {},
        {"price": "NaN", "product_id": 12},
        {"product_id": "", "sku": "s", "price": -3},
    ]
    found = converted(
        workspace, [order(0, products=odd), order(1, order_id="o2", products={"a": 1}, total=3)]
    )
    amounts = {(row["order_id"], row.get("product_id")): row.get("amount") for row in found["orders"]}
    assert len(found["orders"]) == 4
    assert amounts == {("o1", None): None, ("o1", "12"): None, ("o1", "s"): None, ("o2", None): 3.0}


def test_nothing_new_converts_nothing(workspace):
    converted(workspace, shopping(customers=2))
    assert convert(workspace.stores, Conversion(time_zone="UTC", currency="EUR", at=END)) == ()
    assert convert(workspace.stores, Conversion(time_zone="UTC", currency="USD", at=END)) != ()


def test_without_events_there_is_nothing_to_convert(shop):
    assert convert(shop.stores, Conversion(time_zone="UTC", currency="EUR", at=END)) == ()


def test_events_that_are_gone_take_their_rows_along(workspace):
    found = converted(workspace, shopping(customers=2))
    assert found["orders"]
    record = next(one for one in workspace.stores.ledger.sources() if one.name == "web")
    workspace.stores.ledger.replace(record, [])
    assert not any(converted(workspace).values())


STREAM = event_rows(shopping(customers=2, visits=2))


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """What the stream becomes when it comes in order and once."""
    workspace = open_workspace(tmp_path_factory.mktemp("shop"))
    put(workspace, "events", canonical("events", STREAM))
    return converted(workspace)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.permutations(STREAM), cut=st.integers(1, len(STREAM) - 1), late_days=st.integers(0, 30))
def test_order_parts_and_lateness_change_nothing(tmp_path_factory, clean, told, cut, late_days):
    """In whatever order, parts and however late events arrive, they become the same."""
    told = [{**row, "received_at": row["received_at"] + timedelta(days=late_days)} for row in told]
    workspace = open_workspace(tmp_path_factory.mktemp("shop"))
    put(workspace, "events", canonical("events", told[:cut]), source="one")
    put(workspace, "events", canonical("events", told[cut:]), source="two")
    assert converted(workspace) == clean


def test_repeated_and_late_deliveries_become_the_same(workspace, clean):
    """Through the log: everything twice, shuffled, and received five days late."""
    write_sources(workspace.folder, {"web": SourceSettings(kind="http")})
    told = shopping(customers=2, visits=2)
    again = [*told[::-1], *told[::2], *told]
    late = entries(again, batch=7, arrives=timedelta(days=5))
    workspace.stores.log.append_all(list(late))
    tally = workspace.compact()
    assert (tally.received, tally.stored) == (len(again), len(told))
    assert unsealed(converted(workspace)) == unsealed(clean)


def unsealed(found):
    """The same without free text, which the log's way to the lake seals, and what follows from it."""
    feedback = [{**row, "text": "", "row_id": 0} for row in found["feedback"]]
    return {**found, "feedback": sorted(feedback, key=lambda row: row["given_at"])}
