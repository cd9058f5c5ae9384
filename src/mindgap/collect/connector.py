"""What connectors that deliver events are: modules of collect/connectors with `OPTIONS` and `deliver`.

A connector's file name is its kind. `deliver` yields entries for the log, each with a `cursor` that says how
far was read; both reach the disk as one, so an entry is in the log once, however often we are killed. When
the generator is resumed, what it yielded before is on disk.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec

from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import Delivery, LiveSource
from mindgap.collect.events.door import entry
from mindgap.collect.events.stream_options import StreamOptions, stream_options
from mindgap.kernel.errors import SettingsError
from mindgap.kernel.settings import SourceSettings
from mindgap.store.database import OpenDatabase
from mindgap.store.log import Entry

FEED_KINDS = ("kafka", "warehouse")
"""Kinds of connectors that fetch events themselves; `http` and `webhook` are delivered to."""

Clock = Callable[[], datetime]
"""The present, naive UTC."""


class FeedOptions(StreamOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of every connector that fetches events.

    Attributes:
        every_s: How long to wait after everything there was has been read, in seconds.
    """

    every_s: Annotated[float, msgspec.Meta(gt=0)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSource:
    """A source that a connector reads.

    Attributes:
        name: Its name.
        settings: Its section of mindgap.toml.
        options: Its options, checked; of the connector's own kind.
        folder: The workspace folder, to which paths are relative.
        open_database: Opens databases, for connectors that read one.
    """

    name: str
    settings: SourceSettings
    options: FeedOptions
    folder: Path
    open_database: OpenDatabase


class EventConnector(Protocol):
    """What a module of collect/connectors has that fetches events.

    A connector may stay for as long as it likes, to hear at once of what is new: each needs a thread.
    """

    OPTIONS: type[FeedOptions]

    @staticmethod
    def deliver(
        source: ConnectorSource, *, cursor: str, stop: threading.Event, clock: Clock
    ) -> Iterator[Entry]:
        """Entries behind a cursor; returns when there is nothing more for now, or soon after `stop` is set.

        Raises:
            SourceError: It cannot be reached or refuses us; try again later.
            SettingsError: What mindgap.toml says of it cannot be right.
        """
        ...

    @staticmethod
    def lag(cursor: str) -> int | None:
        """How many messages were waiting when the cursor was made; None where nobody knows."""
        ...


def options_of(kind: str) -> type[Any]:
    """What a source of this kind may be told: the options of its connector; `http` has none of its own."""
    return StreamOptions if kind == "http" else import_module(f"mindgap.collect.connectors.{kind}").OPTIONS


def event_connector(kind: str) -> EventConnector:
    """The connector of a kind.

    Raises:
        SettingsError: There is none.
    """
    if kind not in FEED_KINDS:
        raise SettingsError(f"No connector is called {kind!r}.", hint=f"Use one of: {', '.join(FEED_KINDS)}.")
    return import_module(f"mindgap.collect.connectors.{kind}")  # pyright: ignore[reportReturnType]


def feed_options(name: str, settings: SourceSettings) -> FeedOptions:
    """The options of a source that a connector fetches, checked.

    Raises:
        SettingsError: One is unknown or out of range.
    """
    return stream_options(name, settings.options, event_connector(settings.kind).OPTIONS)


def entry_of(
    source: ConnectorSource, messages: Sequence[bytes], *, cursor: str, received_at: datetime
) -> Entry:
    """Messages as an entry for the log, without those that no purpose allows to keep."""
    live = LiveSource(source.name, source.settings.kind, source.options, door(source.options))
    return replace(entry(Delivery(live, messages), received_at=received_at, opted_out=False), cursor=cursor)
