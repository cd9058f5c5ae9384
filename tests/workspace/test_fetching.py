"""Sources that we fetch: from where they go on, what happens when they fail, and that settings are obeyed."""

import threading
import time
from dataclasses import dataclass, field, replace

import pytest

from kits.streams import MOMENT, MemoryLog, entry
from mindgap.kernel.errors import OverloadError, SourceError
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.streams import Compaction
from mindgap.workspace.fetching import Fetching, latest_cursor


@dataclass
class Well:
    """A source with numbered messages; the cursor is the number of those that were read."""

    size: int = 5
    every_s: float = 0.01
    errors: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def deliver(self, *, cursor, stop, clock):
        self.asked.append(cursor)
        for nth in range(int(cursor or 0), self.size):
            if self.errors:
                raise self.errors.pop()
            yield entry({"n": nth}, source="shop", cursor=str(nth + 1))


@pytest.fixture
def desk(workspace):
    found = replace(workspace, stores=replace(workspace.stores, log=MemoryLog()))
    declare(found)
    return found


def declare(desk, **options):
    source = SourceSettings(kind="kafka", options={"topics": ["shop"], **options})
    write_sources(desk.folder, {"shop": source})


def numbers(desk):
    return [int(message[6:-1]) for one in desk.stores.log.entries for message in one.messages]


def until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


@pytest.fixture
def fetching():
    made = []

    def make(well):
        made.append(
            Fetching(lambda _desk, _name, settings: well if settings.options.get("enabled", True) else None)
        )
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_everything_is_read_once_and_again_from_the_cursor(desk, fetching):
    well = Well()
    one = fetching(well)
    one.settle(desk)
    until(lambda: len(well.asked) > 2)
    assert numbers(desk) == [0, 1, 2, 3, 4]
    one.end()
    assert "fetch-shop" not in {thread.name for thread in threading.enumerate()}
    well.size, well.asked = 7, []
    fetching(well).settle(desk)
    until(lambda: len(numbers(desk)) == 7)
    assert well.asked[0] == "5"
    assert numbers(desk) == [0, 1, 2, 3, 4, 5, 6]


def test_it_goes_on_where_the_log_ends_not_where_the_state_ends(desk):
    desk.stores.streams.commit(Compaction(cursors={"shop": "3"}, consumed={"s1": 1}))
    desk.stores.log.append_all([entry({}, source="shop", cursor="3"), entry({}, source="web")])
    assert latest_cursor(desk.stores, "shop") == "3"
    desk.stores.log.append_all([entry({}, source="shop", cursor="4"), entry({}, source="other", cursor="9")])
    assert latest_cursor(desk.stores, "shop") == "4"


def record(desk):
    return next((one for one in desk.stores.streams.records() if one.source == "shop"), None)


def test_an_error_is_told_and_cleared_and_nothing_is_lost(desk, fetching):
    well = Well(errors=[SourceError("The broker does not answer.")], every_s=0.05)
    fetching(well).settle(desk)
    until(lambda: record(desk) and record(desk).error)
    assert record(desk).error == "The broker does not answer."
    until(lambda: record(desk).error == "")
    assert numbers(desk) == [0, 1, 2, 3, 4]


def test_a_full_log_is_waited_for(desk, fetching):
    desk.stores.log.refuse = OverloadError("Too much is waiting.")
    well = Well()
    fetching(well).settle(desk)
    until(lambda: record(desk) and record(desk).error)
    desk.stores.log.refuse = None
    until(lambda: len(numbers(desk)) == 5)
    assert numbers(desk) == [0, 1, 2, 3, 4]
    until(lambda: record(desk).error == "")


def test_an_error_of_an_earlier_worker_is_cleared(desk, fetching):
    desk.stores.streams.fail("shop", "Broken.", at=MOMENT)
    fetching(Well()).settle(desk)
    until(lambda: record(desk).error == "")


def test_settings_are_obeyed_while_it_runs(desk, fetching):
    well = Well()
    one = fetching(well)
    one.settle(desk)
    until(lambda: len(numbers(desk)) == 5)
    declare(desk, enabled=False)
    one.settle(desk)
    until(lambda: not any(thread.name == "fetch-shop" for thread in threading.enumerate()))
    one.settle(desk)
    well.size = 6
    declare(desk)
    one.settle(desk)
    until(lambda: len(numbers(desk)) == 6)


def test_an_option_that_cannot_be_is_told_where_sources_are_listed(desk):
    declare(desk, colour="red")
    one = Fetching()
    one.settle(desk)
    assert "colour" in record(desk).error
    one.end()
