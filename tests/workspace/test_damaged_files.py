"""Data files that were cut off or are gone: runs mend what they can, and the rest says what to do."""

import json

import pytest

from kits.clickstream import END, put_events, shopping
from kits.commands import mindgap
from kits.shop import put, shop_orders
from mindgap.kernel.errors import StorageError
from mindgap.loop.building import build
from mindgap.loop.planning import plan, stale_steps
from mindgap.workspace.damage import damaged_files

TABLE = "purchases"


def cut(workspace, relative):
    path = workspace.stores.files.path(relative)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return whole


def doctor(folder):
    checks = json.loads(mindgap("doctor", "--json", cwd=folder).stdout)
    return {one["what"]: one["hint"] for one in checks if one["ok"] is False}


@pytest.fixture
def shop(workspace):
    put(workspace, "orders", shop_orders(customers=4, weeks=4, end=END), source="till")
    put_events(workspace, shopping(customers=2, days=3))
    steps(workspace)
    workspace.stores.manifest.complete(END)
    return workspace


def steps(workspace):
    done = plan(workspace.stores, workspace.moment(END), tables=("customer_features",))
    stale = stale_steps(workspace.stores, done)
    for step in stale:
        build(workspace.stores, step)
    return {step.derivation.name for step in stale}


def test_a_derived_file_that_is_cut_off_is_made_anew(shop):
    entry = shop.stores.manifest.entry("customer_features", END)
    cut(shop, entry.path)
    with pytest.raises(StorageError) as told:
        shop.table("customer_features")
    assert "is damaged" in told.value.message
    assert "`mindgap run`, which makes it anew" in told.value.hint
    assert "it was derived" in doctor(shop.folder)["damaged file of customer_features"]
    assert steps(shop) == {"customer_features"}
    assert shop.table("customer_features").num_rows == 4
    assert damaged_files(shop) == []


def test_rows_of_sources_say_which_source_or_backup_brings_them_back(shop):
    ledger = shop.stores.ledger
    (orders,) = {part.path for part in ledger.parts("orders")}
    events = ledger.parts("events")[0].path
    cut(shop, orders)
    shop.stores.files.path(events).unlink()
    told = doctor(shop.folder)
    assert "the source till" in told["damaged file of orders"]
    assert "state restore" in told["gone file of events"]
    with pytest.raises(StorageError) as error:
        shop.table("orders")
    assert "mindgap doctor" in error.value.hint


def test_a_file_is_read_again_when_its_rows_are_damaged(workspace):
    lines = ["order_id,customer_id,product_id,ordered_at,quantity,amount"]
    lines += [f"o{nth},c{nth % 5},p{nth % 3},2024-05-{1 + nth % 28:02d},1,2.50" for nth in range(60)]
    till = workspace.folder / "till.csv"
    till.write_text("\n".join(lines), "utf-8")
    workspace.add(till, kind="orders")
    (path,) = {part.path for part in workspace.stores.ledger.parts("orders")}
    whole = cut(workspace, path)
    assert [record.name for record in workspace.refresh().records] == ["till"]
    assert workspace.stores.files.path(path).read_bytes() == whole
