"""A log in memory, deliveries to put into it, and events that are in the lake already."""

import json
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.kernel.tables import EVENTS
from mindgap.store.log import Entry, Position
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Part
from mindgap.store.streams import Compaction

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


def keep_events(workspace, *rows):
    """Put events into the lake, each given by the columns that matter."""
    table = pa.Table.from_pylist(
        [
            {
                "row_id": nth,
                "source": "web",
                "message_id": str(nth),
                "type": "track",
                "occurred_at": MOMENT,
                "received_at": MOMENT,
                **row,
            }
            for nth, row in enumerate(rows)
        ],
        schema=arrow_schema(EVENTS),
    )
    parts, _ = workspace.stores.streams.snapshot()
    relative = f"lake/test-{len(parts)}.parquet"
    path = workspace.stores.lake.path(relative)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    times = table["occurred_at"].to_pylist()
    part = Part(
        key=relative,
        table="events",
        source="events",
        path=relative,
        rows=table.num_rows,
        min_time=min(times),
        max_time=max(times),
    )
    workspace.stores.streams.commit(Compaction(added=[part]))
