"""Sources whose events we fetch ourselves, ready to be read by the worker."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mindgap.backends.database import open_database
from mindgap.collect.connector import (
    FEED_KINDS,
    Clock,
    ConnectorSource,
    EventConnector,
    event_connector,
    feed_options,
)
from mindgap.kernel.settings import SourceSettings
from mindgap.store.log import Entry

__all__ = ["FEED_KINDS", "Feed", "feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source with its connector.

    Attributes:
        source: The source.
        connector: Its connector.
    """

    source: ConnectorSource
    connector: EventConnector

    @property
    def enabled(self) -> bool:
        """Whether it is to be read at all."""
        return self.source.options.enabled

    @property
    def every_s(self) -> float:
        """How long to wait between two readings, in seconds."""
        return self.source.options.every_s

    def deliver(self, *, cursor: str, stop: threading.Event, clock: Clock) -> Iterator[Entry]:
        """Entries behind a cursor; see EventConnector. Close the generator when it is not read to its end."""
        return self.connector.deliver(self.source, cursor=cursor, stop=stop, clock=clock)

    def lag(self, cursor: str) -> int | None:
        """How many messages were waiting when the cursor was made; None where nobody knows."""
        return self.connector.lag(cursor)


def feed(folder: Path, name: str, settings: SourceSettings) -> Feed:
    """A source of one of FEED_KINDS, its options checked.

    Raises:
        SettingsError: An option is unknown or out of range.
    """
    source = ConnectorSource(
        name=name,
        settings=settings,
        options=feed_options(name, settings),
        folder=folder,
        open_database=open_database,
    )
    return Feed(source=source, connector=event_connector(settings.kind))
