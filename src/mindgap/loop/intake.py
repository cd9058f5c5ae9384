"""Brings sources into the ledger: unchanged files are not read again, changed ones replace themselves."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from mindgap.collect.importing import ImportResult
from mindgap.store.reading import Stores
from mindgap.store.state import Part, SourceRecord

ReadInto = Callable[[Path, tuple[Path, ...]], ImportResult]
"""Reads a source into a staging folder, given the parts of its table that other sources gave."""


def file_stat(path: Path) -> str:
    """What tells quickly that a file is the one that was read: size and modification time."""
    stat = path.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def is_unchanged(stores: Stores, name: str, *, stat: str, understood: str) -> bool:
    """Whether a source was read before, from the same file, understood in the same way."""
    known = {record.name: record for record in stores.ledger.sources()}
    return name in known and known[name].stat == stat and known[name].content.endswith(understood)


def understanding(mapping: object) -> str:
    """A short mark of how a source is understood: another mapping means reading it again."""
    return hashlib.sha256(json.dumps(mapping, sort_keys=True, default=str).encode()).hexdigest()[:16]


def take_in(  # noqa: PLR0913 - each is a fact of one source
    stores: Stores, name: str, *, table: str, stat: str, understood: str, read_into: ReadInto, at: datetime
) -> SourceRecord:
    """Read a source and make what it gave visible, in one step.

    Args:
        stores: The workspace's ports.
        name: The source's name.
        table: The canonical table that it fills.
        stat: What tells that the file is the same next time.
        understood: What tells that it is understood in the same way.
        read_into: Reads it.
        at: The present, naive UTC.
    """
    others = [part for part in stores.ledger.parts(table) if part.source != name]
    with stores.files.staging() as staging:
        result = read_into(staging, tuple(stores.files.path(part.path) for part in others))
        written = result.written
        key = _digest(written.part) if written.part else ""
        parts: list[Part] = []
        if written.part is not None:
            path = f"ledger/{result.table}/{key}.parquet"
            stores.files.adopt(written.part, path)
            parts.append(
                Part(
                    key=key,
                    table=result.table,
                    source=name,
                    path=path,
                    rows=written.used,
                    min_time=written.earliest,
                    max_time=written.latest,
                )
            )
        quarantine = ""
        if written.quarantine is not None:
            quarantine = f"quarantine/{result.table}/{_digest(written.quarantine)}.parquet"
            stores.files.adopt(written.quarantine, quarantine)
        record = SourceRecord(
            name=name,
            table=result.table,
            content=f"{key}:{understood}",
            stat=stat,
            rows_read=written.read_rows,
            rows_used=written.used,
            rows_quarantined=written.quarantined,
            rows_duplicate=written.repeated + written.known + written.superseded,
            quarantine_path=quarantine,
            reasons=dict(written.reasons),
            notes=[asdict(note) for note in result.notes],
            read_at=at,
        )
        stores.ledger.replace(record, parts)
    return record


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
