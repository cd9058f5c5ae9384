"""Sources that change: what is read again, what is built again, and what stays."""

import os
import shutil
from datetime import datetime, timedelta

import pytest

from kits.shop import shop_orders
from kits.states import contents, write_orders
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.settings import read_settings
from mindgap.loop.offered import derivations
from mindgap.loop.running import Silent
from mindgap.workspace import open as open_workspace

WEDNESDAY = datetime(2024, 6, 5)


class Heard(Silent):
    """Which tables were built, and as of when."""

    def __init__(self):
        self.tables = set()

    def building(self, step):
        self.tables.add((step.derivation.name, step.moment.as_of))


def until(table, moment):
    """The rows before a moment."""
    rows = [at < moment for at in table["ordered_at"].to_pylist()]
    return table.filter(rows)


def grow(workspace, file, table):
    """Write the till's file anew and run; returns what was built."""
    write_orders(file, table)
    heard = Heard()
    workspace.run(observer=heard)
    return heard.tables


def follows_from_orders(name):
    """Whether a table is made of orders, at first or second hand."""
    inputs = {at.table for at in derivations()[name].inputs.values()} if name in derivations() else set()
    return "orders" in inputs or any(map(follows_from_orders, inputs))


@pytest.mark.slow
def test_one_more_day_builds_what_depends_on_it(tmp_path):
    every = shop_orders(customers=30, weeks=25, end=WEDNESDAY + timedelta(days=6))
    file = write_orders(tmp_path / "till.csv", until(every, WEDNESDAY))
    workspace = open_workspace(tmp_path / "shop")
    workspace.add(file)
    first = grow(workspace, file, until(every, WEDNESDAY))
    assert {at for _, at in first} == {WEDNESDAY, as_of_lag(WEDNESDAY, 35, "UTC")}

    thursday = WEDNESDAY + timedelta(days=1)
    second = grow(workspace, file, until(every, thursday))
    assert {at for _, at in second} == {thursday}
    assert {name for name, _ in second} == {name for name, at in first if at == WEDNESDAY}

    tuesday = WEDNESDAY + timedelta(days=6)
    third = grow(workspace, file, every)
    assert {at for _, at in third} == {tuesday, as_of_lag(tuesday, 35, "UTC")}
    assert as_of_lag(tuesday, 35, "UTC") > as_of_lag(thursday, 35, "UTC")

    fresh = open_workspace(tmp_path / "again" / "shop")
    fresh.add(file)
    fresh.run()
    assert contents(workspace) == contents(fresh)


def test_a_correction_of_an_old_day_builds_all_that_saw_it(tmp_path):
    every = shop_orders(customers=30, weeks=25, end=WEDNESDAY)
    file = write_orders(tmp_path / "till.csv", every)
    workspace = open_workspace(tmp_path / "shop")
    workspace.add(file)
    first = grow(workspace, file, every)
    again = grow(workspace, file, every.slice(1))
    assert {name for name, _ in first - again} == {name for name, _ in first if not follows_from_orders(name)}


def test_a_touched_file_is_read_but_nothing_is_built(tmp_path):
    file = write_orders(tmp_path / "till.csv", shop_orders(customers=20, weeks=20, end=WEDNESDAY))
    workspace = open_workspace(tmp_path / "shop")
    workspace.add(file)
    workspace.run()
    os.utime(file, (1, 1))
    assert [record.name for record in workspace.refresh().records] == ["till"]
    heard = Heard()
    workspace.run(observer=heard)
    assert heard.tables == set()


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_a_workspace_moves_together_with_its_files(tmp_path, where):
    home = tmp_path / "old"
    home.mkdir()
    workspace = open_workspace(home / "shop")
    folder = home if where == "beside" else home / "shop"
    workspace.add(write_orders(folder / "till.csv", shop_orders(customers=20, weeks=20)))
    workspace.run()
    before = contents(workspace)
    workspace.stores.ledger.engine.dispose()
    moved = home.rename(tmp_path / "new") / "shop"
    assert not read_settings(moved).sources["till"].path.startswith("/")
    again = open_workspace(moved)
    heard = Heard()
    again.run(observer=heard)
    assert heard.tables == set()
    assert again.refresh().failures == {}
    assert contents(again) == before


def test_a_file_far_away_is_named_in_full_and_a_link_stays_a_link(tmp_path):
    far = tmp_path / "far"
    far.mkdir()
    orders = shop_orders(customers=10, weeks=10)
    (far / "latest.csv").symlink_to(write_orders(far / "may.csv", until(orders, datetime(2024, 6, 1))))
    workspace = open_workspace(tmp_path / "home" / "shop")
    workspace.add(far / "latest.csv")
    assert read_settings(workspace.folder).sources["latest"].path == str(far / "latest.csv")
    (far / "latest.csv").unlink()
    (far / "latest.csv").symlink_to(write_orders(far / "june.csv", orders))
    assert [record.rows_used for record in workspace.refresh().records] == [orders.num_rows]


def test_the_same_file_said_in_another_way_is_one_source(tmp_path, monkeypatch):
    file = write_orders(tmp_path / "till.csv", shop_orders(customers=10, weeks=10))
    workspace = open_workspace(tmp_path / "shop")
    workspace.add(file)
    monkeypatch.chdir(tmp_path / "shop")
    workspace.add("../shop/../till.csv")
    assert list(read_settings(workspace.folder).sources) == ["till"]


def test_what_a_copied_workspace_gave_is_kept_when_its_file_is_gone(tmp_path):
    workspace = open_workspace(tmp_path / "shop")
    workspace.add(write_orders(tmp_path / "till.csv", shop_orders(customers=10, weeks=10)))
    workspace.stores.ledger.engine.dispose()
    (tmp_path / "elsewhere").mkdir()
    copy = shutil.copytree(tmp_path / "shop", tmp_path / "elsewhere" / "shop")
    intake = open_workspace(copy).refresh()
    assert "no file" in intake.failures["till"].message
    assert open_workspace(copy).stores.ledger.parts("orders")
