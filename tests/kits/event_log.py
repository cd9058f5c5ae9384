"""Messages in the log, worked up by the loop's own functions, and what the lake then holds."""

import json
from datetime import datetime, timedelta

from mindgap.collect.events.messages import reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.loop.compaction import compact
from mindgap.store.engine import Relation
from mindgap.store.log import Entry

NOON = datetime(2024, 5, 1, 12)
OPEN = StreamOptions()


def message(number, *, at=NOON, **changes):
    """One message, a track of a product that is viewed."""
    said = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m{number}",
        "userId": f"u{number % 5}",
        "timestamp": f"{at.isoformat()}Z",
        "properties": {"product_id": f"p{number % 3}"},
    }
    return json.dumps({**said, **changes}).encode()


def entry(*messages, source="shop", at=NOON, **header):
    """One delivery."""
    return Entry(source=source, received_at=at, messages=messages, **header)


def readings(options=OPEN, **by_source):
    """How sources are read: all with the same options, but for those that are named."""
    known = {name: reading(own) for name, own in by_source.items()}
    return lambda source: known.get(source) or known.setdefault(source, reading(options))


def work_up(stores, *entries, how=None, at=NOON):
    """Put entries into the log and compact it."""
    stores.log.append_all(list(entries))
    return compact(stores, how or readings(), at=at)


def lake(stores, columns="*"):
    """The rows of the table `events`, in the order of their ids."""
    parts, _ = stores.streams.snapshot()
    paths = [stores.lake.path(part.path) for part in parts]
    if not paths:
        return []
    with stores.engine.session({"events": Relation(paths=paths)}) as session:
        return session.table(f"select {columns} from events order by source, message_id").to_pylist()


def tally(stores, source="shop"):
    """What became of a source's messages."""
    return {record.source: record.tally for record in stores.streams.records()}[source]


def day_after(days):
    """Noon some days later."""
    return NOON + timedelta(days=days)
