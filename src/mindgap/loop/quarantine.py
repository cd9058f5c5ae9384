"""Messages set aside: files that hold all that is needed to try them again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.loop.sorting import SetAside
from mindgap.store.log import Entry
from mindgap.store.reading import Stores
from mindgap.store.streams import QuarantinePart

_SCHEMA = pa.schema(
    [
        ("message", pa.binary()),
        ("reason", pa.string()),
        ("place", pa.string()),
        ("source", pa.string()),
        ("received_at", pa.timestamp("us")),
        ("sent_at", pa.string()),
        ("context", pa.binary()),
        ("opted_out", pa.bool_()),
    ]
)


def write_quarantine(stores: Stores, set_aside: Sequence[SetAside], *, at: datetime) -> list[QuarantinePart]:
    """Write messages to files, one a source; they are set aside once committed."""
    sources: defaultdict[str, list[SetAside]] = defaultdict(list)
    for one in set_aside:
        sources[one.entry.source].append(one)
    parts: list[QuarantinePart] = []
    with stores.lake.staging() as staging:
        # two files may hold the same, so a file is named after the folder that is made for this alone
        for nth, (source, own) in enumerate(sorted(sources.items())):
            staged = staging / "part.parquet"
            stores.lake.write_table(pa.Table.from_pylist([_row(one) for one in own], _SCHEMA), staged)
            path = f"lake/quarantine/{staging.name}-{nth}.parquet"
            stores.lake.adopt(staged, path)
            parts.append(QuarantinePart(path=path, source=source, rows=len(own), set_aside_at=at))
    return parts


def read_quarantine(stores: Stores, part: QuarantinePart) -> Iterator[tuple[str, Entry]]:
    """The messages of a part, each as an entry of its own, with the reason why it was set aside."""
    with pq.ParquetFile(stores.lake.path(part.path)) as file:
        for batch in file.iter_batches(10_000):
            for row in batch.to_pylist():
                message, reason, _ = row.pop("message"), row.pop("reason"), row.pop("place")
                yield reason, Entry(messages=[message], **row)


def _row(one: SetAside) -> dict[str, object]:
    header = one.entry
    return {
        "message": one.message,
        "reason": one.fault.reason,
        "place": one.fault.place,
        "source": header.source,
        "received_at": header.received_at,
        "sent_at": header.sent_at,
        "context": header.context,
        "opted_out": header.opted_out,
    }
