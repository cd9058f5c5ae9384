"""Looking at a source: its format, its table and its columns, from the head of the file only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mindgap.collect.files.columns import Recognition, recognise
from mindgap.collect.files.contents import contents_of
from mindgap.collect.files.formats import FoundFormat, find_format
from mindgap.collect.files.options import Note, Question, SourceOptions, TableKind
from mindgap.collect.files.questions import questions_of
from mindgap.kernel.errors import MindgapError, SourceError
from mindgap.kernel.settings import SourceSettings

_NEEDED: dict[TableKind, tuple[tuple[str, ...], ...]] = {
    "orders": (("ordered_at",), ("amount", "unit_price", "product_id", "order_id", "quantity")),
    "customers": (("customer_id",),),
    "products": (("product_id",),),
    "exposures": (("shown_at",), ("customer_id", "product_id", "campaign_id")),
    "feedback": (("score", "text"),),
}
_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".dat", ".psv", ".tab"),
    *(".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".gz", ".zst"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a source was found to be, before anything is read.

    Attributes:
        path: The file.
        found: Its format and first rows.
        recognition: Its table and columns.
        options: What a person said.
        overrides: Which columns a person said.
        origin: Where the rows come from, when that is no file; a sample of them was looked at.
    """

    path: Path
    found: FoundFormat
    recognition: Recognition
    options: SourceOptions
    overrides: Mapping[str, str] = field(default_factory=dict)
    origin: SourceSettings | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a person should know about the file and its columns."""
        return (*self.found.notes, *self.recognition.notes)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What a person should decide; reading goes on with the first choices otherwise."""
        return questions_of(self.recognition, dict(self.cells), self.options)

    @property
    def cells(self) -> Mapping[str, tuple[str, ...]]:
        """The first cells of each column, by label. They are personal data: never shown, never kept."""
        return {
            column.label: tuple(row[at] for row in self.found.rows if at < len(row))
            for at, column in enumerate(self.found.source.columns)
            if at != self.found.source.line_column
        }

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """Groups of fields of which at least one is needed and none was found."""
        found = {guess.field for guess in self.recognition.guesses}
        return tuple(group for group in _NEEDED[self.recognition.kind] if not found & set(group))

    def mapping(self) -> dict[str, Any]:
        """What has to be kept to read the next delivery of this file alike; plain JSON and TOML values."""
        columns = {guess.field: guess.column for guess in self.recognition.guesses}
        unmapped = {field: "" for field, label in self.overrides.items() if not label}
        said = self.options.said()
        return {"table": self.recognition.kind, "columns": columns | unmapped} | (
            {"options": said} if said else {}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFindings:
    """What a folder holds.

    Attributes:
        inspections: One per file that was understood.
        failures: Why each other file was not, by its name.
    """

    inspections: tuple[Inspection, ...]
    failures: Mapping[str, MindgapError]


def inspect(
    path: Path,
    *,
    kind: TableKind | None = None,
    overrides: Mapping[str, str] | None = None,
    options: SourceOptions | None = None,
) -> Inspection:
    """Find out what a file is and what its columns mean.

    Args:
        path: The file.
        kind: Its table, when a person has said it.
        overrides: Column by field, when a person has said it.
        options: What else a person has said.

    Raises:
        SourceError: The file cannot be read, or is no table.
        MappingError: Its columns cannot be understood.
    """
    said = options or SourceOptions()
    return inspect_found(path, find_format(path, said), kind=kind, overrides=overrides, options=said)


def inspect_found(
    path: Path,
    found: FoundFormat,
    *,
    kind: TableKind | None,
    overrides: Mapping[str, str] | None,
    options: SourceOptions,
) -> Inspection:
    """The same for a source whose format is known; its path is what people call it."""
    columns = {
        column.label: contents_of(row[at] for row in found.rows if at < len(row))
        for at, column in enumerate(found.source.columns)
        if at != found.source.line_column
    }
    recognition = recognise(columns, kind=kind, overrides=overrides, file_name=path.name)
    return Inspection(
        path=path, found=found, recognition=recognition, options=options, overrides=dict(overrides or {})
    )


def inspect_folder(folder: Path, *, options: SourceOptions | None = None) -> FolderFindings:
    """Look at every file of a folder and of those below it; a file that cannot be read hinders no other.

    Raises:
        SourceError: The folder cannot be listed, or holds no file at all.
    """
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder))
    except OSError as error:
        raise SourceError(
            f"The folder {folder.name} cannot be listed.", hint="Ask for the right to read it."
        ) from error
    if not files:
        raise SourceError(
            f"The folder {folder.name} holds no files.", hint="Put CSV, JSON, Parquet or Excel in it."
        )
    inspections: list[Inspection] = []
    failures: dict[str, MindgapError] = {}
    for path in files:
        name = str(path.relative_to(folder))
        try:
            if not is_data_file(path):
                raise SourceError(
                    f"{name} is no data file by its name.", hint="Bring it in by itself if it is one."
                )
            inspections.append(inspect(path, options=options))
        except MindgapError as error:
            failures[name] = error
    return FolderFindings(inspections=tuple(inspections), failures=failures)


def is_data_file(path: Path) -> bool:
    """Whether a file's name says that it holds data."""
    return path.suffix.lower() in _ENDINGS


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
