"""How many events a second the compaction works up: alone, beside a lake of a week, all of them again, and
events that name a person, which become tokens and seals under keys of as many customers.

`python -m benchmarks.collect_compaction`; `--events 100000` is a short look. Threads are bound to one core.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import report
from benchmarks._collector import event
from mindgap.kernel.clock import now
from mindgap.kernel.rng import generator
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.log import Entry
from mindgap.workspace import open as open_workspace
from mindgap.workspace.core import Workspace

PER_REQUEST, AT_ONCE = 100, 10_000


def sign_in(rng: np.random.Generator) -> dict[str, Any]:
    """A customer tells who they are."""
    number = int(rng.integers(1_000_000))
    person = {
        "email": f"person{number}@example.com",
        "phone": f"+1 212 555 {number % 10_000:04d}",
        "name": f"Ada {number}",
        "plan": "gold",
    }
    return {**event(rng), "type": "identify", "event": None, "properties": {}, "traits": person}


def deliver(
    workspace: Workspace,
    events: int,
    *,
    day: int,
    name: str,
    make: Callable[[np.random.Generator], dict[str, Any]] = event,
) -> None:
    """Put events into the log as if they had arrived some days ago, in batches of 100."""
    rng = generator(7, "compaction", name)
    bodies = [make(rng) for _ in range(AT_ONCE)]
    arrived = now() - timedelta(days=day)
    for first in range(0, events, AT_ONCE):
        for number, body in enumerate(bodies):
            body["messageId"] = f"ajs-next-{name}-{first + number:012d}"
            body["timestamp"] = f"{arrived.isoformat(timespec='milliseconds')}Z"
        raw = [json.dumps(body, separators=(",", ":")).encode() for body in bodies]
        sent = f"{arrived.isoformat(timespec='milliseconds')}Z"
        batches = [raw[at : at + PER_REQUEST] for at in range(0, AT_ONCE, PER_REQUEST)]
        workspace.stores.log.append_all(
            [Entry(source="shop", received_at=arrived, messages=batch, sent_at=sent) for batch in batches]
        )


def timed(workspace: Workspace, expected: str, events: int) -> tuple[float, float]:
    """Events a second, on the clock and of processor time; all of them must have become what is expected."""
    began, used = time.perf_counter(), time.process_time()
    tally = workspace.compact()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - used
    if (tally.received, getattr(tally, expected)) != (events, events):
        raise SystemExit(f"{events} {expected} expected, got {tally}.")
    return events / seconds, events / cpu_seconds


def persons(workspace: Workspace) -> None:
    """Sign-ins of customers who have no key yet."""
    deliver(workspace, AT_ONCE, day=8, name="persons", make=sign_in)
    _, cpu = timed(workspace, "stored", AT_ONCE)
    report("events that name a person new to us, of processor time", round(cpu), "1/s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=300_000)
    events = parser.parse_args().events
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        write_sources(Path(folder), {"shop": SourceSettings(kind="http")})
        workspace = open_workspace(folder)
        deliver(workspace, AT_ONCE, day=9, name="warm")
        workspace.compact()
        deliver(workspace, events, day=0, name="first")
        clock, cpu = timed(workspace, "stored", events)
        report("events worked up beside little", round(clock), "1/s", least=40_000)
        report("the same, of processor time", round(cpu), "1/s")
        persons(workspace)
        for day in range(1, 7):
            deliver(workspace, events, day=day, name=f"day {day}")
        workspace.compact()
        deliver(workspace, events, day=0, name="last")
        clock, _ = timed(workspace, "stored", events)
        report(f"events worked up beside {7 * events} of the last week", round(clock), "1/s")
        deliver(workspace, events, day=0, name="last")
        clock, _ = timed(workspace, "duplicates", events)
        report("events that come again", round(clock), "1/s")
        deliver(workspace, AT_ONCE, day=0, name="few")
        began = time.perf_counter()
        workspace.compact()
        report(f"bringing in {AT_ONCE} events", time.perf_counter() - began, "s")
        began = time.perf_counter()
        workspace.compact()
        report("a compaction with nothing to do", time.perf_counter() - began, "s")


if __name__ == "__main__":
    main()
