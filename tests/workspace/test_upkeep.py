"""The worker's chores: when they are due, what happens when they fail, and that there is one worker."""

import threading

import pytest

from mindgap.kernel.errors import BusyError, SourceError
from mindgap.kernel.settings import write_workspace
from mindgap.workspace.heartbeat import has_worker, read_heartbeat, sole_worker
from mindgap.workspace.upkeep import Chore, Upkeep


class Ticks:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Counted:
    """A chore that counts how often it was done, and fails while told to."""

    def __init__(self, ticks, error=None):
        self.ticks, self.error, self.times, self.seen = ticks, error, [], []

    def __call__(self, workspace):
        self.times.append(self.ticks.now)
        self.seen.append(workspace)
        if self.error:
            raise self.error


def go(upkeep, ticks, *, until):
    while ticks.now <= until:
        upkeep.round(threading.Event())
        ticks.now += 1


def test_chores_are_done_when_they_are_due(workspace):
    ticks = Ticks()
    often, seldom = Counted(ticks), Counted(ticks)
    chores = [Chore(name="often", every_s=2, do=often), Chore(name="seldom", every_s=5, do=seldom)]
    go(Upkeep(workspace, chores, ticks=ticks), ticks, until=10)
    assert often.times == [0, 2, 4, 6, 8, 10]
    assert seldom.times == [0, 5, 10]


def test_what_fails_is_tried_later_and_later_and_hinders_nothing(workspace):
    ticks = Ticks()
    bad, good = Counted(ticks, SourceError("No way.")), Counted(ticks)
    chores = [Chore(name="bad", every_s=1, do=bad), Chore(name="good", every_s=1, do=good)]
    upkeep = Upkeep(workspace, chores, ticks=ticks)
    go(upkeep, ticks, until=200)
    assert bad.times == [0, 2, 6, 14, 30, 62, 122, 182]
    assert len(good.times) == 201
    assert read_heartbeat(workspace.folder).chores["bad"].error == "No way."
    bad.error = None
    go(upkeep, ticks, until=245)
    assert bad.times[-3:] == [242, 243, 244] or bad.times[-3:] == [243, 244, 245]
    assert read_heartbeat(workspace.folder).chores["bad"].error == ""


def test_somebody_else_at_work_is_no_failure(workspace):
    ticks = Ticks()
    chore = Counted(ticks, BusyError("Wait."))
    go(Upkeep(workspace, [Chore(name="c", every_s=1, do=chore)], ticks=ticks), ticks, until=3)
    assert chore.times == [0, 1, 2, 3]
    assert read_heartbeat(workspace.folder).chores["c"].error == ""


def test_a_fault_of_ours_tells_its_place_and_nothing_of_the_data(workspace):
    def broken(_workspace):
        raise ValueError("ada@example.com")

    Upkeep(workspace, [Chore(name="c", every_s=1, do=broken)]).round(threading.Event())
    assert read_heartbeat(workspace.folder).chores["c"].error.startswith("ValueError at test_upkeep.py:")


def test_changed_settings_are_taken_and_broken_ones_are_not(workspace):
    ticks = Ticks()
    chore = Counted(ticks)
    upkeep = Upkeep(workspace, [Chore(name="c", every_s=1, do=chore)], ticks=ticks)
    write_workspace(workspace.folder, {"time_zone": "Asia/Shanghai"})
    go(upkeep, ticks, until=0)
    assert chore.seen[-1].settings.time_zone == "Asia/Shanghai"
    (workspace.folder / "mindgap.toml").write_text("time_zone = [", "utf-8")
    go(upkeep, ticks, until=5)
    assert chore.seen[-1].settings.time_zone == "Asia/Shanghai"
    assert "mindgap.toml" in read_heartbeat(workspace.folder).chores["mindgap.toml"].error


def test_it_stops_when_told_and_finishes_what_it_does(workspace):
    stop, done = threading.Event(), []

    def last(_workspace):
        stop.set()
        done.append("whole")

    chores = [Chore(name="a", every_s=0.01, do=last), Chore(name="b", every_s=0.01, do=done.append)]
    Upkeep(workspace, chores).run(stop)
    assert done == ["whole"]


def test_there_is_one_worker(workspace):
    assert not has_worker(workspace.folder)
    with sole_worker(workspace.folder):
        assert has_worker(workspace.folder)
        with pytest.raises(BusyError), sole_worker(workspace.folder):
            pass
    assert not has_worker(workspace.folder)
