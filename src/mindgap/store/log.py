"""The EventLog port: what was accepted is on disk before anybody is told so.

The log is the one truth about what was received. Its entries hold messages as they came, word for word;
what they mean is worked out later, from the log (loop/compaction.py), and can be worked out again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One delivery of one source: a request, or a connector's batch. It is stored whole or not at all.

    Attributes:
        source: The source's name.
        received_at: When it arrived, naive UTC.
        messages: The messages, each a JSON text as it came; no line breaks.
        sent_at: When the client says that it sent them, as it wrote it; empty when it does not say.
        context: The batch's own context, a JSON object that every message inherits; empty without one.
        opted_out: Whether the request carried `Sec-GPC: 1`.
        refused: How many more messages came that no purpose allows to keep; nothing else is known of them.
        cursor: How far a connector had read when it made this entry, in its own words; it goes on from the
            latest one. Empty where there is no such thing.
    """

    source: str
    received_at: datetime
    messages: Sequence[bytes]
    sent_at: str = ""
    context: bytes = b""
    opted_out: bool = False
    refused: int = 0
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in the log, right behind a commit.

    Attributes:
        segment: The segment's name; names sort in the order in which segments were begun.
        offset: Bytes from its beginning.
    """

    segment: str
    offset: int


class EventLog(Protocol):
    """An append-only log in segments; one writer a process, any number of readers."""

    async def append(self, entry: Entry) -> None:
        """Store an entry; returns when it is on disk, together with what came at the same time.

        Raises:
            OverloadError: Too much is waiting already; nothing was stored.
            StorageError: The disk refused it; nothing was stored.
        """
        ...

    def append_all(self, entries: Sequence[Entry]) -> None:
        """The same for connectors: store all of these, or none; returns when they are on disk."""
        ...

    def read(self, after: Mapping[str, int]) -> Iterator[tuple[Position, Sequence[Entry]]]:
        """What was committed behind these offsets, commit by commit, segment by segment.

        Args:
            after: Bytes already read, by segment; segments that are not named are read from their beginning.
        """
        ...

    def size_bytes(self, after: Mapping[str, int]) -> int:
        """How much lies in the log behind these offsets."""
        ...

    def drop(self, consumed: Mapping[str, int]) -> Sequence[str]:
        """Delete closed segments that were consumed whole some minutes ago; readers may still be in them.

        Returns:
            The names in `consumed` whose segments are gone, now or before.
        """
        ...

    def purge(self, consumed: Mapping[str, int]) -> None:
        """Leave nothing on disk of what was consumed, at once; who reads it just then may miss it.

        Args:
            consumed: Bytes consumed, by segment.
        """
        ...

    def close(self) -> None:
        """Write what is waiting and end."""
        ...
