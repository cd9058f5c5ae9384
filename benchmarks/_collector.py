"""A collector to put under load: its workspace, its process, and events as browsers send them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

from mindgap.kernel.clock import now
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.streams import WriteKey
from mindgap.workspace import open as open_workspace

KEY = "benchmark-key"
PORT = 8931
ADDRESS = f"http://127.0.0.1:{PORT}"
_TICKS = os.sysconf("SC_CLK_TCK")
_NAMES = "Product Viewed", "Product Added", "Product List Viewed", "Products Searched"


def event(rng: np.random.Generator) -> dict[str, Any]:
    """A product view as a browser client sends it, some 800 bytes."""
    product = int(rng.integers(20_000))
    page = f"https://shop.example/c/{product % 40}/p/{product}"
    return {
        "type": "track",
        "event": str(rng.choice(_NAMES)),
        "messageId": f"ajs-next-{rng.bytes(16).hex()}",
        "anonymousId": rng.bytes(16).hex(),
        "userId": f"u{rng.integers(1_000_000)}",
        "timestamp": "2026-11-22T20:15:31.482Z",
        "properties": {
            "product_id": f"p{product}",
            "name": f"Roasted beans no. {product}",
            "category": "Groceries/Coffee",
            "price": int(rng.integers(100, 9_999)) / 100,
            "quantity": int(rng.integers(1, 4)),
            "currency": "EUR",
            "position": int(rng.integers(40)),
        },
        "context": {
            "page": {"path": f"/p/{product}", "url": page, "title": "Roasted beans", "referrer": ""},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
            "locale": "de-DE",
            "timezone": "Europe/Berlin",
            "library": {"name": "analytics.js", "version": "next-1.84.3"},
        },
    }


def make_workspace(folder: Path) -> None:
    """A workspace with one source of events and its key."""
    workspace = open_workspace(folder)
    write_sources(folder, {"web": SourceSettings(kind="http")})
    workspace.stores.streams.add_write_key(WriteKey(key=KEY, source="web", made_at=now()))


def collect_command(folder: Path) -> list[str]:
    """The command that serves the collector of a workspace; no worker takes the processor from it."""
    run = [sys.executable, "-c", "from mindgap.cli.main import main; main()"]
    return [*run, "serve", "--only", "collect", "--no-work", f"--port={PORT}", f"--dir={folder}"]


@contextmanager
def running(command: Sequence[str]) -> Iterator[int]:
    """A server; gives its process id once it answers, and stops it in the end."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await_answer(process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def _await_answer(process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            HTTPConnection("127.0.0.1", PORT, timeout=2).request("GET", "/healthz")
        except OSError:
            if process.poll() is not None:
                sys.exit("the server did not start")
            time.sleep(0.1)
        else:
            return
    sys.exit("the server does not answer")


def cpu_s(pid: int) -> float:
    """User and system time of a process so far, all its threads, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int, which: str = "VmRSS") -> float:
    """What a process holds in memory; `VmHWM` is the most that it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(f"{which}:"))
