"""How a delimited text is written: delimiter, quotes, header, lines before it; and mending broken quotes."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from mindgap.collect.files.synonyms import is_known_name
from mindgap.kernel.errors import SourceError
from mindgap.store.importing import Dialect

DELIMITERS = (",", "\t", ";", "|", "\x01", "^")
SAMPLE_ROWS = 2000
_MOST_LINES_IN_A_FIELD = 50
_FITTING_SHARE = 0.7
_BASKET_SPREAD = 3
_FIGURE = re.compile(r"[-+(]?[\d.,:/\-\s]*\d[\d.,:/\-\s%)TZ]*")
_SPACED_FIELDS = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the head of a delimited text shows.

    Attributes:
        dialect: How it is written.
        names: Names of the columns; made up (column_1, ...) where there is no header.
        rows: The first rows, as wide as the names.
        spaced: Whether fields stand apart by any number of blanks, so that it must be rewritten.
    """

    dialect: Dialect
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spaced: bool = False


def layout_of(text: str, *, file_name: str, delimiter: str | None = None, complete: bool = True) -> Layout:
    """Find out how a delimited text is written from its head.

    Args:
        text: The head of the file.
        file_name: For messages.
        delimiter: The delimiter when a person has said it.
        complete: Whether the head is the whole file; else its last line may be cut.

    Raises:
        SourceError: Empty, header only, one basket a line, or no table at all.
    """
    body = text if complete else text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    if not body.strip():
        raise SourceError(f"{file_name} is empty.", hint="Export it again.")
    chosen, spaced = (delimiter, False) if delimiter else _delimiter(body, file_name)
    body = _single_spaced(body) if spaced else body
    dialect = Dialect(delimiter=chosen, escape=_escape(body, chosen))
    rows = _rows(body, dialect)
    width = _width(rows)
    if width == 1:
        _refuse_single_column(body, file_name, chosen)
    skip = next((at for at, row in enumerate(rows) if len(row) >= max(2, width - 1)), 0) if width > 1 else 0
    table = rows[skip:]
    header = _has_header(table)
    names = (
        [cell.strip() for cell in table[0]] if header else [f"column_{at + 1}" for at in range(len(table[0]))]
    )
    if len(table) == int(header):
        raise SourceError(f"{file_name} has a header but no rows.", hint="Export it with its rows.")
    kept = tuple(tuple(row) for row in table[int(header) :] if len(row) == len(names))
    if names and not names[-1] and header:
        names = names[:-1] if all(len(row) < len(names) or not row[-1] for row in kept) else names
        kept = tuple(row[: len(names)] for row in kept)
    return Layout(
        dialect=replace(dialect, header=header, skip_lines=skip),
        names=tuple(names),
        rows=kept[:SAMPLE_ROWS],
        spaced=spaced,
    )


