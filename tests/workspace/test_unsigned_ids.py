"""Where a source asks for signed user ids, an event without a signature counts for nobody by that id."""

import hmac
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from kits.clickstream import END, entries, message, track
from kits.shop import canonical, put, shop_orders
from mindgap.kernel.purposes import Purpose
from mindgap.loop.building import build
from mindgap.loop.conversion import Conversion, convert
from mindgap.loop.losing import losses_by
from mindgap.loop.planning import plan
from mindgap.store.engine import Relation
from mindgap.store.suppression import Name, by_column
from mindgap.workspace import open as open_workspace
from mindgap.workspace.live import declare

SECRET, VARIABLE = "a shop's own", "MINDGAP_TEST_IDENTITY_SECRET"
START = END - timedelta(days=3)
MUG = {"product_id": "mug", "name": "Mug", "category": "mugs", "price": 6.0, "quantity": 2}
DENIED = {"consent": {"categoryPreferences": {"Advertising": False}}}
TABLES = (
    *("same_person", "identity_review", "page_views", "searches", "clean_events", "clean_orders"),
    *("clean_customers", "activity_features"),
)


def signed(user):
    return {"userHash": hmac.digest(SECRET.encode(), user.encode(), "sha256").hex()}


def visit(user, device, **more):
    """What somebody does who says to be this customer; ten minutes, with traits, a page and an order."""
    who = {"user": user, "device": device, "context": {"page": {"url": "https://shop.example/tea"}, **more}}
    bought = {"order_id": f"w-{device}", "total": 12, "currency": "EUR", "products": [MUG]}
    return [
        message("identify", START, **who, traits={"plan": f"of {device}", "email": f"{device}@example.com"}),
        message("page", START + timedelta(minutes=1), **who),
        track("Products Searched", START + timedelta(minutes=2), {"query": device}, **who),
        track("Product Viewed", START + timedelta(minutes=3), MUG, **who),
        track("Order Completed", START + timedelta(minutes=4), bought, **who),
        message("page", START + timedelta(minutes=5), user=user, context=who["context"]),
    ]


@pytest.fixture(scope="module", autouse=True)
def secret():
    """The secret, as the environment has it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(VARIABLE, SECRET)
        yield


def opened(folder):
    """A shop whose page signs user ids; anna was there, and somebody who only says to be her."""
    workspace = open_workspace(folder)
    declare(workspace, "web", kind="http", path="", said={"identity_secret_env": VARIABLE})
    put(workspace, "orders", shop_orders(customers=3, weeks=4))
    told = [*visit("anna", "hers", **signed("anna")), *visit("anna", "thief", **DENIED)]
    workspace.stores.log.append_all(list(entries(told)))
    return workspace


@pytest.fixture
def fresh(tmp_path):
    """Nothing is compacted yet."""
    return opened(tmp_path / "shop")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The lake, the other canonical tables, and those that are made of them; for reading only."""
    workspace = opened(tmp_path_factory.mktemp("worked-up"))
    workspace.compact()
    convert(workspace.stores, Conversion(time_zone="UTC", currency="EUR", at=END))
    for step in plan(workspace.stores, workspace.moment(END), tables=TABLES):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(END)
    return workspace


def rows(workspace, table, purpose=Purpose.ANALYTICS):
    return workspace.table(table, purpose=purpose).to_pylist()


def of_anna(workspace, table):
    return [row for row in rows(workspace, table) if row["customer_id"] == "anna"]


def test_nothing_that_somebody_claims_counts_for_the_customer(shop):
    assert {row["anonymous_id"] for row in of_anna(shop, "page_views")} == {"hers", None}
    assert [row["query"] for row in of_anna(shop, "searches")] == ["hers"]
    assert {row["order_id"] for row in of_anna(shop, "clean_orders")} == {"w-hers"}
    assert [row["traits"] for row in of_anna(shop, "clean_customers")] == ['{"plan":"of hers"}']
    assert len(of_anna(shop, "clean_events")) == 6
    activity = of_anna(shop, "activity_features")[0]
    assert activity == {"customer_id": "anna", **shop.features_now("anna", at=END)["activity_features"]}
    assert (activity["orders_28d"], activity["pages_28d"]) == (1, 2)
    order = next(row for row in rows(shop, "clean_orders") if row["order_id"] == "w-thief")
    assert (order["customer_id"], order["anonymous_id"]) == (None, "thief")


def test_the_claim_joins_nobody_and_waits_for_review(shop):
    same = rows(shop, "same_person", Purpose.PRIVACY)
    assert {(row["id"], row["person_id"]) for row in same} == {("hers", "anna")}
    held = rows(shop, "identity_review", Purpose.PRIVACY)
    assert {(row["first_id"], row["second_id"], row["reason"]) for row in held} == {
        ("thief", "anna", "unsigned")
    }


def test_no_look_at_the_customer_tells_it_before_or_after_it_is_compacted(shop, fresh):
    for workspace in (shop, fresh):
        for purpose in ("service", "privacy"):
            told = workspace.timeline("anna", purpose=purpose)
            assert {one.order_id for one in told} == {None, "w-hers"}
            assert len(told) == 6
        now = workspace.features_now("anna", at=END)
        assert now["activity_features"]["orders_28d"] == 1


def test_nobody_denies_a_purpose_in_another_s_name(shop):
    assert "anna" not in shop.stores.consent.withdrawn(Purpose.MARKETING)


def test_a_forgotten_customer_s_claims_go_and_stay_out(fresh):
    fresh.compact()
    assert _ids(fresh) == {"anna", "hers", "thief"}
    fresh.forget("anna")
    assert _ids(fresh) == set()
    fresh.stores.log.append_all(list(entries(visit("anna", "another"))))
    fresh.compact()
    assert _ids(fresh) == set()


def test_claims_are_found_beside_files_that_are_older_than_their_column(workspace, tmp_path):
    rows = canonical("events", [{"source": "web", "claimed_id": "anna"}])
    pq.write_table(rows.drop_columns(["claimed_id"]), tmp_path / "a.parquet")
    pq.write_table(rows, tmp_path / "b.parquet")
    paths, cut = [tmp_path / "a.parquet", tmp_path / "b.parquet"], by_column([Name("customer", "anna")])
    assert losses_by(workspace.stores, paths, cut, by="source", schema=rows.schema) == {"web": 1}


def _ids(workspace):
    parts, _ = workspace.stores.streams.snapshot()
    if not parts:
        return set()
    paths = [workspace.stores.lake.path(part.path) for part in parts]
    with workspace.stores.lookups.session({"events": Relation(paths=paths)}) as session:
        found = session.table("select customer_id, claimed_id, anonymous_id from events").to_pylist()
    return {text for row in found for text in row.values()} - {None}
