"""Clients that deliver to a collector which is killed again and again, and what of theirs is in its log."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks import require

BATCH = 10
CLIENTS = 4
_WAIT_S = 60.0
_AGAIN_S = 0.02


class Server:
    """The collector of a workspace, in a process of its own.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        options = ["serve", "--only", "collect", f"--port={self.port}", f"--dir={folder}"]
        self._command = [sys.executable, "-c", "from mindgap.cli.main import main; main()", *options]

    @contextmanager
    def running(self) -> Iterator[None]:
        """It answers while the block runs; it ends by kill -9, with the processes that it has started."""
        silent = subprocess.DEVNULL
        with subprocess.Popen(self._command, stdout=silent, stderr=silent, process_group=0) as process:
            try:
                self._await(process)
                yield
            finally:
                os.killpg(process.pid, signal.SIGKILL)

    def _await(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            require(process.poll() is None, "the server runs")
            try:
                HTTPConnection("127.0.0.1", self.port, timeout=2).request("GET", "/healthz")
            except OSError:
                time.sleep(_AGAIN_S)
            else:
                return
        require(holds=False, what="the server answers")


@contextmanager
def compacting(folder: Path) -> Iterator[None]:
    """A process works up what arrives, again and again, while the block runs; it ends by kill -9."""
    code = (
        "import sys, time; from mindgap.workspace import open; from mindgap.workspace.events import compact\n"
        "while True: compact(open(sys.argv[1])); time.sleep(0.02)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder)]) as process:
        try:
            yield
        finally:
            process.kill()


class Clients:
    """Threads that deliver batch after batch, each again until it is acknowledged.

    Attributes:
        sent: Messages by id, as they were sent.
        kept: Ids of messages that were acknowledged.
    """

    def __init__(self, port: int, key: str) -> None:
        self.sent: dict[str, bytes] = {}
        self.kept: set[str] = set()
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._enough, self._given_up = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._deliver, args=(name,)) for name in range(CLIENTS)]

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """They deliver while the block runs, or until they are told to stop."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self.finish()

    def finish(self) -> None:
        """Begin nothing more, and return when all is acknowledged."""
        self._enough.set()
        for thread in self._threads:
            thread.join(_WAIT_S)
            require(not thread.is_alive(), "a batch is taken in the end")

    def give_up(self) -> None:
        """Deliver nothing more, and wait for no answer."""
        self._given_up.set()
        self.finish()

    def wait(self, more: int) -> None:
        """Until so many more messages were acknowledged."""
        enough, until = len(self.kept) + more, time.monotonic() + _WAIT_S
        while len(self.kept) < enough:
            require(time.monotonic() < until, "clients are answered")
            time.sleep(0.002)

    def _deliver(self, name: int) -> None:
        number = 0
        while not self._enough.is_set():
            ids = [f"c{name}-{number}-{i}" for i in range(BATCH)]
            batch = {each: _message(each) for each in ids}
            self.sent.update(batch)
            body = b'{"batch":[' + b",".join(batch.values()) + b"]}"
            if self._insist(body):
                self.kept.update(ids)
            number += 1

    def _insist(self, body: bytes) -> bool:
        """Deliver a batch again and again; False when we give up."""
        while self._post(body) != 200:
            if self._given_up.is_set():
                return False
            time.sleep(_AGAIN_S)
        return True

    def _post(self, body: bytes) -> int:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("POST", "/v1/batch", body, self._headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()


def _message(name: str) -> bytes:
    text = {"type": "track", "messageId": name, "anonymousId": name, "event": "Product Viewed"}
    return json.dumps({**text, "properties": {"product_id": "p1", "note": name * 20}}).encode()
