"""Whole weeks that are too old go, and nothing else; tables without times are refused."""

from datetime import datetime, timedelta

import pytest

from kits.event_log import NOON, entry, message, readings
from kits.shop import put, shop_orders
from mindgap.kernel.errors import SettingsError
from mindgap.loop.compaction import compact
from mindgap.loop.retention import Retention, forget_old_events, forget_old_rows
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.engine import Relation
from mindgap.workspace import open as open_workspace

END = datetime(2024, 6, 3)


def kept(days, at=END):
    found = Retention(kept_days=days, time_zone="UTC", at=at)
    found.check()
    return found


def times(workspace):
    paths = {workspace.stores.files.path(part.path) for part in workspace.stores.ledger.parts("orders")}
    with workspace.stores.lookups.session({"orders": Relation(paths=sorted(paths))}) as session:
        return sorted(session.table("select ordered_at from orders")["ordered_at"].to_pylist())


def test_whole_weeks_of_a_table_go(tmp_path):
    workspace = open_workspace(tmp_path)
    put(workspace, "orders", shop_orders(customers=5, weeks=20))
    (record,) = workspace.stores.ledger.sources()
    (part,) = workspace.stores.ledger.parts("orders")
    file = File(
        table="orders",
        source="orders",
        path=workspace.stores.files.path(part.path),
        relative=part.path,
        earliest=part.min_time,
        latest=part.max_time,
    )
    workspace.stores.ledger.replace(record, weekly_parts(file, time_zone="UTC"))
    before, since = times(workspace), END - timedelta(days=30)
    gone = forget_old_rows(workspace.stores, kept({"orders": 30}))["orders"]
    left = times(workspace)
    assert gone == len(before) - len(left) > 0
    assert set(before) - set(left) <= {one for one in before if one < since}
    assert min(left) > since - timedelta(days=7)
    assert forget_old_rows(workspace.stores, kept({"orders": 30})) == {}


def test_old_events_go(tmp_path):
    stores = open_workspace(tmp_path).stores
    stores.log.append_all([entry(message(1)), entry(message(2, at=NOON - timedelta(days=40)))])
    compact(stores, readings(), at=NOON)
    assert forget_old_events(stores, kept({"events": 30}, at=NOON)) == 1
    assert forget_old_events(stores, kept({}, at=NOON)) == 0
    assert sum(part.rows for part in stores.streams.snapshot()[0]) == 1


def test_a_table_without_times_is_refused():
    with pytest.raises(SettingsError, match="products"):
        kept({"products": 30})
