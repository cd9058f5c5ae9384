"""A compaction that is cut off, anywhere: what is visible is whole, and the next one finishes the work."""

import shutil
from dataclasses import replace

import pytest

from kits.event_log import NOON, day_after, entry, lake, message, readings, tally, work_up
from mindgap.collect.events.strict import Fault
from mindgap.kernel.purposes import Purpose
from mindgap.loop.compaction import compact, replay, tidy
from mindgap.store.streams import Tally
from mindgap.workspace import open as open_workspace


class Killed(BaseException):
    """The process is no more."""


class Fuse:
    """Burns down with every call of a port, before it and after it."""

    def __init__(self, calls):
        self.left = calls

    def burn(self):
        self.left -= 1
        if self.left == 0:
            raise Killed


class Fused:
    """A port that ends the process when the fuse has burnt down."""

    def __init__(self, port, fuse):
        self._port, self._fuse = port, fuse

    def __getattr__(self, name):
        real = getattr(self._port, name)

        def call(*args, **kwargs):
            self._fuse.burn()
            result = real(*args, **kwargs)
            self._fuse.burn()
            return result

        return call


def fused(stores, fuse):
    ports = ("streams", "lake", "consent", "log", "engine")
    return replace(stores, **{name: Fused(getattr(stores, name), fuse) for name in ports})


def cut_off(stores, work, calls):
    """Do the work until so many calls were made; whether it came to its end."""
    try:
        work(fused(stores, Fuse(calls)))
    except Killed:
        return False
    return True


DENIED = {"consent": {"categoryPreferences": {"Advertising": False}}}
HOW = readings()


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A workspace with seven small parts of a day, something old, something set aside, and a full log."""
    folder = tmp_path_factory.mktemp("before")
    stores = open_workspace(folder).stores
    for number in range(7):
        work_up(stores, entry(message(number)))
    work_up(stores, entry(message(50), source="old"), at=NOON)
    work_up(stores, entry(message(60), message(0), b"{"), how=lambda _: Fault("bad-settings"))
    yesterday = message(8, at=day_after(-1))
    stores.log.append_all(
        [entry(message(7, context=DENIED), message(6), message(7), b"[]", yesterday, refused=2)]
    )
    stores.log.append_all([entry(message(9), source="app", cursor="page 2")])
    stores.log.close()
    return folder


def everything(stores):
    """All work of a day, in its order."""
    compact(stores, HOW, at=NOON)
    replay(stores, HOW, at=NOON)
    tidy(stores, {"old": 30}, at=day_after(40))


def contents(stores):
    return lake(stores), stores.streams.records(), stores.consent.withdrawn(Purpose.MARKETING)


def named_files(stores):
    parts, _ = stores.streams.snapshot()
    return {part.path for part in (*parts, *stores.streams.quarantine())}


@pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_wherever_it_is_cut_off_the_next_one_finishes_the_work(before, tmp_path, stride):
    whole = open_workspace(shutil.copytree(before, tmp_path / "whole")).stores
    everything(whole)
    expected = contents(whole)
    assert tally(whole) == Tally(received=17, stored=10, quarantined=2, duplicates=3, refused=2)
    assert (len(expected[0]), expected[2]) == (11, ["u2"])
    assert len(whole.streams.snapshot()[0]) < 8
    calls, ended = 1, False
    while not ended:
        folder = shutil.copytree(before, tmp_path / "cut")
        stores = open_workspace(folder).stores
        ended = cut_off(stores, everything, calls)
        rows = lake(stores, "source, message_id")
        stored = sum(record.tally.stored for record in stores.streams.records())
        assert len(rows) == stored - all(row["source"] != "old" for row in rows)  # that one is let go
        everything(stores)
        assert contents(stores) == expected, calls
        assert all((folder / ".mindgap" / path).exists() for path in named_files(stores))
        assert list((folder / ".mindgap" / "lake").glob("staging/*")) == []
        shutil.rmtree(folder)
        calls += stride
    assert calls > 60


def test_what_a_killed_process_leaves_is_deleted_and_what_readers_may_open_is_not(workspace):
    stores, data = workspace.stores, workspace.folder / ".mindgap"
    work_up(stores, *(entry(message(number)) for number in range(3)))
    left = data / "lake" / "staging" / "abc"
    left.mkdir(parents=True)
    orphan = data / "lake" / "2024-05-01" / "orphan.parquet"
    orphan.write_bytes(b"")
    tidy(stores, {}, at=NOON)
    assert orphan.exists()
    assert not left.exists()
    assert len(lake(stores)) == 3
