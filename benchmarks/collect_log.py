"""The event log alone, one process: how much it takes durably, and what SQLite takes of the same.

python -m benchmarks.collect_log [seconds=5]    half a minute
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import uvloop

from benchmarks import report, require
from mindgap.backends.segments import SegmentLog
from mindgap.store.log import Entry

EVENT_BYTES = 775
BATCH = 100
GROUP = 32  # deliveries at a time
PACE_PER_S = 1_000  # deliveries
_MOMENT = datetime(2026, 3, 1)


def entry(events: int) -> Entry:
    texts = [f'{{"type":"track","messageId":"{number:06}","pad":"'.encode() for number in range(events)]
    messages = [text + b"x" * (EVENT_BYTES - len(text) - 2) + b'"}' for text in texts]
    return Entry(source="web", received_at=_MOMENT, messages=messages)


async def flood(log: SegmentLog, events: int, *, tasks: int, seconds: float) -> list[float]:
    """As much as so many clients deliver, each after its delivery before; seconds that each delivery took."""
    took: list[float] = []
    delivery, until = entry(events), time.perf_counter() + seconds

    async def client() -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            await log.append(delivery)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(client() for _ in range(tasks)))
    return took


async def paced(log: SegmentLog, events: int, *, per_second: int, seconds: float) -> list[float]:
    """So many deliveries a second, whether those before are done or not; seconds from when each was due."""
    took: list[float] = []
    delivery, began = entry(events), time.perf_counter()

    async def deliver(due: float) -> None:
        await log.append(delivery)
        took.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(deliver(due))
    return took


def durable(folder: Path, seconds: float) -> None:
    """The log under load."""
    for what, events, tasks in (("batches of 100", BATCH, GROUP), ("single events", 1, 64)):
        log = SegmentLog(folder / what)
        cpu, began = time.process_time(), time.perf_counter()
        took = uvloop.run(flood(log, events, tasks=tasks, seconds=seconds))
        log.close()
        cpu, spent = time.process_time() - cpu, time.perf_counter() - began
        report(f"log, {what}", round(len(took) * events / spent), "events/s")
        report(f"log, {what}: processor", cpu / len(took) / events * 1e6, "us an event")
        report(f"log, {what}: 99 % of deliveries", float(np.quantile(took, 0.99)) * 1e3, "ms")
        began = time.perf_counter()
        read = sum(len(each.messages) for _, entries in log.read({}) for each in entries)
        require(read == len(took) * events, "what was acknowledged is read")
        report(f"log, {what}: reading", round(read / (time.perf_counter() - began)), "events/s")
    log = SegmentLog(folder / "paced")
    took = uvloop.run(paced(log, BATCH, per_second=PACE_PER_S, seconds=seconds))
    log.close()
    report("log at 100,000 events/s: 99 % of deliveries", float(np.quantile(took, 0.99)) * 1e3, "ms", bar=50)


def sqlite(folder: Path, seconds: float) -> None:
    """SQLite with a write-ahead log and full sync: one row an event, and one row a delivery."""
    delivery = entry(BATCH)
    whole = b"\n".join(delivery.messages)
    rows = [(message,) for message in delivery.messages]
    for what, values, events in (
        ("a row an event, 100 a commit", rows, BATCH),
        ("a row an event, 3,200 a commit", rows * GROUP, BATCH * GROUP),
        ("a row a delivery, 32 a commit", [(whole,)] * GROUP, BATCH * GROUP),
    ):
        with closing(sqlite3.connect(folder / f"{events}-{len(values)}.db")) as database:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = full")
            database.execute("create table log (id integer primary key, message blob)")
            began, cpu, commits = time.perf_counter(), time.process_time(), 0
            while time.perf_counter() - began < seconds:
                with database:
                    database.executemany("insert into log (message) values (?)", values)
                commits += 1
            cpu = time.process_time() - cpu
            rate = commits * events / (time.perf_counter() - began)
        report(f"SQLite, {what}", round(rate), "events/s")
        report(f"SQLite, {what}: processor", cpu / commits / events * 1e6, "us an event")


def main() -> None:
    seconds = float(dict(word.split("=") for word in sys.argv[1:]).get("seconds", "5"))
    for run in (durable, sqlite):
        with tempfile.TemporaryDirectory(dir=Path.home()) as folder:  # where files are on a real disk
            run(Path(folder), seconds)


if __name__ == "__main__":
    main()
