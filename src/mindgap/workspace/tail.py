"""What arrives at this moment, read from the log: masked, or whole for a stated purpose and on record."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.collect.consent import Door, door, purposes
from mindgap.collect.door import head, preferences
from mindgap.collect.masking import masked
from mindgap.kernel.clock import now
from mindgap.kernel.purposes import Purpose
from mindgap.store.log import Entry
from mindgap.store.reading import require_person_purpose
from mindgap.store.state import Access
from mindgap.workspace import live

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_LOOKED_BACK_BYTES = 8_000_000
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message as it came.

    Attributes:
        source: From where.
        received_at: When, naive UTC.
        message: Its content, masked unless a purpose was stated; empty when it is no JSON object.
    """

    source: str
    received_at: datetime
    message: Mapping[str, Any]


class Tail:
    """Follows the log from its latest part on. Not for several threads at once."""

    def __init__(self, workspace: "Desk", *, source: str = "", purpose: Purpose | None = None) -> None:
        """Begin at the latest part of the log.

        Args:
            workspace: The workspace.
            source: Only this source's messages; all by default.
            purpose: Why persons are to be seen; None masks them.

        Raises:
            AccessError: For this purpose no single person may be looked at.
        """
        self._workspace = workspace
        self._source = source
        self._purpose = None if purpose is None else require_person_purpose(purpose)
        self._after = _recent(workspace)

    def more(self, limit: int) -> Sequence[Arrived]:
        """The latest messages that came since the last call, oldest first, at most `limit`."""
        latest: deque[tuple[Entry, bytes]] = deque(maxlen=limit)
        self._skip_what_is_worked_up()
        for entry, message in self._messages():
            latest.append((entry, message))
        shown = [self._shown(entry, message) for entry, message in latest]
        if shown and self._purpose is not None:
            access = Access(
                at=now(), actor=self._workspace.actor, purpose=self._purpose, table="log", rows=len(shown)
            )
            self._workspace.stores.access.add([access])
        return shown

    def _messages(self) -> Iterator[tuple[Entry, bytes]]:
        seen = 0
        for position, entries in self._workspace.stores.log.read(self._after):
            self._after[position.segment] = position.offset
            for entry in entries:
                if self._source in ("", entry.source):
                    yield from ((entry, message) for message in entry.messages)
                    seen += len(entry.messages)
            if seen > _AT_ONCE:
                return

    def _skip_what_is_worked_up(self) -> None:
        """Do not run after a stream that is faster than we are."""
        log = self._workspace.stores.log
        if log.size_bytes(self._after) > _LOOKED_BACK_BYTES:
            consumed = self._workspace.stores.streams.consumed()
            self._after |= {name: max(at, self._after.get(name, 0)) for name, at in consumed.items()}

    def _shown(self, entry: Entry, message: bytes) -> Arrived:
        content = _decoded(message)
        if not self._allowed(entry, message, content):
            content = masked(content)
        return Arrived(source=entry.source, received_at=entry.received_at, message=content)

    def _allowed(self, entry: Entry, message: bytes, content: Mapping[str, Any]) -> bool:
        """Whether a purpose was stated, and neither the message nor its customer refused it."""
        if self._purpose is None or self._purpose is Purpose.PRIVACY:
            return self._purpose is not None
        seen = head(message)
        own = preferences(seen.context)
        said = preferences(entry.context) if own is None else own
        rules = self._rules(entry.source)
        if self._purpose not in purposes(rules, seen.name, preferences=said, opted_out=entry.opted_out):
            return False
        customer = str(content.get("userId") or "")
        return self._workspace.stores.consent.of_customer(customer).get(self._purpose, True)

    def _rules(self, source: str) -> Door:
        return door(live.stream_options_of(self._workspace, source))


def _recent(workspace: "Desk") -> dict[str, int]:
    """Offsets from which to read: all of the log while it is small, else what is not worked up yet."""
    if workspace.stores.log.size_bytes({}) <= _LOOKED_BACK_BYTES:
        return {}
    return dict(workspace.stores.streams.consumed())


def _decoded(message: bytes) -> Mapping[str, Any]:
    try:
        content = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
