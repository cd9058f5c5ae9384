"""Sources whose events we fetch: each read in a thread of its own, tried again when it fails."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError
from mindgap.kernel.settings import SourceSettings
from mindgap.workspace import live
from mindgap.workspace.feeds import FEED_KINDS, Feed, feed
from mindgap.workspace.upkeep import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mindgap.store.log import Entry
    from mindgap.store.reading import Stores
    from mindgap.workspace.core import Workspace

_log = logging.getLogger("mindgap.worker")
_LONGEST_PAUSE_S = 300.0
_SECONDS_TO_END = 20.0


class Fetched(Protocol):
    """A source that is fetched, see workspace/feeds.py."""

    @property
    def every_s(self) -> float:
        """How long to wait between two readings, in seconds."""
        ...

    def deliver(
        self, *, cursor: str, stop: threading.Event, clock: Callable[[], datetime]
    ) -> "Iterator[Entry]":
        """Entries behind a cursor."""
        ...


class Fetcher:
    """Reads one source in a thread, from its latest cursor on, into the log."""

    def __init__(self, name: str, source: Fetched, stores: "Stores") -> None:
        """Begin at once.

        Args:
            name: The source's name.
            source: How to read it.
            stores: Where its entries, cursor and errors go.
        """
        self._name = name
        self._source = source
        self._stores = stores
        self._cursor = latest_cursor(stores, name)
        self._failures = int(any(one.error for one in stores.streams.records() if one.source == name))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"fetch-{name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell it to end soon."""
        self._stop.set()

    def ended(self, wait_s: float) -> bool:
        """Wait until it has ended; False when it takes longer."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read_all()
            except Exception as error:  # noqa: BLE001 - it is told, and tried again
                pause = self._failed(error)
            else:
                self._is_well()
                pause = self._source.every_s
            self._stop.wait(pause)

    def _read_all(self) -> None:
        entries = self._source.deliver(cursor=self._cursor, stop=self._stop, clock=now)
        with closing(entries):  # pyright: ignore[reportArgumentType] - it is a generator
            for entry in entries:
                self._stores.log.append_all([entry])
                self._cursor = entry.cursor or self._cursor
                self._is_well()

    def _failed(self, error: Exception) -> float:
        self._failures += 1
        text = in_words(error)
        _log.warning("source %s: %s", self._name, text)
        self._stores.streams.fail(self._name, text, at=now())
        return min(_LONGEST_PAUSE_S, self._source.every_s * 2**self._failures)

    def _is_well(self) -> None:
        if self._failures:
            self._failures = 0
            _log.info("source %s: well again", self._name)
            self._stores.streams.fail(self._name, "", at=now())


def latest_cursor(stores: "Stores", name: str) -> str:
    """How far a source was read: as the log says where it is not worked up yet, else as the state says."""
    consumed = stores.streams.consumed()
    cursor = next((one.cursor for one in stores.streams.records() if one.source == name), "")
    for _, entries in stores.log.read(consumed):
        for entry in entries:
            if entry.source == name and entry.cursor:
                cursor = entry.cursor
    return cursor


class Fetching:
    """All sources that are fetched: kept as mindgap.toml says at this moment."""

    def __init__(
        self, make: "Callable[[Workspace, str, SourceSettings], Fetched | None] | None" = None
    ) -> None:
        """Nothing is fetched yet.

        Args:
            make: How to read a source, or None while it is switched off; by default with its connector.
        """
        self._make = make or _connected
        self._running: dict[str, tuple[SourceSettings, Fetcher]] = {}

    def settle(self, workspace: "Workspace") -> None:
        """Begin to read what is new in mindgap.toml, end what is gone, begin anew what was changed."""
        wanted = {
            name: settings
            for name, settings in live.live_sources(workspace).items()
            if settings.kind in FEED_KINDS
        }
        self._end([name for name, (as_was, _) in self._running.items() if wanted.get(name) != as_was], 0.0)
        for name, settings in wanted.items():
            if name not in self._running:
                self._begin(workspace, name, settings)

    def end(self) -> None:
        """End all; what they are reading is finished first."""
        self._end(list(self._running), _SECONDS_TO_END)

    def _begin(self, workspace: "Workspace", name: str, settings: SourceSettings) -> None:
        try:
            source = self._make(workspace, name, settings)
        except SettingsError as error:
            known = next((one.error for one in workspace.stores.streams.records() if one.source == name), "")
            if known != error.message:
                workspace.stores.streams.fail(name, error.message, at=now())
            return
        if source is not None:
            self._running[name] = (settings, Fetcher(name, source, workspace.stores))

    def _end(self, names: list[str], wait_s: float) -> None:
        """End these. One that has not ended yet stays: two readers of one source would be worse."""
        for name in names:
            self._running[name][1].stop()
        for name in names:
            if self._running[name][1].ended(wait_s):
                del self._running[name]
            elif wait_s:
                _log.warning("source %s does not end", name)


def _connected(workspace: "Workspace", name: str, settings: SourceSettings) -> Feed | None:
    found = feed(workspace.folder, name, settings)
    return found if found.enabled else None
