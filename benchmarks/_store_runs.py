"""One run over the made-up shop, a process: `python -m benchmarks._store_runs HOW FOLDER RESULT [AS_OF]`.

`convert` and `ours` work in the workspace FOLDER; `duckdb` reads the files of FOLDER/base, as
`_store_files.py` made them. What a run found goes to RESULT, a Parquet file.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from mindgap.kernel.clock import now
from mindgap.kernel.derivation import Moment

TABLE = "activity_features"
AS_OF = datetime(2024, 5, 30)
_BY_HAND = Path(__file__).with_name("_store_by_hand.sql")


def convert(folder: Path, _result: Path, _as_of: datetime) -> None:
    """What events mean for the other canonical tables, as every run of the loop does it first."""
    from mindgap.loop.conversion import Conversion, convert  # noqa: PLC0415 - each run imports its own
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(folder)
    convert(workspace.stores, Conversion(time_zone="UTC", currency="EUR", at=now()))


def ours(folder: Path, result: Path, as_of: datetime) -> None:
    """The loop's plan for one table of features: cleaning, who is who, visits, features."""
    from mindgap.loop.planning import plan, stale_steps  # noqa: PLC0415
    from mindgap.loop.running import build_batch, in_batches  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    stores = open_workspace(folder).stores
    steps: dict[str, float] = {}
    planned = plan(stores, Moment(as_of=as_of), tables=(TABLE,))
    for batch in in_batches(stale_steps(stores, planned)):
        for entry in build_batch(stores, batch, begins=lambda _: None):
            steps[entry.name] = round(entry.seconds, 2)
            if entry.reason and entry.name == TABLE:
                sys.exit(f"{entry.name}: {entry.reason}")
    print(json.dumps(steps))
    found = stores.manifest.entry(TABLE, as_of)
    if found is not None:
        result.unlink(missing_ok=True)
        result.symlink_to(stores.files.path(found.path).resolve())


def by_hand(folder: Path, result: Path, as_of: datetime) -> None:
    """One query, written for DuckDB alone."""
    import duckdb  # noqa: PLC0415

    from mindgap.loop.offered import derivations  # noqa: PLC0415
    from mindgap.process.features.local_days import local_days  # noqa: PLC0415

    moment = Moment(as_of=as_of)
    config = {"threads": "2", "memory_limit": "2000MB", "temp_directory": str(result.with_suffix(".spill"))}
    with duckdb.connect(config=config) as connection:
        connection.execute("set enable_progress_bar = false")
        for macro in (
            "create macro unix_micros(moment) as epoch_us(moment)",
            f"create view raw as select * from '{folder}/base/*.parquet' where occurred_at < '{as_of}'",
            f"create view catalogue as select product_id, category from '{folder}/products.parquet'",
            f"create view moment as select timestamp '{as_of}' as as_of",
        ):
            connection.execute(macro)
        connection.register("local_days", local_days.build({}, moment))
        sql = _BY_HAND.read_text("utf-8").replace("{features}", derivations()[TABLE].sql)
        for name in ("person_days", "person_things"):
            sql = sql.replace(f"{{{name}}}", derivations()[name].sql)
        connection.execute(f"copy ({sql}) to '{result}' (format parquet)")


RUNS: dict[str, Callable[[Path, Path, datetime], None]] = {
    "convert": convert,
    "ours": ours,
    "duckdb": by_hand,
}


if __name__ == "__main__":
    as_of = datetime.fromisoformat(sys.argv[4]) if len(sys.argv) > 4 else AS_OF
    RUNS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), as_of)
