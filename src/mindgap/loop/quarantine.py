"""Messages set aside: files that hold all that is needed to try them again.

Nobody knows yet what in them is personal, so they lie whole under a key of the workspace.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from mindgap.loop.sorting import SetAside
from mindgap.store.keys import QUARANTINE, key_of
from mindgap.store.log import Entry
from mindgap.store.reading import Stores
from mindgap.store.streams import QuarantinePart
from mindgap.trust.keys import Cipher, decrypted, encrypted

_ABOUT = "message set aside"
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
    if not sources:
        return parts
    key = Cipher(key_of(stores.keys, QUARANTINE))
    with stores.lake.staging() as staging:
        # two files may hold the same, so a file is named after the folder that is made for this alone
        for nth, (source, own) in enumerate(sorted(sources.items())):
            staged = staging / "part.parquet"
            rows = [_row(one, key) for one in own]
            stores.lake.write_table(pa.Table.from_pylist(rows, _SCHEMA), staged)
            path = f"lake/quarantine/{staging.name}-{nth}.parquet"
            stores.lake.adopt(staged, path)
            parts.append(QuarantinePart(path=path, source=source, rows=len(own), set_aside_at=at))
    return parts


def read_quarantine(stores: Stores, part: QuarantinePart) -> Iterator[tuple[str, Entry]]:
    """The messages of a part, each as an entry of its own, with the reason why it was set aside."""
    for row in rows_set_aside(stores, part):
        message, reason, _ = row.pop("message"), row.pop("reason"), row.pop("place")
        yield reason, Entry(messages=[message], **row)


def rows_set_aside(stores: Stores, part: QuarantinePart) -> Iterator[dict[str, Any]]:
    """The rows of a part, their messages as they came."""
    key = Cipher(key_of(stores.keys, QUARANTINE))
    with stores.lake.open_parquet(stores.lake.path(part.path)) as file:
        for batch in file.iter_batches(10_000):
            for row in batch.to_pylist():
                clear = {name: _clear(row[name], key) for name in ("message", "context")}
                yield {**row, **clear}


def _clear(box: bytes, key: Cipher) -> bytes:
    return decrypted(box, key, about=_ABOUT) if box else b""


def _row(one: SetAside, key: Cipher) -> dict[str, object]:
    header = one.entry
    return {
        "message": encrypted(one.message, key, about=_ABOUT),
        "reason": one.fault.reason,
        "place": one.fault.place,
        "source": header.source,
        "received_at": header.received_at,
        "sent_at": header.sent_at,
        "context": encrypted(header.context, key, about=_ABOUT) if header.context else b"",
        "opted_out": header.opted_out,
    }
