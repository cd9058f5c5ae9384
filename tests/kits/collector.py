"""A collector as a process of its own, for what clients send to it, and what it has stored of that."""

import socket
import time
import urllib.request
from contextlib import contextmanager
from signal import SIGTERM
from typing import NamedTuple

from kits.commands import mindgap, start
from mindgap.backends.segments import SegmentLog

KEY = "wk_conformance"
STARTS_WITHIN_S = 30.0


class Running(NamedTuple):
    base_url: str
    key: str


@contextmanager
def collector(folder, *, sources=("shop",)):
    """A collector that takes events for `sources`: its address, and the first one's write key.

    The key of each source is `key_of(source)`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        done = mindgap("source", "add", source, "--key", key_of(source), cwd=folder)
        assert done.returncode == 0, done.stderr
    port = free_port()
    process = start("serve", "--only", "collect", "--port", port, cwd=folder)
    try:
        _wait_until_ready(process, port)
        yield Running(f"http://127.0.0.1:{port}", key_of(sources[0]))
    finally:
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode in {0, -SIGTERM}, said


def key_of(source):
    return f"{KEY}_{source.replace('-', '_')}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def entries(folder, source):
    """What the log holds of a source, in the order in which it came."""
    log = SegmentLog(folder / ".mindgap" / "log")
    return [entry for _, group in log.read({}) for entry in group if entry.source == source]


def _wait_until_ready(process, port):
    give_up_at = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[1])
