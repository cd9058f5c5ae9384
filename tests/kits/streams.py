"""A log in memory, and deliveries to put into it."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from mindgap.store.log import Entry, Position

MOMENT = datetime(2024, 5, 1, 12, 0)


@dataclass
class MemoryLog:
    """An event log of one segment; an offset is a number of entries, and a byte long each message's text."""

    entries: list = field(default_factory=list)
    refuse: Exception | None = None

    async def append(self, entry):
        self.append_all([entry])

    def append_all(self, entries):
        if self.refuse:
            raise self.refuse
        self.entries += entries

    def read(self, after):
        for nth in range(after.get("s1", 0), len(self.entries)):
            yield Position(segment="s1", offset=nth + 1), [self.entries[nth]]

    def size_bytes(self, after):
        return sum(len(message) for entry in self.entries[after.get("s1", 0) :] for message in entry.messages)

    def drop(self, consumed):
        pass

    def close(self):
        pass


def entry(*messages, source="web", at=MOMENT, **options):
    """A delivery of messages, given as objects."""
    return Entry(
        source=source,
        received_at=at,
        messages=[json.dumps(one).encode() if isinstance(one, dict) else one for one in messages],
        **options,
    )
