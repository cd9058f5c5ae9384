"""From the log to the lake: every message is worked up once, and each step can be repeated.

Files are written first and become part of the table by one commit, which also says how far the log is worked
up. Whatever is cut off before it has changed nothing that anybody sees, and is done again.
"""

import gc
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mindgap.collect.events.event_row import EventRow, event_table
from mindgap.collect.events.messages import Reading, is_against_plan
from mindgap.loop.decisions import take_over
from mindgap.loop.forgetting import also_forget, leave_out, without_forgotten
from mindgap.loop.lake import known, merged, outlived, to_merge, write_parts
from mindgap.loop.quarantine import read_quarantine, write_quarantine
from mindgap.loop.sealing import seal_rows
from mindgap.loop.sorting import Readings, Sorted, sort_out
from mindgap.store.log import Entry, Position
from mindgap.store.reading import Stores
from mindgap.store.streams import Compaction, QuarantinePart, Tally

SAME_WITHIN = timedelta(days=7)
"""For how long an event that comes again is known to be the same."""
_MESSAGES_AT_ONCE = 50_000
_BYTES_AT_ONCE = 64_000_000


@dataclass(slots=True)
class _Chunk:
    """So much of the log as is worked up at once."""

    entries: list[Entry] = field(default_factory=list)
    consumed: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    size_bytes: int = 0

    def add(self, position: Position, entries: Sequence[Entry]) -> None:
        """Add a commit of the log."""
        self.entries.extend(entries)
        self.consumed[position.segment] = position.offset
        for entry in entries:
            self.messages += len(entry.messages)
            self.size_bytes += len(entry.context) + sum(map(len, entry.messages))

    @property
    def is_full(self) -> bool:
        """Whether it should be worked up before more is read."""
        return self.messages >= _MESSAGES_AT_ONCE or self.size_bytes >= _BYTES_AT_ONCE


def compact(stores: Stores, readings: Readings, *, at: datetime) -> Tally:
    """Bring everything that is in the log into the lake, the quarantine, or the count of what is not kept.

    Only for the one process that holds the lake's lock.

    Args:
        stores: The workspace's ports.
        readings: How each source is read.
        at: The present, naive UTC.
    """
    total = Tally()
    for chunk in _chunks(stores):
        total += _work_up(stores, chunk, readings, at=at)
    if total.suppressed:
        stores.log.purge(stores.streams.consumed())
    gone = stores.log.drop(stores.streams.consumed())
    if gone:
        stores.streams.forget_segments(gone)
    return total


def _chunks(stores: Stores) -> Iterator[_Chunk]:
    chunk = _Chunk()
    for position, entries in stores.log.read(stores.streams.consumed()):
        chunk.add(position, entries)
        if chunk.is_full:
            yield chunk
            chunk = _Chunk()
    if chunk.consumed:
        yield chunk


def _work_up(stores: Stores, chunk: _Chunk, readings: Readings, *, at: datetime) -> Tally:
    with _uncollected():
        found = sort_out(chunk.entries, readings)
    drawn = _draw_up(stores, found, readings, at=at)
    arrived: dict[str, datetime] = {}
    for entry in chunk.entries:
        arrived[entry.source] = max(entry.received_at, arrived.get(entry.source, entry.received_at))
    cursors = {entry.source: entry.cursor for entry in chunk.entries if entry.cursor}
    stores.streams.commit(replace(drawn, consumed=chunk.consumed, cursors=cursors, received_at=arrived))
    return sum(drawn.tallies.values(), Tally())


@contextmanager
def _uncollected() -> Generator[None]:
    """No search for cycles: a chunk's rows hold none, and looking for them takes a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _draw_up(stores: Stores, found: Sorted, readings: Readings, *, at: datetime) -> Compaction:
    """Write what was found to files, all but events that are there already, and count it."""
    leave_out(found, stores.suppression)
    found.drop(known(stores, found.rows.values(), within=SAME_WITHIN))
    fresh = list(found.rows.values())
    take_over(stores, fresh, readings)
    safe = without_forgotten(found, seal_rows(fresh, stores.keys, readings), stores.suppression)
    if found.forgotten:
        also_forget(stores, found, at=at)
    return Compaction(
        added=write_parts(stores, event_table(safe)),
        tallies=found.tallies(),
        reasons=found.reasons(),
        observed=_observed(found.rows.values(), readings),
        quarantined=write_quarantine(stores, found.set_aside, at=at),
    )


def _observed(rows: Iterable[EventRow], readings: Readings) -> Mapping[str, Counter[str]]:
    """How many of these are against their source's plan, by source and name."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        how = readings(row.source)
        if isinstance(how, Reading) and how.plan.schemas and is_against_plan(row, how.plan):
            found[row.source][row.name or row.type] += 1
    return found


def replay(stores: Stores, readings: Readings, *, source: str | None = None, at: datetime) -> Tally:
    """Try again what is set aside, by the rules as they are now; each file in one step.

    Only for the one process that holds the lake's lock.

    Args:
        stores: The workspace's ports.
        readings: How each source is read.
        source: Only of this source.
        at: The present, naive UTC.

    Returns:
        What became of them: `quarantined` is negative, the others add up to as much.
    """
    total = Tally()
    for part in stores.streams.quarantine(source):
        total += _replay_part(stores, part, readings, at=at)
    return total


def _replay_part(stores: Stores, part: QuarantinePart, readings: Readings, *, at: datetime) -> Tally:
    before = list(read_quarantine(stores, part))
    old = Counter(reason for reason, _ in before)
    found = sort_out((entry for _, entry in before), readings)
    new = found.reasons().get(part.source, Counter[str]())
    if new == old:
        return Tally()
    drawn = _draw_up(stores, found, readings, at=at)
    became = drawn.tallies[part.source]
    moved = replace(became, received=0, quarantined=became.quarantined - part.rows)
    change = {reason: new[reason] - old[reason] for reason in old | new}
    stores.streams.commit(
        replace(drawn, tallies={part.source: moved}, reasons={part.source: change}, replayed=[part.path])
    )
    return moved


def tidy(stores: Stores, kept_days: Mapping[str, int], *, at: datetime) -> None:
    """Let go what is too old, make few files of many small ones, and delete those that nothing names.

    Only for the one process that holds the lake's lock.

    Args:
        stores: The workspace's ports.
        kept_days: For how many days events are kept, by source; those of others are kept for good.
        at: The present, naive UTC.
    """
    parts, _ = stores.streams.snapshot()
    old = outlived(parts, kept_days, at=at)
    set_aside = stores.streams.quarantine()
    forgotten = [
        part.path
        for part in set_aside
        if part.source in kept_days and part.set_aside_at < at - timedelta(days=kept_days[part.source])
    ]
    if old or forgotten:
        stores.streams.commit(Compaction(removed=old, replayed=forgotten))
    for group in to_merge([part for part in parts if part.path not in old]):
        added = merged(stores, group)
        stores.streams.commit(Compaction(added=added, removed=[part.path for part in group]))
    named = [part.path for part in (*stores.streams.snapshot()[0], *stores.streams.quarantine())]
    stores.lake.sweep(named)
