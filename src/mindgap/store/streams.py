"""The Streams port: what became of the events that arrived, and who may send them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mindgap.store.state import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of messages: received = stored + quarantined + duplicates + refused + suppressed, always.

    Attributes:
        received: Messages in acknowledged deliveries.
        stored: Those that are events now.
        quarantined: Those set aside with a reason; a replay moves them to one of the others.
        duplicates: Those that were there already.
        refused: Those that no purpose allowed to keep.
        suppressed: Those of people who are forgotten: left out as they came, or taken out since.
    """

    received: int = 0
    stored: int = 0
    quarantined: int = 0
    duplicates: int = 0
    refused: int = 0
    suppressed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            received=self.received + other.received,
            stored=self.stored + other.stored,
            quarantined=self.quarantined + other.quarantined,
            duplicates=self.duplicates + other.duplicates,
            refused=self.refused + other.refused,
            suppressed=self.suppressed + other.suppressed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """A source of events as of the last compaction.

    Attributes:
        source: Its name.
        tally: What became of its messages so far.
        reasons: Quarantined messages by reason.
        observed: Stored events that are against the tracking plan, by name.
        cursor: How far its connector has read.
        received_at: When its latest message arrived, naive UTC.
        error: What its connector last failed with; empty when it is well.
        error_at: When.
    """

    source: str
    tally: Tally = Tally()
    reasons: Mapping[str, int] = field(default_factory=dict)
    observed: Mapping[str, int] = field(default_factory=dict)
    cursor: str = ""
    received_at: datetime | None = None
    error: str = ""
    error_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePart:
    """Messages set aside: one Parquet file of one source.

    Attributes:
        path: Relative to the data folder.
        source: The source.
        rows: Number of messages.
        set_aside_at: When, naive UTC.
    """

    path: str
    source: str
    rows: int
    set_aside_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What one compaction changes; it becomes visible whole or not at all.

    Attributes:
        consumed: Bytes of the log that are now worked up, by segment.
        added: New parts of the table `events`.
        removed: Paths of parts that others have taken the place of.
        tallies: What became of the messages, by source, to be added to what is known.
        reasons: Newly quarantined messages by source and reason; negative where a replay took them out.
        observed: New events that are against the tracking plan, by source and name.
        cursors: How far connectors had read, by source.
        received_at: When the latest message arrived, by source.
        quarantined: New quarantine parts.
        replayed: Paths of quarantine parts that were worked up again.
    """

    consumed: Mapping[str, int] = field(default_factory=dict)
    added: Sequence[Part] = ()
    removed: Iterable[str] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    observed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cursors: Mapping[str, str] = field(default_factory=dict)
    received_at: Mapping[str, datetime] = field(default_factory=dict)
    quarantined: Sequence[QuarantinePart] = ()
    replayed: Iterable[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteKey:
    """What a client shows to send events to a source. Browsers show it to everybody: it is no secret.

    Attributes:
        key: The key.
        source: The source.
        made_at: When, naive UTC.
    """

    key: str
    source: str
    made_at: datetime


class Streams(Protocol):
    """Events' progress from the log to the table `events`, and the keys of their sources."""

    def consumed(self) -> Mapping[str, int]:
        """Bytes of the log that are worked up, by segment."""
        ...

    def snapshot(self) -> tuple[Sequence[Part], Mapping[str, int]]:
        """The parts of `events` and what of the log they hold, both of the same moment."""
        ...

    def commit(self, compaction: Compaction) -> None:
        """Make a compaction visible, in one transaction."""
        ...

    def forget_segments(self, names: Iterable[str]) -> None:
        """Forget offsets of segments that are gone."""
        ...

    def records(self) -> Sequence[StreamRecord]:
        """Every source that ever delivered or failed, by name."""
        ...

    def quarantine(self, source: str | None = None) -> Sequence[QuarantinePart]:
        """What is set aside, oldest first."""
        ...

    def fail(self, source: str, error: str, *, at: datetime) -> None:
        """Record that a connector failed; an empty error says that it is well again."""
        ...

    def write_keys(self) -> Sequence[WriteKey]:
        """All keys that are good, oldest first."""
        ...

    def add_write_key(self, key: WriteKey) -> None:
        """Make a key good.

        Raises:
            UsageError: It is another source's already.
        """
        ...

    def revoke_write_key(self, key: str) -> bool:
        """Make a key worthless; False when there was no such key."""
        ...
