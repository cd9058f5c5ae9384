"""Excel and OpenDocument workbooks, by calamine; a sheet has a million rows at most, so it fits in memory."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from mindgap.collect.files.encodings import written
from mindgap.collect.files.options import Note
from mindgap.kernel.errors import SourceError

WORKBOOK_ENDINGS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_HEADER_WITHIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """The rows of a workbook's table.

    Attributes:
        names: The header's cells.
        rows: Row number in its sheet, and the cells as text.
        notes: Which sheets were left out.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    notes: tuple[Note, ...]


def read_workbook(path: Path, *, sheet: str | None = None) -> Workbook:
    """Read the named sheet, or the first with rows and all others with the same header.

    Raises:
        SourceError: Damaged, locked by a password, empty, or without such a sheet.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names if sheet is None else [sheet]
        if sheet is not None and sheet not in book.sheet_names:
            raise SourceError(
                f"{path.name} has no sheet {sheet!r}.", hint=f"It has: {', '.join(book.sheet_names)}."
            )
        sheets = {
            name: _table(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names
        }
    except PasswordError as error:
        raise SourceError(f"{path.name} is locked by a password.", hint="Save it without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise SourceError(
            f"{path.name} is a damaged workbook.", hint="Save it again, or export CSV."
        ) from error
    filled = {name: table for name, table in sheets.items() if table and table[1]}
    if not filled:
        raise SourceError(f"{path.name} has no rows.", hint="Choose the sheet that holds the table.")
    header = next(iter(filled.values()))[0]
    same = [table for table in filled.values() if table[0] == header]
    left_out = [name for name, table in filled.items() if table[0] != header]
    note = Note(code="collect-sheets-left-out", params={"sheets": ", ".join(left_out)})
    return Workbook(
        names=tuple(header),
        rows=tuple(chain.from_iterable(table[1] for table in same)),
        notes=(note,) if left_out else (),
    )


def write_text(book: Workbook, target: Path) -> Path:
    """The rows as UTF-8 CSV without a header, the row number last."""
    with written(target) as out:
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        csv.writer(text, lineterminator="\n").writerows([*row, line] for line, row in book.rows)
        text.flush()
        text.detach()
    return target


def _table(rows: list[list[Any]]) -> tuple[list[str], list[tuple[int, list[str]]]] | None:
    """Header and rows of a sheet: the header is the first of the widest rows near the top."""
    cells = [(line, [_text(cell) for cell in row]) for line, row in enumerate(rows, start=1)]
    filled = [(line, row) for line, row in cells if any(row)]
    if not filled:
        return None
    widths = [sum(bool(cell) for cell in row) for _line, row in filled[:_HEADER_WITHIN]]
    at = next(i for i, width in enumerate(widths) if width >= max(widths) - 1)
    header = filled[at][1]
    used = max(i for i, cell in enumerate(header) if cell) + 1
    return header[:used], [(line, row[:used]) for line, row in filled[at + 1 :] if any(row[:used])]


def _text(cell: Any) -> str:
    match cell:
        case datetime() | time():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        case date():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell).strip()
