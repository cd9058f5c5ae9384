"""The collector itself, as a process of its own that can be killed."""

import json
import signal
import socket
import subprocess
import time

import httpx
from web_servers import Server  # noqa: F401 - so that both live side by side

from kits.commands import mindgap, start
from mindgap.workspace import open as open_workspace


class Collector:
    """`mindgap serve --only collect` for one workspace, with a source to which browsers send."""

    def __init__(self, folder, *, consent="opt-in", key="example-shop"):
        self.folder, self.key = folder, key
        done = mindgap(
            "source", "add", "shop", "--key", key, "--consent", consent, "--dir", folder, cwd=folder.parent
        )
        assert done.returncode == 0, done.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self.process = start(
            *("serve", "--only", "collect", "--no-work", "--port", self.port, "--dir", self.folder),
            cwd=self.folder,
        )
        end = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{self.address}/mindgap.js", timeout=1)
            except httpx.TransportError:
                assert self.process.poll() is None, self.process.stderr.read()
                assert time.monotonic() < end, "it does not listen"
                time.sleep(0.05)
            else:
                return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def stored(self):
        """Every message in the log, in the order of arrival, repeats among them."""
        log = open_workspace(self.folder).stores.log
        return [
            json.loads(bytes(message))
            for _position, entries in log.read({})
            for entry in entries
            for message in entry.messages
        ]

    def refused(self):
        """How many messages the door refused for want of consent."""
        log = open_workspace(self.folder).stores.log
        return sum(entry.refused for _position, entries in log.read({}) for entry in entries)

    def once(self):
        """What it keeps: each message once."""
        return list({one["messageId"]: one for one in reversed(self.stored())}.values())[::-1]

    def names(self):
        return [one.get("event") or one["type"] for one in self.once()]

    def work_up(self):
        """Bring what arrived into the lake: what became of it."""
        return open_workspace(self.folder).compact()

    def wait(self, condition, seconds=12):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.names()
            time.sleep(0.1)
