"""Erase a customer: how long until reads obey, until files are rewritten, and what is left.

    .venv/bin/python -m benchmarks.erasure --events 2000000

The lake is that of benchmarks/store. Two customers with canaries for ids are put among the others by events
of their own. One is erased while there is the lake only; the other after a run, when derived tables, their
pieces and models hold them too. `mindgap forget` is a process of its own each time, while the log is open in
this one, and every file is decoded and searched before and afterwards.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks._store_files import made
from benchmarks._store_lake import bring_events, bring_tables
from benchmarks._store_stream import size_of
from mindgap.kernel.clock import now
from mindgap.store.log import Entry
from mindgap.store.suppression import Name
from mindgap.workspace import Workspace, erasure
from mindgap.workspace import open as open_workspace
from mindgap.workspace.live import declare

PEOPLE = (("canary-customer-0815", "canary-device-4711"), ("canary-customer-1234", "canary-device-5678"))
DAYS = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "mindgap-benchmark-store"
    )
    chosen = parser.parse_args()
    files = made(chosen.folder, size_of(chosen.events))
    home = Path(tempfile.mkdtemp(prefix="mindgap-erasure-", dir=chosen.folder))
    try:
        print(json.dumps(measured(open_workspace(home), files), indent=1))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def measured(workspace: Workspace, files: Path) -> dict[str, object]:
    """Fill a workspace, and erase a customer before and after a run."""
    stores = workspace.stores
    declare(workspace, "shop", kind="http", path="", said={"trusted": True})
    rows = bring_events(stores, files / "base")
    bring_tables(stores, files)
    latest = max(part.max_time for part in stores.streams.snapshot()[0] if part.max_time)
    product = pq.read_table(files / "products.parquet", columns=["product_id"])["product_id"][0].as_py()
    told = {who: _days(who, device, product, until=latest) for who, device in PEOPLE}
    stores.log.append_all([_entry([one for own in told.values() for one in own])])
    workspace.compact()
    first, second = PEOPLE
    found: dict[str, object] = {"events": rows, "parts": len(stores.streams.snapshot()[0])}
    found["lake"] = _erased(workspace, *first, again=told[first[0]][:3])
    began = time.perf_counter()
    workspace.run()
    manifest = stores.manifest
    found["run"] = {
        "seconds": round(time.perf_counter() - began, 1),
        "tables": len(manifest.entries()),
        "pieces": len(manifest.days()),
        "models": len(manifest.models()),
    }
    found["lake_and_derived"] = _erased(workspace, *second, again=told[second[0]][:3])
    return found


def _erased(workspace: Workspace, who: str, device: str, *, again: list[bytes]) -> dict[str, object]:
    """Erase one customer, look for them everywhere, and let some of their events come again."""
    stores = workspace.stores
    names = [Name("customer", who), Name("device", device)]
    before = _places(workspace, names)
    began = time.perf_counter()
    request, _ = erasure.suppress(workspace, who)
    suppressed_s = time.perf_counter() - began
    began = time.perf_counter()
    command = [sys.executable, "-m", "mindgap.cli", "forget", "--json", "--dir", str(workspace.folder)]
    subprocess.run(command, check=True, capture_output=True)
    rewritten_s = time.perf_counter() - began
    done = next(one for one in stores.suppression.erasures() if one.id == request.id)
    began = time.perf_counter()
    left = _places(workspace, names)
    verified_s = time.perf_counter() - began
    stores.log.append_all([_entry(again)])
    late = workspace.compact()
    return {
        "found_before": before,
        "suppressed_s": round(suppressed_s, 3),
        "rewritten_s_with_process_start": round(rewritten_s, 3),
        "stage": done.stage,
        "removed": done.receipt.get("removed", {}),
        "found_after": left,
        "decoding_every_file_s": round(verified_s, 1),
        "late_events_left_out": late.suppressed,
    }


def _places(workspace: Workspace, names: list[Name]) -> dict[str, int]:
    """In how many places they are found, by the folder of the workspace's data."""
    return dict(Counter(one.file.partition("/")[0] for one in erasure.verify(workspace, names)))


def _entry(told: list[bytes]) -> Entry:
    return Entry(source="shop", received_at=now(), messages=told)


def _days(who: str, device: str, product: str, *, until: datetime) -> list[bytes]:
    """What one customer did on some days: looked at something, and bought it every fifth time."""
    told: list[bytes] = []
    for nth in range(DAYS * 2):
        at = until - timedelta(days=4 * nth % 80, hours=nth)
        bought = nth % 5 == 0
        line = {"product_id": product, "price": 10.0, "quantity": 1}
        said = {
            "type": "track",
            "event": "Order Completed" if bought else "Product Viewed",
            "messageId": f"{device}-{nth}",
            "userId": who,
            "anonymousId": device,
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "properties": {"order_id": f"canary-{device}-{nth}", "products": [line]} if bought else line,
        }
        told.append(json.dumps(said).encode())
    return told


if __name__ == "__main__":
    main()
