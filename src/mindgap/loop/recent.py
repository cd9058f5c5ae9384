"""Events that were accepted and are in no table yet: read from the log when somebody asks, and only once.

Asking costs what came since the last asking, and sees all that was acknowledged before it. A thread that
polls would see it later, and work when nobody asks.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import Reading, read_messages
from mindgap.collect.events.strict import Fault
from mindgap.loop.sorting import Readings
from mindgap.store.log import Entry, EventLog, Position
from mindgap.store.streams import Streams

MEMORY_BYTES = 64_000_000
"""How much recent messages may take; beyond that the oldest are not seen until they are compacted."""
_OVERHEAD_BYTES = 600
_MOST_OF_ONE = 1_000


class _Ids(msgspec.Struct, rename="camel"):
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None


class _Held(NamedTuple):
    position: Position
    entry: Entry
    message: bytes
    ids: tuple[str, ...]


class RecentEvents:
    """What the log holds behind the last compaction, by the ids that the messages carry.

    Of one id the latest thousand messages are held. Safe to be asked from several threads.
    """

    def __init__(
        self,
        log: EventLog,
        streams: Streams,
        *,
        readings_now: Callable[[], Readings],
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """Nothing is read before it is asked for.

        Args:
            log: The log.
            streams: How far the log is worked up.
            readings_now: How the messages of each source are read at this moment.
            memory_bytes: How much may be held.
        """
        self._log = log
        self._streams = streams
        self._readings_now = readings_now
        self._memory_bytes = memory_bytes
        self._after: dict[str, int] = {}
        self._held: deque[_Held] = deque()
        self._by_id: dict[
            str, list[_Held]
        ] = {}  # lists: most ids have one message, and a deque takes 600 bytes
        self._size_bytes = 0
        self._lock = Lock()

    def of(self, ids: Collection[str], *, behind: Mapping[str, int]) -> list[EventRow]:
        """Events that carry one of these ids (of a customer, a device, or a former one), oldest first.

        Args:
            ids: The ids.
            behind: Offsets of the log, by segment; what lies before them is in the tables.
        """
        with self._lock:
            self._catch_up()
            found = {id(one): one for name in ids for one in self._by_id.get(name, ())}
        fresh = [one for one in found.values() if one.position.offset > behind.get(one.position.segment, 0)]
        if not fresh:
            return []
        how = self._readings_now()
        rows = {row.row_id: row for one in fresh for row in _rows(one, how(one.entry.source))}
        return sorted(rows.values(), key=lambda row: (row.occurred_at, row.row_id))

    def _catch_up(self) -> None:
        """Read what is new, and let go of what is in the tables by now."""
        consumed = self._streams.consumed()
        for segment, offset in consumed.items():
            self._after[segment] = max(offset, self._after.get(segment, 0))
        for position, entries in self._log.read(self._after):
            self._after[position.segment] = position.offset
            for entry in entries:
                bare = replace(entry, messages=())
                for message in entry.messages:
                    self._hold(position, bare, message)
        while self._held and self._is_over(self._held[0], consumed):
            self._let_go()

    def _is_over(self, oldest: _Held, consumed: Mapping[str, int]) -> bool:
        done = oldest.position.offset <= consumed.get(oldest.position.segment, 0)
        return done or self._size_bytes > self._memory_bytes

    def _hold(self, position: Position, entry: Entry, message: bytes) -> None:
        try:
            found = _read_ids(message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # it will be set aside
        said = found.user_id, found.anonymous_id, found.previous_id
        ids = tuple({str(one) for one in said if one})
        held = _Held(position, entry, message, ids)
        self._held.append(held)
        self._size_bytes += len(message) + _OVERHEAD_BYTES
        for name in ids:
            own = self._by_id.get(name)
            if own is None:
                self._by_id[name] = [held]
            else:
                own.append(held)
                del own[:-_MOST_OF_ONE]
        if self._size_bytes > self._memory_bytes:
            self._let_go()

    def _let_go(self) -> None:
        """Forget the oldest; it is the oldest of its ids too, unless those forgot it before."""
        oldest = self._held.popleft()
        self._size_bytes -= len(oldest.message) + _OVERHEAD_BYTES
        for name in oldest.ids:
            own = self._by_id.get(name)
            if own and own[0] is oldest:
                del own[0]
            if not own:
                self._by_id.pop(name, None)


def _rows(held: _Held, how: Reading | Fault) -> Iterator[EventRow]:
    if isinstance(how, Fault):
        return
    for row in read_messages(replace(held.entry, messages=[held.message]), how):
        if not isinstance(row, Fault):
            yield row


_read_ids = msgspec.json.Decoder(_Ids).decode