def _delimiter(text: str, file_name: str) -> tuple[str, bool]:
    """The delimiter whose field counts agree best over the lines; blanks only when nothing else does."""
    fits: list[tuple[float, int, str]] = []
    widths: dict[str, Counter[int]] = {}
    for candidate in DELIMITERS:
        rows = _rows(text, Dialect(delimiter=candidate))
        counts = widths[candidate] = Counter(len(row) for row in rows)
        width, lines = max(counts.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        if width > 1:
            fits.append((lines / len(rows), width, candidate))
    best = max(fits, key=lambda fit: (fit[0] >= _FITTING_SHARE, round(fit[0], 1), fit[1]), default=None)
    if best and best[0] >= _FITTING_SHARE:
        return best[2], False
    spaced = Counter(len(_SPACED_FIELDS.findall(line)) for line in text.splitlines() if line.strip())
    width, lines = spaced.most_common(1)[0]
    if width > 1 and lines >= _FITTING_SHARE * spaced.total() and best is None:
        return "\t", True
    if best and len(widths[best[2]]) > _BASKET_SPREAD:
        raise SourceError(
            f"{file_name} has lines of {len(widths[best[2]])} lengths: one basket a line, or no table.",
            hint="Give one purchase a line, with a column for the order, the product and the date.",
        )
    return (best[2] if best else ","), False


def _rows(text: str, dialect: Dialect) -> list[list[str]]:
    reader = csv.reader(
        _lines(text),
        delimiter=dialect.delimiter,
        doublequote=dialect.escape == '"',
        escapechar=None if dialect.escape == '"' else dialect.escape,
    )
    found: list[list[str]] = []
    try:
        found.extend(row for row in islice(reader, SAMPLE_ROWS * 2) if any(cell.strip() for cell in row))
    except csv.Error:  # a quote that is never closed swallows the rest: what came before it is enough
        return found or [[text]]
    return found or [[""]]


def _lines(text: str) -> Iterator[str]:
    r"""Lines as the engine has them: a form feed or a Unicode line separator does not end one.

    >>> list(_lines("1,a\x0cb\n2,c\r\n"))
    ['1,a\x0cb\n', '2,c\r\n']
    """
    return iter(io.StringIO(text, newline=""))


def _width(rows: list[list[str]]) -> int:
    """The usual number of fields; a first line of several fields shows that lines of one are broken."""
    wide = [len(row) for row in rows if len(row) > 1]
    counted = wide if len(rows[0]) > 1 else [len(row) for row in rows]
    return Counter(counted).most_common(1)[0][0]


def _refuse_single_column(text: str, file_name: str, delimiter: str) -> None:
    """One column is no table: say which delimiter would have given more."""
    better = [other for other in DELIMITERS if other != delimiter and text.count(other) >= text.count("\n")]
    needed = "A table needs a date and a product or an amount."
    hint = f"Try --set delimiter={better[0]!r}." if better else needed
    raise SourceError(f"{file_name} has a single column when split at {delimiter!r}.", hint=hint)


def _escape(text: str, delimiter: str) -> str:
    r"""What makes a quote in a quoted field a plain one: a second quote, or a backslash where more fits so.

    A backslash before a quote does not tell: it may be the last character of a field.

    >>> _escape('a,b\n"x \\"y\\"","z"\n', ","), _escape('a,b\n"C:\\","z"\n', ",")
    ('\\', '"')
    """
    if '\\"' not in text:
        return '"'
    return max('"', "\\", key=lambda escape: _fitting_lines(text, delimiter, escape))


def _fitting_lines(text: str, delimiter: str, escape: str) -> int:
    """How many lines belong to rows of the usual width whose quoted fields end at a delimiter or line end."""
    escapechar = None if escape == '"' else escape
    reader = csv.reader(_lines(text), delimiter=delimiter, escapechar=escapechar, strict=True)
    lines: Counter[int] = Counter()
    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        lines[len(row)] += reader.line_num - before
    blank = lines.pop(0, 0)
    return blank + max(lines.values(), default=0)


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: known names, or no figures where later rows have them."""
    first, later = [cell.strip() for cell in rows[0]], rows[1:100]
    if any(is_known_name(cell) for cell in first):
        return True
    if not later:
        return not any(_FIGURE.fullmatch(cell) for cell in first)
    if any(_FIGURE.fullmatch(cell) for cell in first if cell):
        return False
    figures = [at for at in range(len(first)) if _mostly_figures(at, later)]
    return bool(figures) or all(
        cell not in {row[at] for row in later if at < len(row)} for at, cell in enumerate(first)
    )


def _mostly_figures(at: int, rows: list[list[str]]) -> bool:
    cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
    return bool(cells) and sum(bool(_FIGURE.fullmatch(cell)) for cell in cells) > len(cells) / 2


def _single_spaced(text: str) -> str:
    return "\n".join("\t".join(_SPACED_FIELDS.findall(line)) for line in text.splitlines())


def tabbed(lines: Iterable[str]) -> Iterator[str]:
    """Lines whose fields stand apart by blanks, with one tab between two fields instead."""
    for line in lines:
        yield "\t".join(_SPACED_FIELDS.findall(line)) + "\n"


def mended(lines: Iterable[str], dialect: Dialect, width: int) -> Iterator[str]:
    r"""Lines in which every quoted field ends; a line that cannot be mended becomes a single field.

    A field may go on over some lines, so lines are joined while a quote is open. Where that does not
    give a row of the right width, the quote was a stray one: the line is given up, and only that line.

    >>> list(mended(['1,"a\n', 'b"\n', '2,"c\n', '3,d\n'], Dialect(), 2))
    ['1,"a\nb"\n', '""\n', '3,d\n']
    """
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        while waiting:
            taken = _complete(waiting, dialect, width)
            if taken == 0 and len(waiting) < _MOST_LINES_IN_A_FIELD:
                break
            yield "".join(waiting[:taken]) if taken > 0 else '""\n'
            del waiting[: max(taken, 1)]
    while waiting:
        taken = _complete(waiting, dialect, width)
        yield "".join(waiting[:taken]) if taken > 0 else '""\n'
        del waiting[: max(taken, 1)]


def _complete(waiting: list[str], dialect: Dialect, width: int) -> int:
    """How many of the waiting lines make one row: 0 when a quote is still open, -1 when they never will."""
    joined = ""
    for taken, line in enumerate(waiting, start=1):
        joined += line
        if joined.count(dialect.quote) % 2 == 0:
            rows = _rows(joined, dialect)
            return taken if taken == 1 or (len(rows) == 1 and len(rows[0]) == width) else -1
    return 0
