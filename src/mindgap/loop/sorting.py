"""What messages of the log are: rows of `events`, messages to be set aside, or neither."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import NO_PURPOSE, Reading, read_messages
from mindgap.collect.events.strict import Fault
from mindgap.store.log import Entry
from mindgap.store.streams import Tally

Readings = Callable[[str], Reading | Fault]
"""How the messages of a source are read, or why they cannot be: it is not declared, or not rightly."""


class SetAside(NamedTuple):
    """A message that cannot become an event, with what is needed to try again.

    Attributes:
        fault: Why.
        entry: It came in this, among others.
        message: As it came.
    """

    fault: Fault
    entry: Entry
    message: bytes


@dataclass(slots=True)
class Sorted:
    """Messages, sorted.

    Attributes:
        rows: Events by the hash that tells them apart; the first of several that are the same.
        set_aside: Messages with a fault.
        received: Messages by source, with those that the door refused.
        refused: Those that must not be kept, by source.
        told: Messages by source that became events, the same ones again included.
        suppressed: Messages by source of people who are forgotten.
        forgotten: The events among these.
    """

    rows: dict[int, EventRow] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    forgotten: list[EventRow] = field(default_factory=list)

    def drop(self, known: Collection[int]) -> None:
        """Leave out events that were there already."""
        for row_id in known:
            self.rows.pop(row_id, None)

    def suppress(self, forgotten: Collection[int]) -> None:
        """Leave out events of people who are forgotten, by row id, and count them."""
        for row_id in forgotten:
            row = self.rows.pop(row_id)
            self.forgotten.append(row)
            self.suppressed[row.source] += 1
            self.told[row.source] -= 1

    def tallies(self) -> Mapping[str, Tally]:
        """What became of the messages, by source."""
        stored = Counter(row.source for row in self.rows.values())
        quarantined = Counter(one.entry.source for one in self.set_aside)
        return {
            source: Tally(
                received=received,
                stored=stored[source],
                quarantined=quarantined[source],
                duplicates=self.told[source] - stored[source],
                refused=self.refused[source],
                suppressed=self.suppressed[source],
            )
            for source, received in self.received.items()
        }

    def reasons(self) -> Mapping[str, Counter[str]]:
        """How many are set aside, by source and reason."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for one in self.set_aside:
            found[one.entry.source][one.fault.reason] += 1
        return found


def sort_out(entries: Iterable[Entry], readings: Readings) -> Sorted:
    """Sort the messages of these entries."""
    found = Sorted()
    for entry in entries:
        refused, told = entry.refused, 0
        for message, read in zip(entry.messages, _read(entry, readings(entry.source)), strict=True):
            if isinstance(read, EventRow):
                told += 1
                found.rows.setdefault(read.row_id, read)
            elif read.reason == NO_PURPOSE:
                refused += 1
            else:
                found.set_aside.append(SetAside(read, replace(entry, messages=()), message))
        found.received[entry.source] += len(entry.messages) + entry.refused
        found.refused[entry.source] += refused
        found.told[entry.source] += told
    return found


def _read(entry: Entry, how: Reading | Fault) -> Iterator[EventRow | Fault]:
    if isinstance(how, Reading):
        return read_messages(entry, how)
    return (how for _ in entry.messages)
