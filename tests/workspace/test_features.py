"""The catalogue of features: complete, in both languages, with what the data say."""

import json

import pytest

from kits.clickstream import put_events, shopping
from kits.commands import mindgap
from kits.shop import put, shop_orders
from mindgap.kernel.errors import UnknownError
from mindgap.kernel.words import LANGUAGES, codes, say
from mindgap.loop.building import build
from mindgap.loop.planning import plan
from mindgap.process.features.catalogue import entries
from mindgap.process.features.declared import BY_TABLE

CUSTOMER_TABLES = ("customer_features", "activity_features", "purchase_features")


@pytest.fixture
def built(workspace):
    put(workspace, "orders", shop_orders(customers=8))
    put_events(workspace, shopping(customers=6))
    moment = workspace.moment()
    for step in plan(workspace.stores, moment, tables=CUSTOMER_TABLES):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(moment.as_of)
    return workspace


def test_every_feature_has_a_meaning_and_a_unit():
    for language in LANGUAGES:
        for one in entries():
            assert say(one.code, language)
            assert f"feature-unit-{one.unit}" in codes(language)
    assert len({(one.table, one.name) for one in entries()}) == len(entries())


def test_a_window_that_only_the_meaning_names_is_not_called_all_time():
    windows = {one.name: one.window for one in entries() if one.table == "customer_features"}
    named = {name for name, window in windows.items() if window == "feature-window-meaning"}
    assert named == {name for name in windows if (name.endswith("d") and "_28" in name) or "_84" in name} | {
        "demand_trend"
    }
    assert windows["spend"] == "feature-window-all"


def test_no_meaning_is_left_over():
    prefixes = ("feature-unit-", "feature-window-", "feature-online-")
    meanings = {code for code in codes("en") if code.startswith("feature-") and not code.startswith(prefixes)}
    assert meanings == {one.code for one in entries()}


def test_the_catalogue_lists_all_columns_with_their_coverage(built):
    found = {(one.entry.table, one.entry.name): one for one in built.features()}
    for table in CUSTOMER_TABLES:
        columns = built.table(table).column_names
        assert {name for name in columns if name != "customer_id"} == {
            name for of, name in found if of == table
        }
    spend = found["purchase_features", "spend"]
    assert (spend.rows, spend.coverage) == (8, 1.0)
    assert spend.quantiles == tuple(sorted(spend.quantiles))
    assert "segments" in found["customer_features", "spend"].used_by
    assert found["activity_features", "top_search_84d"].quantiles == ()
    assert found["feedback_features", "reviews_364d"].rows is None
    assert {of for of, _ in found} == {*BY_TABLE, "customer_features"}
    _one_feature_or_a_clear_refusal(built)
    _the_command_prints_one_or_all(built)


def _one_feature_or_a_clear_refusal(built):
    assert [one.entry.table for one in built.features("spend")] == ["purchase_features", "customer_features"]
    assert len(built.features("activity_features.visits_7d")) == 1
    with pytest.raises(UnknownError, match="no feature"):
        built.features("shoe_size")


def _the_command_prints_one_or_all(built):
    one = mindgap("features", "purchase_features.spend_28d", cwd=built.folder)
    assert "Money paid." in one.stdout
    assert "last 28 local days" in one.stdout
    listed = json.loads(mindgap("features", "--json", cwd=built.folder).stdout)
    assert len(listed) == len(entries())
    assert listed[0]["meaning"] == "Time since the customer was last seen online."
    assert "purchase_categories" in mindgap("features", cwd=built.folder).stdout
    assert mindgap("features", "shoe_size", cwd=built.folder).returncode == 1


def test_at_the_moment_of_a_run_one_customer_has_what_the_tables_say(built):
    at = built.as_of
    for table in ("activity_features", "purchase_features"):
        rows = {row.pop("customer_id"): row for row in built.table(table).to_pylist()}
        for customer in ("c0", "c3", "c7"):
            assert built.features_now(customer, at=at)[table] == rows.get(customer), (table, customer)
    assert built.features_now("c0")
    built.withdraw("c0", "analytics")
    assert built.features_now("c0") == {}
