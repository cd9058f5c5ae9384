"""What doctor and status say of live sources."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from kits.commands import mindgap
from kits.streams import MOMENT, MemoryLog
from mindgap.cli.live_health import stream_checks
from mindgap.kernel.clock import now
from mindgap.kernel.errors import StorageError
from mindgap.store.streams import Compaction, Tally
from mindgap.workspace import live
from mindgap.workspace.heartbeat import ChoreState, Heartbeat, sole_worker, write_heartbeat


@pytest.fixture
def shop(workspace):
    found = replace(workspace, stores=replace(workspace.stores, log=MemoryLog()))
    live.declare(found, "web", kind="http", path="", said={})
    return found


def bad(workspace):
    return {one["what"]: one["found"] for one in stream_checks(workspace) if one["ok"] is False}


def test_where_there_are_no_live_sources_there_is_nothing_to_look_at(workspace):
    assert stream_checks(workspace) == []


def test_all_is_well_while_a_worker_works(shop):
    with sole_worker(shop.folder):
        assert bad(shop) == {}
    assert bad(shop) == {"worker": "not running"}


def test_what_fails_is_named(shop):
    shop.stores.streams.fail("queue", "The broker does not answer.", at=MOMENT)
    state = ChoreState(ended_at=MOMENT, error="The disk is full.")
    write_heartbeat(shop.folder, Heartbeat(started_at=MOMENT, chores={"compact": state}))
    with sole_worker(shop.folder):
        assert bad(shop) == {
            "worker: compact": "The disk is full.",
            "source queue": "The broker does not answer.",
        }


def test_a_clock_that_went_back_is_told(shop):
    shop.stores.streams.commit(Compaction(received_at={"web": now() + timedelta(hours=1)}))
    with sole_worker(shop.folder):
        assert list(bad(shop)) == ["clock"]


def test_a_log_that_cannot_be_read_is_told(shop):
    class Broken(MemoryLog):
        def read(self, after):
            raise StorageError("A segment cannot be read.")

    broken = replace(shop, stores=replace(shop.stores, log=Broken()))
    with sole_worker(shop.folder):
        assert bad(broken) == {"log": "A segment cannot be read."}


def test_broken_settings_are_told(shop):
    (shop.folder / "mindgap.toml").write_text("[sources", "utf-8")
    assert list(bad(shop)) == ["mindgap.toml"]


def test_status_counts_what_arrived(tmp_path):
    mindgap("source", "add", "web", cwd=tmp_path)
    (tmp_path / "e.jsonl").write_text('{"type":"track","event":"A","userId":"1"}', "utf-8")
    mindgap("source", "send", "web", "e.jsonl", cwd=tmp_path)
    assert "wait in the log" in mindgap("status", cwd=tmp_path).stdout
    status = json.loads(mindgap("status", "--json", cwd=tmp_path).stdout)
    assert status["log_bytes"] > 0
    assert status["streams"] == []


def test_status_says_what_became_of_it(shop):
    shop.stores.streams.commit(Compaction(tallies={"web": Tally(received=3, stored=2, refused=1)}))
    text = " ".join(mindgap("status", cwd=shop.folder).stdout.split())
    assert "web: 3 messages received = 2 events + 0 set aside + 0 duplicates + 1 refused" in text
