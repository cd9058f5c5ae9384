"""The front door: look at a source (`inspect`), then bring its rows in (`read`).

`inspect` reads the head of a file only and changes nothing. `read` writes into a staging folder and
nowhere else, so that an interruption leaves nothing behind that anybody sees.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mindgap.collect.files.cleaning import cleaning_query
from mindgap.collect.files.facts import Decisions, decide, facts_query
from mindgap.collect.files.inspecting import (
    FolderFindings,
    Inspection,
    inspect,
    inspect_folder,
    inspect_found,
)
from mindgap.collect.files.options import Note, SourceOptions, TableKind
from mindgap.collect.files.preparing import PreparedSource, clear, mend, prepare
from mindgap.kernel.tables import CANONICAL
from mindgap.store.importing import BrokenLinesError, Importer, Staging, WritePlan, Written

__all__ = [
    "FolderFindings",
    "ImportResult",
    "Inspection",
    "SourceOptions",
    "bring_in",
    "inspect",
    "inspect_folder",
    "inspect_found",
    "read",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of a source.

    Attributes:
        table: The canonical table.
        written: Counts, times, and the part and quarantine files in the staging folder.
        notes: What a person should know, codes of the message catalogue.
        mapping: What to keep in mindgap.toml: table, columns, options.
    """

    table: TableKind
    written: Written
    notes: tuple[Note, ...]
    mapping: Mapping[str, Any]


def read(
    inspection: Inspection,
    *,
    importer: Importer,
    staging_dir: Path,
    now: datetime,
    existing_parts: Sequence[Path] = (),
) -> ImportResult:
    """Bring a file's rows in: cleaned, counted, without those that are known already.

    Args:
        inspection: What the file is; answers to its questions are in its recognition and options.
        importer: Reads the rows.
        staging_dir: A folder of its own; everything is written there, and only there.
        now: The present, naive UTC; later rows go to quarantine.
        existing_parts: The table's parts so far; a row that they hold is a duplicate.

    Raises:
        MappingError: Something without which the table means nothing was not found.
        SourceError: The file is damaged.
        StorageError: The staging folder cannot be written, or the disk is full.
    """
    try:
        prepared = prepare(inspection, staging_dir)
        return bring_in(
            prepared, importer=importer, staging_dir=staging_dir, now=now, existing_parts=existing_parts
        )
    finally:
        clear(staging_dir)


def bring_in(
    prepared: PreparedSource,
    *,
    importer: Importer,
    staging_dir: Path,
    now: datetime,
    existing_parts: Sequence[Path] = (),
) -> ImportResult:
    """The same for a source that needs no looking at, such as a connector's."""
    reading = prepared.reading
    table = CANONICAL[reading.kind]
    with _staging(prepared, importer, staging_dir) as staging:
        decisions = decide(reading, staging.facts(facts_query(reading)))
        plan = WritePlan(
            query=cleaning_query(reading, decisions, now=now),
            columns=tuple(column.name for column in table.columns),
            time_column=table.time_column or "",
            key_column={"customers": "customer_id", "products": "product_id"}.get(reading.kind, ""),
            keep_repeats=reading.options.duplicates == "keep",
            existing_parts=tuple(existing_parts),
        )
        result = staging.write(plan)
    return ImportResult(
        table=reading.kind,
        written=result,
        notes=(*prepared.notes, *decisions.notes, *_notes(prepared, decisions, result)),
        mapping=prepared.mapping,
    )


@contextmanager
def _staging(prepared: PreparedSource, importer: Importer, folder: Path) -> Generator[Staging]:
    """The source opened; one with broken quotes or line ends is mended first. Working files go away."""
    with ExitStack() as stack:
        stack.callback(clear, folder)
        try:
            staging = stack.enter_context(importer.open(prepared.source, folder))
        except BrokenLinesError:
            staging = stack.enter_context(importer.open(mend(prepared.source, folder), folder))
        yield staging


def _notes(prepared: PreparedSource, decisions: Decisions, result: Written) -> tuple[Note, ...]:
    """What was done that a person should know."""
    cells, found = prepared.reading.cells, list[Note]()
    if prepared.reading.kind == "orders":
        if "order_id" not in cells:
            found.append(
                Note(code="collect-orders-derived", params={"by_day": str(not decisions.has_clock).lower()})
            )
        missing = {"quantity": "collect-quantity-assumed", "customer_id": "collect-no-customers"}
        found += [Note(code=code) for field, code in missing.items() if field not in cells]
        if not cells.keys() & {"amount", "unit_price"}:
            found.append(Note(code="collect-no-amounts"))
        if decisions.credit_notes:
            found.append(Note(code="collect-credit-notes", params={"column": cells["order_id"].label}))
    counted = {
        "collect-repeated-rows": result.repeated,
        "collect-known-rows": result.known,
        "collect-superseded-rows": result.superseded,
        "collect-unread-cells": result.unread,
        "collect-quarantined-rows": result.quarantined,
    }
    found += [Note(code=code, params={"rows": count}) for code, count in counted.items() if count]
    return tuple(found)
