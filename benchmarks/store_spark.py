"""From events to features on Spark: local, by Spark Connect, and on a cluster that loses a worker meanwhile.

`python -m benchmarks.store_spark --events 200000` is a short look. The shop is that of
`benchmarks/store.py`, its events converted by DuckDB; the features must be DuckDB's, to the cell.
`--memory-mb` is given to the driver and to each of the cluster's two executors, so a cluster takes three
times as much; what does not fit goes to disk.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks import report, require
from benchmarks._store_files import made
from benchmarks._store_runs import AS_OF, TABLE
from benchmarks._store_stream import size_of
from benchmarks.store import workspace_of
from kits.spark_cluster import Cluster, cluster, connect_server
from kits.twin import TOLERANCE
from mindgap.backends.spark import SparkEngine
from mindgap.backends.spark_place import SparkPlace, stop_spark
from mindgap.kernel.clock import now
from mindgap.kernel.derivation import Moment
from mindgap.loop.conversion import Conversion, convert
from mindgap.loop.planning import plan, stale_steps
from mindgap.loop.running import build_batch, in_batches
from mindgap.workspace import open as open_workspace

EXPECTED = "spark-expected.parquet"


def features(folder: Path, place: SparkPlace | None) -> tuple[pa.Table, float]:
    """The table of features, worked out anew in a workspace, and how long that took; None means DuckDB."""
    stores = open_workspace(folder).stores
    convert(stores, Conversion(time_zone="UTC", currency="EUR", at=now()))
    if place is not None:
        stores = replace(stores, engine=SparkEngine(place=place))
    began = time.perf_counter()
    planned = plan(stores, Moment(as_of=AS_OF), tables=(TABLE,))
    for batch in in_batches(stale_steps(stores, planned)):
        for entry in build_batch(stores, batch, begins=lambda _: None):
            require(not entry.reason or entry.name != TABLE, f"{entry.name} is built: {entry.reason}")
            print(f"# {entry.name}: {entry.seconds:.1f} s", file=sys.stderr, flush=True)
    took = time.perf_counter() - began
    found = stores.manifest.entry(TABLE, AS_OF)
    return pq.read_table(stores.files.path(found.path)), took


@contextmanager
def losing(nodes: Cluster, *, after_s: float) -> Generator[dict[str, float]]:
    """Meanwhile one worker and its executors are killed, some time after it got the first of them."""
    lost: dict[str, float] = {}

    def lose() -> None:
        while not nodes.executors(nodes.workers[0]):
            time.sleep(1)
        time.sleep(after_s)
        lost["executors"] = len(nodes.kill(nodes.workers[0]))
        lost["at"] = time.perf_counter()

    thread = threading.Thread(target=lose, daemon=True)
    thread.start()
    yield lost
    thread.join(timeout=1.0)


def compared(how: str, address: str, *, files: Path, given: argparse.Namespace) -> None:
    """One way to have a Spark, beside DuckDB."""
    folder = workspace_of(files, given.folder / f"workspace-{how}")
    scratch = folder / ".mindgap" / "scratch"
    place = SparkPlace(address=address, scratch=scratch, memory_limit_mb=given.memory_mb)
    found, seconds = features(folder, place)
    stop_spark()
    report(f"{given.events:,} events: Spark, {how}", seconds, "s")
    expected = pq.read_table(given.folder / EXPECTED)
    kinds = [[*zip(table.column_names, table.schema.types, strict=True)] for table in (found, expected)]
    require(kinds[0] == kinds[1], "the columns are the same, and their types")
    require(found.num_rows == expected.num_rows, "there are as many rows")
    told = {name: unequal(expected[name], found[name]) for name in expected.column_names}
    print({name: cells for name, cells in told.items() if cells} or "no cell differs", file=sys.stderr)
    report(f"{given.events:,} events: Spark, {how}: cells that differ", sum(told.values()), "cells", bar=0)


def unequal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> int:
    """How many cells of two columns differ; doubles may by TOLERANCE of their size."""
    if pa.types.is_floating(one.type):
        pair = [column.to_numpy() for column in (one, other)]  # a null is NaN
        nulls = pc.xor(one.is_null(), other.is_null()).to_numpy()
        return int((~np.isclose(*pair, rtol=TOLERANCE, atol=0.0, equal_nan=True) | nulls).sum())
    same = pc.fill_null(pc.equal(one, other), False)
    return len(one) - int(pc.sum(pc.or_(same, pc.and_(one.is_null(), other.is_null()))).as_py() or 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--memory-mb", type=int, default=2_000)
    parser.add_argument("--how", nargs="*", default=["local", "connect", "cluster"])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "mindgap-store")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    files = made(given.folder, size_of(given.events))
    expected, took = features(workspace_of(files, given.folder / "workspace-duckdb"), None)
    pq.write_table(expected, given.folder / EXPECTED)
    report(f"{given.events:,} events: DuckDB", took, "s")
    with tempfile.TemporaryDirectory() as work:
        if "local" in given.how:
            compared("local", "local[2]", files=files, given=given)
        if "connect" in given.how:
            with connect_server(Path(work) / "server", memory_mb=given.memory_mb) as address:
                compared("connect", address, files=files, given=given)
        if "cluster" in given.how:
            with cluster(Path(work) / "cluster", memory_mb=given.memory_mb) as nodes:
                with losing(nodes, after_s=max(20.0, given.events / 1e5)) as lost:
                    compared("cluster that loses a worker", nodes.address, files=files, given=given)
                    ended = time.perf_counter()
                require(bool(lost.get("executors")) and lost["at"] < ended, "the worker was lost in mid-run")


if __name__ == "__main__":
    main()
