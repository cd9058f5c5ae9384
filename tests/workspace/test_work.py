"""The worker as a process: it brings in what arrived, stops when told, and there is one."""

import json
import signal
import time

import pytest

from kits.commands import mindgap, start
from mindgap.workspace import open as open_workspace
from mindgap.workspace.heartbeat import read_heartbeat


@pytest.fixture
def folder(tmp_path):
    mindgap("source", "add", "web", cwd=tmp_path)
    return tmp_path


def send(folder, nth):
    (folder / "e.jsonl").write_text(json.dumps({"type": "track", "event": "A", "userId": str(nth)}), "utf-8")
    assert mindgap("source", "send", "web", "e.jsonl", cwd=folder).returncode == 0


def until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def stored(folder):
    return sum(one.tally.stored for one in open_workspace(folder).stores.streams.records())


def test_a_worker_brings_events_in_and_stops_when_told(folder):
    send(folder, 1)
    process = start("source", "work", cwd=folder)
    try:
        until(lambda: stored(folder) == 1)
        second = start("source", "work", cwd=folder)
        assert "Another worker" in second.communicate(timeout=20)[1]
        assert second.returncode == 1
        process.send_signal(signal.SIGHUP)
        send(folder, 2)
        until(lambda: stored(folder) == 2)
    finally:
        process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [line["message"] for line in lines] == ["working", "stopped"]
    assert read_heartbeat(folder).chores["compact"].error == ""
