"""Sources of tables that are read again and again: databases and folders, each when it is due."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mindgap.collect.connector import options_of
from mindgap.collect.files.table_options import TABLE_FEEDS, table_options
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError, SettingsError
from mindgap.kernel.settings import SourceSettings
from mindgap.workspace import live
from mindgap.workspace.sources import read_sources

if TYPE_CHECKING:
    from mindgap.workspace.core import Workspace

_log = logging.getLogger("mindgap.worker")
_AFTER_A_FAILURE_S = 60.0
"""The least pause before what failed is read again."""


class Rereading:
    """Remembers what is due when."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        """Everything is due.

        Args:
            ticks: A clock that only moves on, in seconds.
        """
        self._ticks = ticks
        self._due_s: dict[str, float] = {}

    def read(self, workspace: "Workspace") -> None:
        """Read what is due.

        Raises:
            BusyError: Another process is working in this workspace; what is due stays due.
        """
        due = [name for name in self._wanted(workspace) if self._due_s.get(name, 0.0) <= self._ticks()]
        if not due:
            return
        with workspace.exclusive():
            intake = read_sources(workspace, only=due)
        for record in intake.records:
            _log.info("imported", extra={"fields": {"rows_used": record.rows_used, "table": record.table}})
        wanted = self._wanted(workspace)
        for name in due:
            error = _said(name, intake.failures)
            _tell(workspace, name, error)
            pause = wanted.get(name, _AFTER_A_FAILURE_S)
            self._due_s[name] = self._ticks() + (max(pause, _AFTER_A_FAILURE_S) if error else pause)

    def _wanted(self, workspace: "Workspace") -> Mapping[str, float]:
        """How often each source is to be read, in seconds."""
        found: dict[str, float] = {}
        for name, settings in live.live_sources(workspace).items():
            if settings.kind not in TABLE_FEEDS:
                continue
            try:
                pause = _every_s(name, settings)
            except SettingsError as error:
                _tell(workspace, name, error.message)
            else:
                found |= {} if pause is None else {name: pause}
        return found


def _every_s(name: str, settings: SourceSettings) -> float | None:
    """How long to wait between two readings; None while it is switched off."""
    options = table_options(name, settings.options, options_of(settings.kind))
    return options.every_s if options.enabled else None


def _said(name: str, failures: Mapping[str, MindgapError]) -> str:
    """What went wrong with a source or the files in it; empty when nothing did."""
    own = [error.message for key, error in failures.items() if key == name or key.startswith(f"{name}/")]
    if not own:
        return ""
    return own[0] if len(own) == 1 else f"{own[0]} And {len(own) - 1} more."


def _tell(workspace: "Workspace", name: str, error: str) -> None:
    streams = workspace.stores.streams
    known = next((one.error for one in streams.records() if one.source == name), "")
    if error != known:
        streams.fail(name, error, at=now())
