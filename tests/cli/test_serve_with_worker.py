"""The server with its worker: what arrives becomes events; a dead worker comes back; one stop ends all."""

import json
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from kits.commands import mindgap, start
from mindgap.cli.server import free_port, is_free
from mindgap.workspace import open as open_workspace
from mindgap.workspace.heartbeat import has_worker


@pytest.fixture
def served(tmp_path):
    mindgap("source", "add", "web", "--key", "abcd1234", cwd=tmp_path)
    port = free_port(19_100 + os.getpid() % 500)
    process = start("serve", "--port", port, cwd=tmp_path)
    until(lambda: not is_free("127.0.0.1", port))
    yield tmp_path, port, process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=20)


def until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def send(port, nth):
    body = json.dumps({"type": "track", "event": "A", "userId": "1", "messageId": f"m{nth}"}).encode()
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/track", content=body, auth=("abcd1234", ""))
    assert answer.status_code == 200


def tally(folder):
    return next((one.tally for one in open_workspace(folder).stores.streams.records()), None)


def stored(folder):
    found = tally(folder)
    return found.stored if found else 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the worker")
def test_what_arrives_is_worked_up_whatever_happens_to_the_worker(served):
    folder, port, process = served
    send(port, 1)
    until(lambda: stored(folder) == 1)
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert "mindgap_worker_up 1.0" in figures
    assert 'mindgap_source_events_total{outcome="stored",source="web"} 1.0' in figures
    os.kill(child_of(process.pid), signal.SIGKILL)
    send(port, 2)
    until(lambda: stored(folder) == 2)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert not has_worker(folder)
    said = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert "the worker ended" in {line["message"] for line in said}
    assert "abcd1234" not in errors


def child_of(pid):
    """The process that one of its threads started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return next(int(child) for task in tasks for child in task.read_text().split())
