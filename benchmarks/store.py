"""From events to features: ours, one query written by hand, polars and pandas; then one more day.

`python -m benchmarks store` makes up 2 and 20 million events (some minutes, some gigabytes, kept in the
folder for temporary files); `python -m benchmarks.store --events 200000` is a short look. Every run is a
process. polars and pandas come from an environment beside the files; pandas has everything in memory and runs
up to two million.
"""

import argparse
import json
import shutil
import sys
import tempfile
import venv
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks import Ran, measure, report, require
from benchmarks._store_files import made
from benchmarks._store_lake import bring_events, bring_tables
from benchmarks._store_runs import AS_OF, TABLE
from benchmarks._store_stream import size_of
from mindgap.workspace import open as open_workspace

LARGEST, PANDAS_LARGEST = 20_000_000, 2_000_000
_CLEANING = "[cleaning]\noptions = {'duplicate-event.within-seconds' = 1.0}\n"
_MICROS = (("last_seen_seconds", "last_seen_micros"), ("dwell_seconds_84d", "dwell_micros_84d"))
_PEERS = ("polars", "pandas", "pyarrow")


def run(how: str, folder: Path, result: Path, *, as_of: object = AS_OF) -> Ran:
    """One of our own runs in a process."""
    command = [sys.executable, "-m", "benchmarks._store_runs", how, folder, result, str(as_of)]
    return good(measure(command, cwd=Path.cwd()))


def good(ran: Ran) -> Ran:
    """A run that did not fail."""
    if ran.exit_code:
        sys.exit(ran.stdout + ran.stderr)
    return ran


def peers(folder: Path) -> Path:
    """The Python of an environment that has the peers; made once."""
    home = folder / "peers"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        good(measure([python, "-m", "pip", "install", "--quiet", *_PEERS], cwd=folder))
    return python


def figures(what: str, ran: Ran, **bars: float) -> None:
    """A run's time and memory."""
    report(f"{what}", ran.seconds, "s", bar=bars.get("seconds"))
    report(f"{what}, processor", ran.cpu_seconds, "s")
    report(f"{what}, memory", ran.peak_mb, "MB", bar=bars.get("megabytes"))


def different(one: Path, other: Path) -> int:
    """How many rows of ours the other has not, by its columns, and the other way round."""
    with duckdb.connect() as connection:
        names = [row[0] for row in connection.execute(f"describe select * from '{other}'").fetchall()]
        columns = ", ".join(names)
        also = ", ".join(f"cast(round({named} * 1e6) as bigint) as {micros}" for named, micros in _MICROS)
        sides = [f"(select {columns} from (select *, {also} from '{one}'))", f"(from '{other}')"]
        counts = [
            connection.execute(f"select count(*) from ({a} except all {b})").fetchall()[0][0]
            for a, b in (sides, sides[::-1])
        ]
    return sum(counts)


def workspace_of(files: Path, folder: Path) -> Path:
    """A new workspace with the made-up shop in its lake."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "mindgap.toml").write_text(_CLEANING, "utf-8")
    stores = open_workspace(folder).stores
    bring_tables(stores, files)
    bring_events(stores, files / "base")
    return folder


def compare(files: Path, folder: Path, events: int) -> Ran:
    """Ours, by hand, and the peers, which must all find the same."""
    name, found = f"{events:,} events", folder / f"ours-{events}.parquet"
    workspace = workspace_of(files, folder / f"workspace-{events}")
    figures(f"{name}: conversion", run("convert", workspace, found))
    own = run("ours", workspace, found)
    at_most = {"seconds": 60.0, "megabytes": 3_000.0} if events == LARGEST else {}
    figures(f"{name}: ours", own, **at_most)
    print(f"# seconds by table: {own.stdout.strip()}")
    other = folder / f"by-hand-{events}.parquet"
    hand = run("duckdb", files, other)
    figures(f"{name}: one query by hand", hand)
    require(different(found, other) == 0, "the query by hand finds the same, to the cell")
    report(f"{name}: ours / by hand", own.seconds / hand.seconds, "times", bar=1.15)
    report(f"{name}: ours / by hand, processor", own.cpu_seconds / hand.cpu_seconds, "times")
    for peer in ("polars", "pandas") if events <= PANDAS_LARGEST else ("polars",):
        other = folder / f"{peer}-{events}.parquet"
        script = Path(__file__).with_name("_store_peers.py")
        command = [peers(folder), script, peer, files, other, str(AS_OF)]
        figures(f"{name}: {peer}, some of the features", good(measure(command, cwd=folder)))
        require(different(found, other) == 0, f"{peer} finds the same, to the cell")
    return own


def one_more_day(files: Path, folder: Path, events: int, *, full: Ran) -> None:
    """What arrived on the next day: its own events, and late ones."""
    name, workspace = f"{events:,} events", folder / f"workspace-{events}"
    bring_events(open_workspace(workspace).stores, files / "next")
    result = folder / f"next-{events}.parquet"
    figures(f"{name}: conversion of one more day", run("convert", workspace, result))
    day = run("ours", workspace, result, as_of=AS_OF + timedelta(days=1))
    figures(f"{name}: one more day", day)
    print(f"# seconds by table: {day.stdout.strip()}")
    report(f"{name}: one more day / all", day.seconds / full.seconds * 100, "%", bar=10)
    report(f"{name}: one more day / all, processor", day.cpu_seconds / full.cpu_seconds * 100, "%")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, nargs="*", default=[LARGEST // 10, LARGEST])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "mindgap-store")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    took: dict[int, Ran] = {}
    for events in given.events:
        files = made(given.folder, size_of(events))
        print(f"# {TABLE} as of {AS_OF}: {json.loads((files / 'facts.json').read_text())}")
        took[events] = compare(files, given.folder, events)
        one_more_day(files, given.folder, events, full=took[events])
    for few, many in zip(given.events, given.events[1:], strict=False):
        growth = took[many].seconds / took[few].seconds
        report(f"{few:,} to {many:,} events: time grows", growth, "times", bar=11 * many / few / 10)


if __name__ == "__main__":
    main()
