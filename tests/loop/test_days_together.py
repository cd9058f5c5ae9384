"""Tables kept by local day that are built together: what is shared, what a broken one takes along."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from kits.clickstream import event_rows, product, track
from kits.shop import canonical
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import StorageError
from mindgap.loop.building import FAILED, build, is_failure
from mindgap.loop.lake import write_parts
from mindgap.loop.planning import plan, stale_steps
from mindgap.loop.running import build_batch, in_batches
from mindgap.store.streams import Compaction

END = datetime(2024, 6, 10)
TABLES = ("visits_by_day", "page_views_by_day", "searches_by_day", "customer_days", "customer_things")


@dataclass
class _Session:
    inner: object
    engine: "WatchedEngine"

    def hold(self, name, relation, *, rows):
        self.engine.held[name] += 1
        return self.inner.hold(name, relation, rows=rows)

    def save_days(self, sql, folder):
        if self.engine.breaks and self.engine.breaks in sql:
            raise self.engine.error
        return self.inner.save_days(sql, folder)

    def __getattr__(self, name):
        return getattr(self.inner, name)


@dataclass
class WatchedEngine:
    """Counts what is held, and breaks where a query has these words."""

    inner: object
    breaks: str = ""
    error: Exception = field(default_factory=ZeroDivisionError)
    rows_at_once: int = 1_000_000
    held: Counter = field(default_factory=Counter)
    name: str = "duckdb"

    def side_by_side(self, wanted):
        return [replace(self, inner=one) for one in self.inner.side_by_side(wanted)]

    @contextmanager
    def session(self, relations):
        with self.inner.session(relations) as session:
            yield _Session(session, self)


@pytest.fixture
def stores(workspace):
    """Events of five days, some of which a rule drops."""
    told = [
        track(
            name,
            END - timedelta(days=1 + day, minutes=minute),
            said,
            user=f"u{minute % 3}",
            device=f"d{minute}",
        )
        for day in range(5)
        for minute, (name, said) in enumerate(
            [
                ("Product Viewed", product(1)),
                ("Products Searched", {"query": " Tea "}),
                ("Product Viewed", {**product(2), "is_test": True}),
                ("Page Left", {"dwell_seconds": 7.5}),
            ]
        )
    ]
    rows = canonical("events", event_rows(told, source="web"))
    workspace.stores.streams.commit(Compaction(added=write_parts(workspace.stores, rows)))
    return workspace.stores


def run(stores):
    """Build what is stale; gives the entries by table."""
    stale = stale_steps(stores, plan(stores, Moment(as_of=END), tables=TABLES))
    entries = [
        entry for batch in in_batches(stale) for entry in build_batch(stores, batch, begins=lambda _: None)
    ]
    return {entry.name: entry for entry in entries}


def contents(stores):
    return {
        (entry.name, entry.day): entry.path and stores.files.path(entry.path).read_bytes()
        for entry in stores.manifest.days()
    }


def test_what_tables_share_is_worked_out_once_for_each_group_of_days(stores):
    watched = WatchedEngine(stores.engine)
    run(replace(stores, engine=watched))
    assert watched.held == {"day_events_analytics": 1, "steps_analytics": 1}
    few = WatchedEngine(stores.engine, rows_at_once=8)
    stores.manifest.forget_days(stores.manifest.days())
    run(replace(stores, engine=few))
    assert few.held == {"day_events_analytics": 3, "steps_analytics": 3}


def test_together_and_one_by_one_give_the_same_files(stores):
    run(stores)
    together = contents(stores)
    assert {name for name, _ in together} >= {*TABLES, "dropped_events"}
    stores.manifest.forget_days(stores.manifest.days())
    for step in plan(stores, Moment(as_of=END), tables=TABLES):
        build(stores, step)
    assert contents(stores) == together


def test_sessions_side_by_side_give_the_files_of_one(stores):
    alone = WatchedEngine(replace(stores.engine, threads=1), rows_at_once=4)
    run(replace(stores, engine=alone))
    one_by_one = contents(stores)
    stores.manifest.forget_days(stores.manifest.days())
    beside = WatchedEngine(replace(stores.engine, threads=3, memory_limit_mb=2_000), rows_at_once=4)
    assert [len(engine.side_by_side(5)) for engine in (alone, beside)] == [1, 3]
    run(replace(stores, engine=beside))
    assert contents(stores) == one_by_one
    assert beside.held["day_events_analytics"] == 6


def test_a_full_disk_in_one_session_ends_all_and_keeps_what_is_finished(stores):
    full = WatchedEngine(stores.engine, breaks="searched_at", error=OSError("no space"), rows_at_once=4)
    with pytest.raises(StorageError, match="could not be written"):
        run(replace(stores, engine=full))
    assert full.held["day_events_analytics"] < 6
    assert {entry.name for entry in stores.manifest.days()} >= {"dropped_events"}
    assert not [entry for entry in stores.manifest.days() if entry.name == "searches_by_day"]
    assert run(stores)["searches_by_day"].rows == 5


def test_a_broken_table_takes_along_only_what_follows_from_it(stores):
    broken = run(replace(stores, engine=WatchedEngine(stores.engine, breaks="searched_at")))
    assert broken["searches_by_day"].reason["params"]["error"] == "ZeroDivisionError"
    assert {name for name, entry in broken.items() if entry.reason} == {"searches_by_day"}
    again = run(stores)
    assert set(again) == {"searches_by_day"}
    assert again["searches_by_day"].rows == 5


def test_without_cleaning_nothing_is_made_of_events(stores):
    broken = run(replace(stores, engine=WatchedEngine(stores.engine, breaks="bot-user-agent")))
    assert {name for name, entry in broken.items() if entry.reason.get("code") == FAILED} >= {*TABLES}
    assert [name for name, entry in broken.items() if is_failure(entry)] == ["dropped_events"]
    assert [entry.reason for entry in run(stores).values() if entry.reason] == []


def test_nothing_is_said_without_events(workspace):
    found = run(workspace.stores)
    assert {entry.reason.get("code") for entry in found.values()} == {"no-events"}
