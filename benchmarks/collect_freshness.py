"""From an accepted event to the moment when the API can tell of it, on a real server, idle and under load.

python -m benchmarks.collect_freshness [PROBES] [EVENTS_PER_S]    100 and 5,000 by default; about a minute
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from benchmarks import report, require
from benchmarks._collector import KEY, event, make_workspace
from mindgap.api.references import References
from mindgap.api.sign_in import make_key
from mindgap.kernel.clock import now
from mindgap.kernel.rng import generator
from mindgap.store.accounts import Scope
from mindgap.workspace import open as open_workspace

BATCH = 100
STORED = 100_000
BAR_MS = 1_000.0


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Console, API, collector and worker of a workspace; gives the port once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = "from mindgap.cli.main import main; main()"
    command = [sys.executable, "-c", serve, "serve", f"--port={port}", f"--dir={folder}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await_answer(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _await_answer(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(300):
        try:
            HTTPConnection("127.0.0.1", port, timeout=2).request("GET", "/healthz")
        except OSError:
            require(process.poll() is None, "the server runs")
            time.sleep(0.1)
        else:
            return
    require(holds=False, what="the server answers")


class Client:
    """One connection to the server."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = headers

    def call(self, method: str, path: str, body: object = None) -> bytes:
        """The body of an answer; anything but 200 ends the benchmark."""
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, self._headers)
        answer = self._connection.getresponse()
        found = answer.read()
        require(answer.status == 200, f"{method} {path.rpartition('/')[2]} is answered: {answer.status}")
        return found


def sender(port: int) -> Client:
    """A client that sends events."""
    return Client(port, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})


@contextmanager
def load(port: int, events_per_s: int) -> Iterator[None]:
    """Batches of other customers' events at a steady pace while the block runs."""
    rng, enough = generator(1, "freshness"), threading.Event()
    batches = [{"batch": [event(rng) for _ in range(BATCH)]} for _ in range(50)]

    def send() -> None:
        client, due, nth = sender(port), time.monotonic(), 0
        while events_per_s and not enough.is_set():
            for one in batches[nth % len(batches)]["batch"]:
                one["messageId"] = f"load-{nth}-{one['properties']['product_id']}-{rng.integers(1 << 40)}"
            client.call("POST", "/v1/batch", batches[nth % len(batches)])
            nth, due = nth + 1, due + BATCH / events_per_s
            time.sleep(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def probe(number: int, clients: tuple[Client, Client], references: References) -> tuple[float, float]:
    """One event, and how long it took: from its acknowledgement until it is read, and the last read alone."""
    customer, name = f"probe-{number % 10}", f"Probe {time.time_ns()}"
    message = {
        "type": "track",
        "event": name,
        "messageId": f"probe-{number}-{time.time_ns()}",
        "userId": customer,
    }
    writer, reader = clients
    writer.call("POST", "/v1/track", message)
    accepted = time.perf_counter()
    path = f"/api/v1/customers/{references.of(customer)}/timeline"
    while True:
        began = time.perf_counter()
        happened = json.loads(reader.call("GET", path))
        ended = time.perf_counter()
        if any(one["name"] == name for one in happened):
            return (ended - accepted) * 1e3, (ended - began) * 1e3


def main() -> None:
    probes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    events_per_s = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shop"
        make_workspace(folder)
        workspace = open_workspace(folder)
        accounts = workspace.stores.accounts
        key = make_key(accounts, "benchmark", scopes=[Scope.READ], at=now())
        references = References(accounts.secret("references"))
        with serving(folder) as port:
            rng, writer = generator(2, "freshness"), sender(port)
            for _ in range(STORED // BATCH):
                writer.call("POST", "/v1/batch", {"batch": [event(rng) for _ in range(BATCH)]})
            clients = writer, Client(port, {"Authorization": f"Bearer {key}"})
            first, _ = probe(0, clients, references)
            report(f"the first read, {STORED:,} events after the start", first, "ms")
            for pace in (0, events_per_s):
                with load(port, pace):
                    found = np.array([probe(n, clients, references) for n in range(probes)])
                told(found, f"{pace:,} events/s beside" if pace else "idle")


def told(found: np.ndarray, what: str) -> None:
    """Report what the probes of one pace came to."""
    for share in (50, 99):
        fresh, read = np.percentile(found, share, axis=0)
        report(f"accepted to readable, {what}, p{share}", float(fresh), "ms", bar=BAR_MS)
        report(f"one read of a timeline, {what}, p{share}", float(read), "ms")


if __name__ == "__main__":
    main()
