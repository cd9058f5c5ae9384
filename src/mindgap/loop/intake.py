"""Brings sources into the ledger: unchanged files are not read again, changed ones replace themselves."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from mindgap.collect.files.importing import ImportResult
from mindgap.kernel.errors import SourceError, StorageError
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.files import Files
from mindgap.store.reading import Stores
from mindgap.store.state import Part, SourceRecord

ReadInto = Callable[[Path, tuple[Path, ...]], ImportResult]
"""Reads a source into a staging folder, given the parts of its table that other sources gave."""


def file_stat(path: Path) -> str:
    """What tells quickly that a file is the one that was read: size and modification time.

    Raises:
        SourceError: The file is not there or may not be looked at.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise SourceError(
            f"{path.name} cannot be read: {error.strerror or type(error).__name__}.", hint="Check its path."
        ) from error
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def intact(stores: Stores) -> dict[str, SourceRecord]:
    """Sources that were read before and whose rows are still here, in whole files, by name.

    Raises:
        StorageError: The rows are of an older version.
    """
    paths: dict[str, set[str]] = {}
    for table in CANONICAL:
        for part in stores.ledger.parts(table):
            paths.setdefault(part.source, set()).add(part.path)
    for own in paths.values():
        _refuse_old(stores.files, stores.files.path(min(own)))
    return {
        record.name: record
        for record in stores.ledger.sources()
        if all(map(stores.files.is_whole, paths.get(record.name, ())))
    }


def _refuse_old(files: Files, path: Path) -> None:
    """Row ids were unsigned once, which not every engine can read."""
    try:
        with files.open_parquet(path) as file:
            kind = file.schema_arrow.field("row_id").type
    except (OSError, pa.ArrowException, KeyError):
        return  # whoever reads the rows says what is wrong with the file
    if kind == pa.uint64():
        raise StorageError(
            "This workspace was made by an older version: its row ids are unsigned.",
            hint="Set its folder .mindgap aside and run again: files are read anew, received events are not.",
        )


def is_unchanged(record: SourceRecord | None, *, stat: str, understood: str) -> bool:
    """Whether a source was read before, from the same file, understood in the same way."""
    return record is not None and record.stat == stat and record.content.endswith(understood)


def understanding(mapping: object) -> str:
    """A short mark of how a source is understood: another mapping means reading it again."""
    return hashlib.sha256(json.dumps(mapping, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A source about to be read.

    Attributes:
        name: The source's name.
        table: The canonical table that it fills.
        stat: What tells that the file is the same next time.
        understood: What tells that it is understood in the same way.
        read_into: Reads it.
        time_zone: IANA name; weeks begin at its Monday midnight.
        at: The present, naive UTC.
    """

    name: str
    table: str
    stat: str
    understood: str
    read_into: ReadInto
    time_zone: str
    at: datetime


def take_in(stores: Stores, arrival: Arrival) -> SourceRecord:
    """Read a source and make what it gave visible, in one step."""
    others = {part.path for part in stores.ledger.parts(arrival.table) if part.source != arrival.name}
    whole = tuple(stores.files.path(path) for path in sorted(others) if stores.files.is_whole(path))
    with stores.files.staging() as staging:
        result = arrival.read_into(staging, whole)
        parts = _keep_part(stores, arrival, result)
        quarantine = ""
        if result.written.quarantine is not None:
            quarantine = f"quarantine/{result.table}/{digest(result.written.quarantine)}.parquet"
            stores.files.adopt(result.written.quarantine, quarantine)
        record = _record(arrival, result, parts=parts, quarantine=quarantine)
        stores.ledger.replace(record, parts)
    return record


def _keep_part(stores: Stores, arrival: Arrival, result: ImportResult) -> list[Part]:
    written = result.written
    if written.part is None:
        return []
    relative = f"ledger/{result.table}/{digest(written.part)}.parquet"
    file = File(
        table=result.table,
        source=arrival.name,
        path=written.part,
        relative=relative,
        earliest=written.earliest,
        latest=written.latest,
    )
    parts = weekly_parts(file, time_zone=arrival.time_zone)
    stores.files.adopt(written.part, relative)
    return parts


def _record(arrival: Arrival, result: ImportResult, *, parts: list[Part], quarantine: str) -> SourceRecord:
    written = result.written
    content = hashlib.sha256(" ".join(sorted(part.key for part in parts)).encode()).hexdigest()[:32]
    return SourceRecord(
        name=arrival.name,
        table=result.table,
        content=f"{content}:{arrival.understood}",
        stat=arrival.stat,
        rows_read=written.read_rows,
        rows_used=written.used,
        rows_quarantined=written.quarantined,
        rows_duplicate=written.duplicates,
        rows_suppressed=written.suppressed,
        quarantine_path=quarantine,
        reasons=dict(written.reasons),
        notes=[asdict(note) for note in result.notes],
        read_at=arrival.at,
    )


def digest(path: Path) -> str:
    """What a file holds, as a short hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
