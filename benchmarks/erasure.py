"""Erase one customer of a large lake: how long until reads obey, until files are rewritten, and what is left.

    .venv/bin/python -m benchmarks.erasure --events 2000000

The lake is that of benchmarks/store. One customer with a canary for an id is put among the others by events
of their own; then `mindgap forget` is a process of its own, while the log is open in this one, and every
file is decoded and searched afterwards.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks._store_files import made
from benchmarks._store_lake import bring_events, bring_tables
from benchmarks._store_stream import size_of
from mindgap.kernel.clock import now
from mindgap.store.log import Entry
from mindgap.store.suppression import Name
from mindgap.workspace import Workspace, erasure
from mindgap.workspace import open as open_workspace
from mindgap.workspace.live import declare

CANARY, DEVICE = "canary-customer-0815", "canary-device-4711"
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
    """Fill a workspace, erase one customer, and look for them everywhere."""
    stores = workspace.stores
    declare(workspace, "shop", kind="http", path="", said={"trusted": True})
    rows = bring_events(stores, files / "base")
    bring_tables(stores, files)
    latest = max(part.max_time for part in stores.streams.snapshot()[0] if part.max_time)
    told = [_seen(nth, latest - timedelta(days=4 * nth % 80, hours=nth)) for nth in range(DAYS * 2)]
    stores.log.append_all([Entry(source="shop", received_at=now(), messages=told)])
    workspace.compact()
    names = [Name("customer", CANARY), Name("device", DEVICE)]
    before = len(erasure.verify(workspace, names))
    began = time.perf_counter()
    request, _ = erasure.suppress(workspace, CANARY)
    suppressed_s = time.perf_counter() - began
    began = time.perf_counter()
    command = [sys.executable, "-m", "mindgap.cli", "forget", "--json", "--dir", str(workspace.folder)]
    subprocess.run(command, check=True, capture_output=True)
    rewritten_s = time.perf_counter() - began
    done = next(one for one in stores.suppression.erasures() if one.id == request.id)
    began = time.perf_counter()
    left = len(erasure.verify(workspace, names))
    verified_s = time.perf_counter() - began
    stores.log.append_all([Entry(source="shop", received_at=now(), messages=told[:3])])
    late = workspace.compact()
    return {
        "events": rows,
        "parts": len(stores.streams.snapshot()[0]),
        "found_before": before,
        "suppressed_s": round(suppressed_s, 3),
        "rewritten_s_with_process_start": round(rewritten_s, 3),
        "removed": done.receipt["removed"],
        "found_after": left,
        "decoding_every_file_s": round(verified_s, 1),
        "late_events_left_out": late.suppressed,
    }


def _seen(nth: int, at: object) -> bytes:
    said = {"type": "track", "event": "Product Viewed", "messageId": f"canary-{nth}", "userId": CANARY}
    return json.dumps({**said, "anonymousId": DEVICE, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"}).encode()


if __name__ == "__main__":
    main()
