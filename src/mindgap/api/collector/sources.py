"""Whose key is whose: the live sources, looked up in memory and renewed behind its back."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mindgap.collect.connector import options_of
from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import LiveSource, Rejected
from mindgap.collect.events.stream_options import stream_options
from mindgap.kernel.settings import FILE_NAME, Settings, SourceSettings, read_settings
from mindgap.store.streams import WriteKey

DELIVERED_KINDS = ("http", "webhook")
"""Kinds of sources that are delivered to by HTTP."""

_log = logging.getLogger("mindgap.collector")


class _Stamp(NamedTuple):
    changed_ns: int
    size: int
    keys: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class LiveSources:
    """The sources that may be delivered to at this moment, by write key.

    Attributes:
        folder: The workspace folder, with its mindgap.toml.
        keys: Gives all good write keys; it may be slow.
    """

    folder: Path
    keys: Callable[[], Iterable[WriteKey]]
    _by_key: Mapping[str, LiveSource] = field(default_factory=dict)
    _stamp: _Stamp | None = None

    def source_of(self, key: str) -> LiveSource:
        """The source of a key; unknown and revoked ones are answered alike.

        Raises:
            Rejected: There is no key or no source of it (401), or it is switched off (404).
        """
        if not key:
            raise Rejected(401, "no-key", "There is no write key. Give one, as docs/collect.md says.")
        source = self._by_key.get(key)
        if source is None:
            raise Rejected(401, "bad-key", "The write key is not good.")
        if not source.options.enabled:
            raise Rejected(404, "source-off", "This source is switched off.")
        return source

    def load(self) -> None:
        """Read settings and keys.

        Raises:
            SettingsError: mindgap.toml holds something that cannot be used.
            StorageError: It, or the state, cannot be read.
        """
        self._stamp = self._look()
        self._by_key = _live(read_settings(self.folder), self._stamp.keys)

    def renew(self, *, anyway: bool = False) -> None:
        """Read settings and keys again if they changed; what cannot be used leaves all as it was."""
        try:
            if not anyway and self._look() == self._stamp:
                return
            self.load()
        except Exception as error:  # noqa: BLE001 - what was known before is still good
            _log.error("sources are not renewed", extra={"fields": {"error": type(error).__name__}})
        else:
            _log.info("sources are renewed", extra={"fields": {"keys": len(self._by_key)}})

    def _look(self) -> _Stamp:
        path = self.folder / FILE_NAME
        try:
            found = path.stat() if path.exists() else None
        except OSError:
            found = None
        keys = tuple((one.key, one.source) for one in self.keys())
        return _Stamp(found.st_mtime_ns if found else 0, found.st_size if found else 0, keys)


def _live(settings: Settings, keys: Iterable[tuple[str, str]]) -> Mapping[str, LiveSource]:
    sources = {
        name: _source(name, one) for name, one in settings.sources.items() if one.kind in DELIVERED_KINDS
    }
    return {key: sources[name] for key, name in keys if name in sources}


def _source(name: str, settings: SourceSettings) -> LiveSource:
    options = stream_options(name, settings.options, options_of(settings.kind))
    return LiveSource(name=name, kind=settings.kind, options=options, rules=door(options))
