"""The port for bringing data in: read a source as raw cells, clean it with a query, write a part.

A part is one Parquet file of one canonical table, made from one source. Everything is written into a
staging folder; the caller moves a finished part into the workspace, so nothing half-written is seen.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from mindgap.kernel.errors import SourceError
from mindgap.trust.identifiers import IdentifierKind

RawFormat = Literal["delimited", "json_lines", "json_array", "parquet", "query"]
RawType = Literal["text", "integer", "number", "date", "time", "zoned_time"]
Compression = Literal["none", "gzip", "zstd"]
Forgotten = Callable[[Sequence[str]], Collection[str]]
"""Which of some customer ids are of people who are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawColumn:
    """One column of a source, before anything is understood about it.

    Attributes:
        label: Its name as people see it; unique in its source.
        key: The name under which the source holds it; JSON key or Parquet column.
        type: What its cells are; text unless the source itself is typed. `time` is naive.
        expression: For `parquet`: SQL over the file's columns that gives the cells in place of `key`.
    """

    label: str
    key: str = ""
    expression: str = ""
    type: RawType = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited text file is written.

    Attributes:
        delimiter: The character between two fields.
        quote: The character around a field; empty when there is none.
        escape: The character that makes a quote within a field a plain one.
        header: Whether the first line after the skipped ones names the columns.
        skip_lines: Lines before the header or the first row.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    header: bool = True
    skip_lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSource:
    """A source that an importer can read: text is UTF-8 by now.

    Attributes:
        format: How it is stored.
        path: The file; unused for a query.
        columns: Its columns in order. Queries over `raw` see column number i as ``c{i}``, and the row's
            number in the source, from 1, as ``source_row``.
        wanted: Positions of the columns to read; the others are never touched.
        dialect: For delimited text.
        compression: Of the file itself.
        query: For `query`: the text of the query that gives the columns.
        line_column: Position of a column that holds the line number; None to count rows.
        repaired: Whether broken quotes and line ends were already mended; see BrokenLinesError.
        files: Parquet files, encrypted or not, that a query sees together as `files`.
    """

    format: RawFormat
    path: Path
    columns: tuple[RawColumn, ...]
    wanted: tuple[int, ...]
    dialect: Dialect = field(default_factory=Dialect)
    compression: Compression = "none"
    query: str = ""
    line_column: int | None = None
    repaired: bool = False
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlan:
    """How raw rows become a part.

    Attributes:
        query: Reads ``raw``, and may call ``identifier_token(kind, value)`` and ``sealed_words(customer_id,
            text)`` (see `Seals`); one row per raw row with the table's columns, ``source_row``, ``reason``
            (null when the row can be used), ``reason_column``, ``cells`` (JSON of what was read) and
            ``unread`` (number of optional cells that were not understood).
        columns: The table's columns in order; ``row_id`` is the first.
        time_column: Rows are sorted by it; empty when the table has none.
        key_column: At most one row per value is used, the last; empty when rows need no key.
        keep_repeats: Whether a row that occurs twice in this source counts twice.
        existing_parts: Parts of the same table; a row that they hold is a duplicate here.
    """

    query: str
    columns: tuple[str, ...]
    time_column: str = ""
    key_column: str = ""
    keep_repeats: bool = False
    existing_parts: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the rows: read_rows = used + quarantined + duplicates + suppressed.

    Attributes:
        read_rows: Rows that the source holds, unreadable lines included.
        used: Rows in the part.
        quarantined: Rows in the quarantine.
        repeated: Rows that occur earlier in the same source.
        known: Rows that an existing part holds.
        superseded: Rows whose key occurs again later in the same source.
        suppressed: Rows of people who are forgotten.
        unread: Optional cells that were not understood and are null in the part.
        reasons: Quarantined rows by reason.
        earliest: The smallest time in the part; None without times.
        latest: The largest time in the part.
        part: The part; None when no row was used.
        quarantine: The quarantine: one row per row that was set aside, with ``line``, ``reason``, ``column``
            and ``values`` (JSON of its cells, without what could name a person). None when it is empty.
            ``line`` counts from 1 and includes the header and unreadable lines; a field that holds line
            breaks counts as one line and blank lines of delimited text do not count. Where a format has no
            lines (JSON lists, Parquet, workbooks) it is the number of the row.
    """

    read_rows: int
    used: int
    quarantined: int
    repeated: int
    known: int
    superseded: int
    suppressed: int
    unread: int
    reasons: Mapping[str, int]
    earliest: datetime | None
    latest: datetime | None
    part: Path | None
    quarantine: Path | None

    @property
    def duplicates(self) -> int:
        """Rows that are counted once already."""
        return self.repeated + self.known + self.superseded


class BrokenLinesError(SourceError):
    """Quotes or line ends are broken, so that lines would be lost: mend the file and open it again."""


class Seals(Protocol):
    """What an import keeps of what names a person."""

    def tokens(self, kinds: Sequence[IdentifierKind], values: Sequence[str | None]) -> list[str | None]:
        """A token for each identifier that is one, vouched for; null for the others.

        Args:
            kinds: Of each value.
            values: As they are written.
        """
        ...

    def words(self, customer_ids: Sequence[str | None], texts: Sequence[str | None]) -> list[str | None]:
        """Texts sealed under the keys of the customers they are of."""
        ...


class Staging(Protocol):
    """One source, opened for reading; queries see it as ``raw``."""

    def facts(self, query: str, /) -> Mapping[str, Any]:
        """The single row that an aggregate query over ``raw`` gives."""
        ...

    def write(self, plan: WritePlan, /) -> Written:
        """Clean the rows and write part and quarantine into the staging folder."""
        ...


class Importer(Protocol):
    """Reads sources of any size in bounded memory."""

    def open(self, source: RawSource, folder: Path, /) -> AbstractContextManager[Staging]:
        """Open a source; every file that this writes lies in `folder`.

        Raises:
            BrokenLinesError: The source must be mended first; never raised for a `repaired` one.
            SourceError: The source is damaged or is not what it was taken for.
            StorageError: The folder cannot be written, or the disk is full.
        """
        ...
