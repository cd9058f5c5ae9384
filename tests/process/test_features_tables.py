"""The tables of features in a workspace: built with all others, from events and orders as they come."""

from datetime import timedelta

import pytest

from kits.clickstream import END, put_events, shopping
from kits.shop import put, shop_orders
from mindgap.kernel.derivation import Moment
from mindgap.loop.building import build
from mindgap.loop.offered import derivations
from mindgap.loop.planning import plan
from mindgap.process.features.declared import BY_TABLE


@pytest.fixture
def tables(workspace):
    def make(as_of=END):
        for step in plan(workspace.stores, Moment(as_of=as_of), tables=tuple(BY_TABLE)):
            build(workspace.stores, step)
        workspace.stores.manifest.complete(as_of)
        return workspace.table

    return make


def test_every_table_of_features_is_found_by_look_up():
    assert {*BY_TABLE, "customer_days", "customer_things", "local_days"} <= {*derivations()}


def test_columns_are_the_declared_features(workspace, tables):
    put(workspace, "orders", shop_orders(customers=6))
    put_events(workspace, shopping(customers=6))
    read = tables()
    for name, features in BY_TABLE.items():
        keys = ["customer_id"] if features[0].per == "customer" else ["customer_id", features[0].per]
        found = read(name) if name != "feedback_features" else None
        assert found is None or found.column_names == [*keys, *(one.name for one in features)]
    assert read("activity_features").num_rows == 6


@pytest.mark.slow
def test_what_comes_later_changes_no_feature_in_a_workspace(workspace, tables):
    as_of = END - timedelta(days=9)
    put(workspace, "orders", shop_orders(customers=6))
    put_events(workspace, shopping(customers=6))
    names = [name for name in BY_TABLE if name != "feedback_features"]
    before = {name: tables(as_of)(name).to_pylist() for name in names}
    later = [one for one in shopping(customers=6, seed=2) if one["timestamp"] >= as_of.isoformat()]
    put_events(
        workspace, [one for one in shopping(customers=6) if one["timestamp"] < as_of.isoformat()] + later
    )
    assert {name: tables(as_of)(name).to_pylist() for name in names} == before
    assert all(before.values())
