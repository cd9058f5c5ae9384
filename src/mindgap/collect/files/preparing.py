"""Between looking and reading: what is read as what, and working copies of files the engine cannot read."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mindgap.collect.files.columns import Recognition
from mindgap.collect.files.delimited import mended, tabbed
from mindgap.collect.files.encodings import lines, rewrite_utf8, written
from mindgap.collect.files.facts import Cell, Reading
from mindgap.collect.files.fields import identifier_kind
from mindgap.collect.files.inspecting import Inspection
from mindgap.collect.files.options import Note
from mindgap.collect.files.workbooks import read_workbook, write_text
from mindgap.kernel.errors import MappingError
from mindgap.store.importing import RawSource
from mindgap.trust.identifiers import IdentifierKind

_WORKING_FILES = ("text.csv", "mended.csv", "raw.parquet", "cleaned.parquet")
_WITH_TRAITS = ("customers", "products")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSource:
    """A source that an importer can read, and what its columns are.

    Attributes:
        name: What people call it.
        source: How to read it.
        reading: What is read, and as what.
        notes: What is known about it so far.
        mapping: What to keep of it.
    """

    name: str
    source: RawSource
    reading: Reading
    notes: tuple[Note, ...] = ()
    mapping: Mapping[str, Any] = field(default_factory=dict)


def prepare(inspection: Inspection, folder: Path) -> PreparedSource:
    """Make a source ready to be read; a copy in UTF-8 is written into the folder where one is needed.

    Raises:
        MappingError: A field without which the table means nothing was not found.
        StorageError: The copy cannot be written.
    """
    _refuse_incomplete(inspection)
    reading = _reading(inspection)
    source = _readable(inspection, folder)
    told = (cell for _, cell in reading.identifiers)
    used = {int(cell.name[1:]) for cell in (*reading.cells.values(), *reading.traits, *told)}
    line = set() if source.line_column is None else {source.line_column}
    return PreparedSource(
        name=inspection.path.name,
        source=replace(source, wanted=tuple(sorted(used | line))),
        reading=reading,
        notes=inspection.notes,
        mapping=inspection.mapping(),
    )


def _refuse_incomplete(inspection: Inspection) -> None:
    if not inspection.missing:
        return
    group = inspection.missing[0]
    columns = ", ".join(column.label for column in inspection.found.source.columns)
    kind = inspection.recognition.kind
    needed = " or ".join(group)
    raise MappingError(
        f"{inspection.path.name} has no column for {needed}, which {kind} cannot do without.",
        hint=f"Say which with --map {group[0]}=COLUMN, or what it is with --as KIND. Columns: {columns}.",
    )


def _reading(inspection: Inspection) -> Reading:
    recognition = inspection.recognition
    by_label = {
        column.label: Cell(label=column.label, name=f"c{at}", type=column.type)
        for at, column in enumerate(inspection.found.source.columns)
    }
    traits = recognition.unused if recognition.kind in _WITH_TRAITS else ()
    return Reading(
        kind=recognition.kind,
        cells={guess.field: by_label[guess.column] for guess in recognition.guesses},
        traits=tuple(by_label[label] for label in traits),
        pseudonym=bool(recognition.pseudonyms),
        options=inspection.options,
        identifiers=tuple(_identifiers(recognition, by_label)),
    )


def _identifiers(
    recognition: Recognition, cells: Mapping[str, Cell]
) -> Iterator[tuple[IdentifierKind, Cell]]:
    """Columns that tell by what a customer is known elsewhere too."""
    if recognition.kind == "customers":
        for label in (*recognition.left_out, *recognition.pseudonyms):
            kind = identifier_kind(label)
            if kind:
                yield kind, cells[label]


def _readable(inspection: Inspection, folder: Path) -> RawSource:
    """The source, or a working copy of it that the engine can read."""
    found, target = inspection.found, folder / "text.csv"
    source = found.source
    match found.rewrite:
        case "":
            return source
        case "workbook":
            write_text(read_workbook(inspection.path, sheet=inspection.options.sheet), target)
        case "spaces":
            _write_lines(tabbed(lines(source.path, source.compression, found.encoding)), target)
        case _:
            rewrite_utf8(source.path, target, compression=source.compression, encoding=found.encoding)
    return replace(source, path=target, compression="none")


def mend(source: RawSource, folder: Path) -> RawSource:
    """A working copy in which every quoted field and every line ends as it should."""
    target = folder / "mended.csv"
    text = lines(source.path, source.compression, "utf-8")
    _write_lines(mended(text, source.dialect, len(source.columns)), target)
    return replace(source, path=target, compression="none", repaired=True)


def clear(folder: Path) -> None:
    """Remove working copies; the part and the quarantine stay."""
    for name in _WORKING_FILES:
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "spill", ignore_errors=True)


def _write_lines(text: Iterable[str], target: Path) -> None:
    with written(target) as out:
        for line in text:
            out.write(line.encode())
