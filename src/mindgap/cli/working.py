"""The worker as a child of the server: started with it, started again when it dies, stopped with it."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mindgap.kernel.errors import MindgapError
from mindgap.workspace.erasure import is_pending
from mindgap.workspace.live import live_sources

if TYPE_CHECKING:
    from mindgap.workspace import Workspace

_log = logging.getLogger("mindgap.serve")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_HEALTHY_S = 60.0
_LOOK_AGAIN_S = 2.0
_SECONDS_TO_END = 30.0


def worker_command(folder: Path) -> Sequence[str]:
    """How to start a worker for a workspace that ends when this process does."""
    return [sys.executable, "-m", "mindgap.cli", "source", "work", "--dir", str(folder.resolve()), "--child"]


def is_needed(workspace: "Workspace") -> bool:
    """Whether there is anything for a worker to do: a live source, or somebody to be forgotten."""
    try:
        return bool(live_sources(workspace)) or is_pending(workspace)
    except MindgapError:  # mindgap.toml is being written, or wrong: the server says so
        return False


@contextmanager
def kept_running(
    command: Sequence[str],
    *,
    needed: Callable[[], bool] = lambda: True,
    first_pause_s: float = _FIRST_PAUSE_S,
) -> Generator[None]:
    """Run a command beside us: again when it ends by itself, after longer and longer pauses.

    Args:
        command: The command and its arguments.
        needed: Whether to begin; asked every two seconds until it is so.
        first_pause_s: The first pause, in seconds; it doubles up to a minute, and begins anew once the
            command has run for a minute.
    """
    stop = threading.Event()
    child = _Child(command, stop, first_pause_s=first_pause_s, needed=needed)
    thread = threading.Thread(target=child.watch, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        child.end()
        thread.join(_SECONDS_TO_END)


class _Child:
    """One command, kept running."""

    def __init__(
        self,
        command: Sequence[str],
        stop: threading.Event,
        *,
        first_pause_s: float,
        needed: Callable[[], bool],
    ) -> None:
        self._command = command
        self._needed = needed
        self._stop = stop
        self._first_pause_s = first_pause_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        """Start it again and again, until told to stop."""
        pause = self._first_pause_s
        while not self._needed():
            if self._stop.wait(_LOOK_AGAIN_S):
                return
        while process := self._start():
            begun = time.monotonic()
            with process:
                code = process.wait()
            if self._stop.is_set():
                return
            if time.monotonic() - begun > _HEALTHY_S:
                pause = self._first_pause_s
            fields = {"exit_code": code, "again_in_s": pause}
            _log.warning("the worker ended", extra={"fields": fields})
            self._stop.wait(pause)
            pause = min(_LONGEST_PAUSE_S, 2 * pause)

    def _start(self) -> "subprocess.Popen[bytes] | None":
        """Start it unless we are to stop; its standard input ends with us, by which it knows."""
        with self._lock:
            if self._stop.is_set():
                return None
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - ourselves
            return self._process

    def end(self) -> None:
        """Tell it to end; kill it when it does not."""
        with self._lock:
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
