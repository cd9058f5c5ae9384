"""Folders and databases that are read again and again, when they are due and nobody else is at work."""

import sqlite3

import pytest

from mindgap.kernel.errors import BusyError
from mindgap.workspace import live
from mindgap.workspace import open as open_workspace
from mindgap.workspace.arrivals import arrivals
from mindgap.workspace.rereading import Rereading

HEADER = "order_id,customer_id,product_id,ordered_at,quantity,amount\n"


class Ticks:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def drop(workspace):
    folder = workspace.folder / "drop"
    folder.mkdir()
    said = {"fills": "orders", "every_s": 30, "settle_s": 0}
    live.declare(workspace, "drop", kind="folder", path="drop", said=said)
    return folder


def put(folder, name, rows):
    lines = [f"{name}{nth},c{nth},p1,2024-05-{nth + 1:02} 10:00:00,1,5.00\n" for nth in range(rows)]
    (folder / f"{name}.csv").write_text(HEADER + "".join(lines), "utf-8")


def state(workspace, name="drop"):
    return next(one for one in arrivals(workspace).sources if one.name == name)


def test_files_are_read_as_they_appear_but_only_when_it_is_time(workspace, drop):
    ticks = Ticks()
    again = Rereading(ticks)
    put(drop, "a", 5)
    again.read(workspace)
    assert state(workspace).record.tally.stored == 5
    put(drop, "b", 3)
    again.read(workspace)
    assert state(workspace).record.tally.stored == 5
    ticks.now = 31
    again.read(workspace)
    assert (state(workspace).record.tally.stored, state(workspace).kind) == (8, "folder")
    assert state(workspace).behind_s < 60


def test_while_another_process_works_it_stays_due(workspace, drop):
    again = Rereading(Ticks())
    put(drop, "a", 5)
    with open_workspace(workspace.folder).exclusive(), pytest.raises(BusyError):
        again.read(workspace)
    again.read(workspace)
    assert state(workspace).record.tally.stored == 5


def test_what_cannot_be_read_is_told_and_cleared(workspace, drop):
    ticks = Ticks()
    again = Rereading(ticks)
    drop.rmdir()
    again.read(workspace)
    assert "folder" in state(workspace).record.error
    drop.mkdir()
    put(drop, "a", 2)
    ticks.now = 31
    again.read(workspace)
    assert state(workspace).record.tally.stored == 0
    ticks.now = 61
    again.read(workspace)
    assert (state(workspace).record.error, state(workspace).record.tally.stored) == ("", 2)


def test_an_option_that_cannot_be_is_told(workspace, drop):
    path = workspace.folder / "mindgap.toml"
    path.write_text(path.read_text("utf-8").replace("every_s", "every_week"), "utf-8")
    Rereading(Ticks()).read(workspace)
    assert "every_week" in state(workspace).record.error


def test_what_is_switched_off_is_left_alone(workspace, drop):
    put(drop, "a", 5)
    live.enable(workspace, "drop", enabled=False)
    Rereading(Ticks()).read(workspace)
    assert state(workspace).record.tally.stored == 0


def test_a_database_is_read_on(workspace):
    ticks = Ticks()
    again = Rereading(ticks)
    file = workspace.folder / "till.db"
    with sqlite3.connect(file) as till:
        till.execute(
            "create table lines (id integer, order_id, customer_id, product_id, ordered_at, quantity, amount)"
        )
        _sell(till, 1)
    till.close()
    said = {"table": "lines", "cursor": "id", "fills": "orders", "every_s": 30}
    live.declare(workspace, "till", kind="sql", path="sqlite:///till.db", said=said)
    again.read(workspace)
    with sqlite3.connect(file) as till:
        _sell(till, 2)
    till.close()
    ticks.now = 31
    again.read(workspace)
    assert state(workspace, "till").record.error == ""
    assert state(workspace, "till").record.tally.stored == 2


def _sell(till, nth):
    row = (nth, f"o{nth}", f"c{nth}", "p1", f"2024-05-{nth:02} 10:00:00", 1, 5.0)
    till.execute("insert into lines values (?, ?, ?, ?, ?, ?, ?)", row)
