"""From events to features on Spark: local, through Spark Connect, and on a cluster that loses a worker in mid-run.

`python -m benchmarks.store_spark --events 200000` is a short look; `--events 20000000` takes an hour or so on two
cores. The shop is that of `benchmarks/store.py`; every table must be DuckDB's, to the cell.
"""

import argparse
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import report, require
from benchmarks._store_files import made
from benchmarks._store_runs import AS_OF, TABLE
from benchmarks._store_stream import size_of
from benchmarks.store import workspace_of
from kits.spark_cluster import cluster, connect_server
from kits.twin import differences
from mindgap.backends.spark import SparkEngine
from mindgap.backends.spark_place import SparkPlace, stop_spark
from mindgap.kernel.derivation import Moment
from mindgap.loop.building import build
from mindgap.loop.planning import is_fresh, plan
from mindgap.workspace import open as open_workspace


def features(folder: Path, place: SparkPlace | None):
    """The table of features, worked out anew in a workspace, and how long that took; None means DuckDB."""
    stores = open_workspace(folder).stores
    if place is not None:
        stores = replace(stores, engine=SparkEngine(place=place))
    began = time.perf_counter()
    for step in plan(stores, Moment(as_of=AS_OF), tables=(TABLE,)):
        if not is_fresh(stores, step):
            entry = build(stores, step)
            require(not entry.reason or entry.name != TABLE, f"{entry.name} is built: {entry.reason}")
    took = time.perf_counter() - began
    found = stores.manifest.entry(TABLE, AS_OF)
    return pq.read_table(stores.files.path(found.path)), took


@contextmanager
def losing(nodes, after_s):
    """Meanwhile one worker and its executors are killed."""
    lost = {}

    def lose():
        time.sleep(after_s)
        lost["executors"] = len(nodes.kill(nodes.workers[0]))
        lost["at"] = time.perf_counter()

    thread = threading.Thread(target=lose)
    thread.start()
    yield lost
    thread.join()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--memory-mb", type=int, default=2_000)
    parser.add_argument("--how", nargs="*", default=["local", "connect", "cluster"])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "mindgap-store")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    files, name = made(given.folder, size_of(given.events)), f"{given.events:,} events"
    expected, took = features(workspace_of(files, given.folder / "workspace-duckdb"), None)
    report(f"{name}: DuckDB", took, "s")

    def on(how: str, address: str) -> None:
        folder = workspace_of(files, given.folder / f"workspace-{how}")
        place = SparkPlace(
            address=address, scratch=folder / ".mindgap" / "scratch", memory_limit_mb=given.memory_mb
        )
        found, seconds = features(folder, place)
        stop_spark()
        report(f"{name}: Spark, {how}", seconds, "s")
        told = differences(expected, found, ordered=True)
        print("\n".join(told[:5]), file=sys.stderr)
        report(f"{name}: Spark, {how}: cells that differ", len(told), "cells", bar=0)

    with tempfile.TemporaryDirectory() as work:
        if "local" in given.how:
            on("local", "local[2]")
        if "connect" in given.how:
            with connect_server(Path(work) / "server", memory_mb=given.memory_mb) as address:
                on("connect", address)
        if "cluster" in given.how:
            with cluster(Path(work) / "cluster", memory_mb=given.memory_mb) as nodes:
                with losing(nodes, after_s=max(30.0, given.events / 1e5)) as lost:
                    on("cluster that loses a worker", nodes.address)
                    ended = time.perf_counter()
                require(lost["at"] < ended and lost["executors"], "the worker was lost in mid-run")


if __name__ == "__main__":
    main()
