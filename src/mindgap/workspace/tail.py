"""What arrives at this moment, read from the log: masked, or whole for a stated purpose and on record."""

import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.collect.events.consent import Door, door, purposes
from mindgap.collect.events.door import head, preferences
from mindgap.collect.events.masking import masked
from mindgap.kernel.clock import now
from mindgap.kernel.purposes import Purpose
from mindgap.loop.forgetting import is_of_forgotten
from mindgap.store.log import Entry
from mindgap.store.reading import require_person_purpose
from mindgap.store.state import Access
from mindgap.workspace import live

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_LOOKED_BACK_BYTES = 8_000_000
_SEGMENT_BYTES = 80_000_000
"""More than one segment of the log ever holds."""
_AT_ONCE = 5_000
_LABEL = 100
_REMEMBERED = 30
_MOST_SHOWN_BYTES = 32_000
"""What is longer is no usual event; looking for persons in it would cost too much."""


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
        self._nobody_forgotten = True
        self._after = _recent(workspace)
        behind = workspace.stores.log.size_bytes(self._after)
        self._most = _AT_ONCE if behind > _SEGMENT_BYTES else sys.maxsize

    def more(self, limit: int) -> Sequence[Arrived]:
        """The latest messages that came since the last call, oldest first, at most `limit`."""
        latest: deque[tuple[Entry, bytes]] = deque(maxlen=limit)
        self._nobody_forgotten = self._workspace.stores.suppression.is_empty()
        if self._most == _AT_ONCE:
            self._skip_what_is_worked_up()
        for entry, message in self._messages():
            if self._nobody_forgotten or not is_of_forgotten(message, self._workspace.stores.suppression):
                latest.append((entry, message))
        shown = [self._shown(entry, message) for entry, message in latest]
        if shown and self._purpose is not None:
            access = Access(
                at=now(), actor=self._workspace.actor, purpose=self._purpose, table="log", rows=len(shown)
            )
            self._workspace.stores.access.add([access])
        return shown

    def _messages(self) -> Iterator[tuple[Entry, bytes]]:
        seen, most = 0, self._most
        self._most = _AT_ONCE
        for position, entries in self._workspace.stores.log.read(self._after):
            self._after[position.segment] = position.offset
            for entry in entries:
                if self._source in ("", entry.source):
                    yield from ((entry, message) for message in entry.messages)
                    seen += len(entry.messages)
            if seen > most:
                return

    def _skip_what_is_worked_up(self) -> None:
        """Do not run after a stream that is faster than we are."""
        log = self._workspace.stores.log
        if log.size_bytes(self._after) > _LOOKED_BACK_BYTES:
            consumed = self._workspace.stores.streams.consumed()
            self._after |= {name: max(at, self._after.get(name, 0)) for name, at in consumed.items()}

    def _shown(self, entry: Entry, message: bytes) -> Arrived:
        content = _decoded(message) if len(message) <= _MOST_SHOWN_BYTES else _outlined(message)
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


class Latest:
    """The messages that came last, for several viewers who look every few seconds."""

    def __init__(self, workspace: "Desk") -> None:
        """Nothing is read before somebody looks."""
        self._workspace = workspace
        self._tail: Tail | None = None
        self._seen: deque[Arrived] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def messages(self, limit: int) -> Sequence[Arrived]:
        """At most `limit` of them, oldest first, persons masked."""
        with self._lock:
            self._tail = self._tail or Tail(self._workspace)
            self._seen.extend(self._tail.more(_REMEMBERED))
            return list(self._seen)[-limit:]


def _recent(workspace: "Desk") -> dict[str, int]:
    """Offsets from which to read: all of a small log; else what is not worked up, or the newest segment."""
    log = workspace.stores.log
    if log.size_bytes({}) <= _LOOKED_BACK_BYTES:
        return {}
    consumed = dict(workspace.stores.streams.consumed())
    if consumed and log.size_bytes(consumed) == 0:
        consumed[max(consumed)] = 0
    return consumed


def _outlined(message: bytes) -> Mapping[str, Any]:
    seen = head(message)
    kind = seen.type if isinstance(seen.type, str) else ""
    return {"type": kind[:_LABEL], "event": seen.name[:_LABEL], "properties": {"size_bytes": len(message)}}


def _decoded(message: bytes) -> Mapping[str, Any]:
    try:
        content = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
