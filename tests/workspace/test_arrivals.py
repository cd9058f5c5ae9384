"""How live sources are: figures, how far behind, events by the hour; and the same for Prometheus."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from kits.streams import MOMENT, MemoryLog, entry, keep_events
from mindgap.store.streams import Compaction, Tally
from mindgap.workspace import live
from mindgap.workspace.arrivals import arrivals, reasons_of
from mindgap.workspace.figures import StreamFigures
from mindgap.workspace.heartbeat import ChoreState, Heartbeat, sole_worker, write_heartbeat

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(workspace):
    found = replace(workspace, stores=replace(workspace.stores, log=MemoryLog()))
    live.declare(found, "web", kind="http", path="", said={"enabled": False})
    live.declare(found, "app", kind="http", path="", said={})
    streams = found.stores.streams
    streams.commit(
        Compaction(
            tallies={"web": Tally(received=10, stored=6, quarantined=2, duplicates=1, refused=1)},
            reasons={"web": {"no-id": 1, "bad-json": 1}, "gone": {"no-id": 4}},
            received_at={"web": MOMENT},
            consumed={"s1": 1},
        )
    )
    streams.fail("gone", "It does not answer.", at=MOMENT)
    found.stores.log.append_all([entry(b"12345"), entry(b"1234567")])
    return found


def test_every_source_is_listed_declared_or_not(shop):
    found = arrivals(shop, at=MOMENT + HOUR)
    web, app, gone = (
        next(one for one in found.sources if one.name == name) for name in ("web", "app", "gone")
    )
    assert (web.kind, web.enabled, web.behind_s) == ("http", False, 3600.0)
    assert web.record.tally == Tally(received=10, stored=6, quarantined=2, duplicates=1, refused=1)
    assert (app.enabled, app.behind_s, app.record.tally) == (True, None, Tally())
    assert (gone.kind, gone.enabled, gone.record.error) == ("", False, "It does not answer.")


def test_what_waits_in_the_log_is_what_lies_behind_the_offsets(shop):
    assert arrivals(shop, at=MOMENT).log_bytes == 7


def test_events_are_counted_by_hour_source_and_type(shop):
    keep_events(
        shop,
        {"occurred_at": MOMENT - 30 * HOUR},
        {"occurred_at": MOMENT - HOUR * 2},
        {"occurred_at": MOMENT - HOUR * 1.75},
        {"occurred_at": MOMENT - HOUR * 1.75, "type": "page"},
        {"occurred_at": MOMENT - HOUR, "source": "app"},
    )
    keep_events(shop, {"occurred_at": MOMENT - 40 * HOUR})
    found = arrivals(shop, at=MOMENT)
    assert [(one.hour - MOMENT, one.source, one.type, one.events) for one in found.hours] == [
        (-2 * HOUR, "web", "page", 1),
        (-2 * HOUR, "web", "track", 2),
        (-1 * HOUR, "app", "track", 1),
    ]
    assert {one.name: one.last_day for one in found.sources} == {"app": 1, "gone": 0, "web": 3}


def test_reasons_come_most_frequent_first(shop):
    assert list(reasons_of(shop)["web"].items()) == [("bad-json", 1), ("no-id", 1)]
    assert list(reasons_of(shop, "gone")) == ["gone"]


def test_whether_a_worker_works_and_what_it_said(shop):
    assert not arrivals(shop, at=MOMENT).worker
    beat = Heartbeat(started_at=MOMENT, chores={"compact": ChoreState(ended_at=MOMENT, seconds=0.5)})
    write_heartbeat(shop.folder, beat)
    with sole_worker(shop.folder):
        found = arrivals(shop, at=MOMENT)
    assert found.worker
    assert found.heartbeat == beat


def test_prometheus_gets_counts_and_times(shop):
    error = ChoreState(ended_at=MOMENT, seconds=0.5, error="The disk is full.")
    write_heartbeat(shop.folder, Heartbeat(started_at=MOMENT, chores={"compact": error}))
    registry = CollectorRegistry()
    registry.register(StreamFigures(shop.folder, shop.stores.streams))
    lines = generate_latest(registry).decode().splitlines()
    for line in (
        'mindgap_source_events_total{outcome="received",source="web"} 10.0',
        'mindgap_source_events_total{outcome="stored",source="web"} 6.0',
        'mindgap_source_quarantined{reason="no-id",source="gone"} 4.0',
        'mindgap_source_latest_timestamp_seconds{source="web"} 1.7145648e+09',
        'mindgap_source_failing{source="gone"} 1.0',
        "mindgap_worker_up 0.0",
        'mindgap_worker_chore_seconds{chore="compact"} 0.5',
        'mindgap_worker_chore_failing{chore="compact"} 1.0',
    ):
        assert line in lines
