"""One row of the table `events`, before it is Arrow, and many of them as Arrow."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

import pyarrow as pa

from mindgap.kernel.tables import EVENTS
from mindgap.store.schema import arrow_schema

BUCKETS = 64
SCHEMA = arrow_schema(EVENTS)
_AT_ONCE = 500


class EventRow(NamedTuple):
    """One event (columns: kernel.tables.EVENTS, which says what they mean)."""

    row_id: int
    source: str
    message_id: str
    type: str
    name: str | None
    occurred_at: datetime
    said_at: datetime | None
    sent_at: datetime | None
    received_at: datetime
    customer_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    claimed_id: str | None
    channel: str | None
    purposes: str
    product_id: str | None
    category: str | None
    order_id: str | None
    decision_id: str | None
    campaign_id: str | None
    query: str | None
    price: float | None
    quantity: float | None
    value: float | None
    currency: str | None
    score: float | None
    url: str | None
    referrer: str | None
    title: str | None
    properties: str
    traits: str
    context: str
    identifiers: str | None
    bucket: int


def row_id(source: str, message_id: str) -> int:
    """What tells an event from all others: a hash of its source and of the id that the source gave it."""
    # a source's name holds no line break, so no two pairs give the same text
    digest = blake2b(f"{source}\n{message_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1  # row ids have 63 bits: not every engine has unsigned numbers


def bucket(customer_id: str | None, anonymous_id: str | None) -> int:
    """In which of 64 parts of a day an event lies: all of one customer's are in the same."""
    return crc32((customer_id or anonymous_id or "").encode()) % BUCKETS


def event_table(rows: Sequence[EventRow]) -> pa.Table:
    """These rows as Arrow, column by column: from rows as dicts it would take five times as long.

    Some at a time, so that a row is still in the processor's cache when its columns are looked at one by one.
    """
    batches = [_batch(rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)]
    return pa.Table.from_batches(batches, SCHEMA)


def _batch(rows: Sequence[EventRow]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
