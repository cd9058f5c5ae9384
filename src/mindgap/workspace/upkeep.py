"""The worker: does again and again what must be done while events arrive, and reads sources that we fetch."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from traceback import extract_tb
from typing import TYPE_CHECKING

import msgspec

from mindgap.kernel.clock import now
from mindgap.kernel.errors import BusyError, MindgapError
from mindgap.kernel.settings import FILE_NAME, read_settings
from mindgap.workspace.heartbeat import ChoreState, Heartbeat, write_heartbeat

if TYPE_CHECKING:
    from mindgap.workspace.core import Workspace

_log = logging.getLogger("mindgap.worker")
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to be done again and again.

    Attributes:
        name: What to call it.
        every_s: How long after its end it is due again, in seconds.
        do: Does it, for the workspace as its settings are now.
    """

    name: str
    every_s: float
    do: "Callable[[Workspace], object]"


class Upkeep:
    """Does chores when they are due, one after the other; what fails is tried again, later and later."""

    def __init__(
        self,
        workspace: "Workspace",
        chores: Sequence[Chore],
        *,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is done yet.

        Args:
            workspace: Where.
            chores: What, the most urgent first.
            ticks: A clock that only moves on, in seconds.
        """
        self._workspace = workspace
        self._ticks = ticks
        self._due_s = {chore.name: ticks() for chore in chores}
        self._failures: dict[str, int] = {}
        self._chores = chores
        self._beat = Heartbeat(started_at=now(), chores={})

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what is being done then is finished."""
        while not stop.is_set():
            self.round(stop)
            pause = min(self._due_s[chore.name] for chore in self._chores) - self._ticks()
            stop.wait(max(0.0, pause))

    def round(self, stop: threading.Event) -> None:
        """Read mindgap.toml again, then do what is due."""
        for chore in (Chore(name=FILE_NAME, every_s=0.0, do=self._reload), *self._chores):
            if stop.is_set():
                break
            if self._due_s.get(chore.name, 0.0) <= self._ticks():
                self._do(chore)
        try:
            write_heartbeat(self._workspace.folder, self._beat)
        except MindgapError as error:  # the disk is full: events wait in the log, and so do we
            _log.warning("%s", error.message)

    def _reload(self, workspace: "Workspace") -> None:
        self._workspace = replace(workspace, settings=read_settings(workspace.folder).workspace)

    def _do(self, chore: Chore) -> None:
        begun = self._ticks()
        error = self._tried(chore)
        known = self._beat.chores.get(chore.name, ChoreState())
        if error != known.error:
            _log.log(logging.WARNING if error else logging.INFO, "%s: %s", chore.name, error or "well again")
        self._failures[chore.name] = self._failures.get(chore.name, 0) + 1 if error else 0
        later = min(_LONGEST_PAUSE_S, chore.every_s * 2 ** self._failures[chore.name])
        self._due_s[chore.name] = self._ticks() + max(chore.every_s, later)
        done = ChoreState(ended_at=now(), seconds=self._ticks() - begun, error=error)
        self._beat = msgspec.structs.replace(
            self._beat, seen_at=now(), chores={**self._beat.chores, chore.name: done}
        )

    def _tried(self, chore: Chore) -> str:
        """Do a chore; what went wrong, empty when nothing did. Somebody else being at it is no fault."""
        try:
            chore.do(self._workspace)
        except BusyError:
            return ""
        except Exception as error:  # noqa: BLE001 - one chore's fault must not keep the others from being done
            return in_words(error)
        return ""


def in_words(error: Exception) -> str:
    """What went wrong, without what was being read: only our own errors' texts are known to be clean."""
    if isinstance(error, MindgapError):
        return error.message
    frame = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
