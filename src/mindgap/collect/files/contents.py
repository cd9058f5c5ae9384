"""What a column's cells look like, from a sample: dates, figures, scores, names, ways to reach a person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mindgap.collect.files.synonyms import vocabulary

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ,].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ,].*)?"
    r"|\d{4}年\d{1,2}月\d{1,2}[日号]?.*|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d{4}|\d{6})?"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}.*|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}.*"
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
_EPOCH = re.compile(r"1\d{9}(\d{3}|\d{6})?(\.\d+)?")
_NUMBER = re.compile(r"[-+(]?\s*[$€£¥￥₹]?\s*-?\d[\d.,' ]*\)?\s*(元|[$€£¥￥₹]|[A-Z]{3})?-?(?:[eE][-+]?\d+)?")
_INTEGER = re.compile(r"-?\d+(\.0+)?")
_DECIMALS = re.compile(r"[^A-Za-z]*\d?[.,](\d\d?|\d{4,})\D{0,4}(?<!\.0)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(
    r"1[3-9]\d{9}|\+\d[\d ().-]{7,}|\(?0\d{2,4}[) -][\d -]{6,}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
)
_IDENTITY_CARD = re.compile(r"\d{17}[\dXx]")
_ADDRESS_OF_MACHINE = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
_CONTACTS = _EMAIL, _PHONE, _IDENTITY_CARD, _ADDRESS_OF_MACHINE
_TEXT_LENGTH = 40
_SCORE_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Shares are of the filled cells, 0 to 1; everything is 0 for an empty column.

    Attributes:
        filled: Share of the cells that hold something.
        distinct: Different values per filled cell.
        date: Share that reads as a date.
        clock: Share that reads as a time of day.
        epoch: Share that reads as seconds or more since 1970.
        number: Share that reads as a figure.
        integer: Share that is a whole figure.
        fraction: Share of figures written with decimals, as prices are; 12.0 counts as whole.
        length: Mean number of characters.
        smallest: The smallest figure; 0 without figures.
        largest: The largest figure; 0 without figures.
        contact: Share that is an e-mail, phone, identity-card or network address.
        values: Different values, at most a hundred, in lower case: to look for known words, never to show.
    """

    filled: float
    distinct: float
    date: float
    clock: float
    epoch: float
    number: float
    integer: float
    fraction: float
    length: float
    smallest: float
    largest: float
    contact: float
    values: frozenset[str]

    @property
    def is_score(self) -> bool:
        """Whether the cells are few small figures, as scores are; the lowest ones may not have been given."""
        return (
            self.number > 0.9  # noqa: PLR2004 - nearly all
            and self.smallest >= 0
            and 1 < self.largest <= _SCORE_MOST
            and len(self.values) <= 2 * _SCORE_MOST + 1
        )

    @property
    def is_prose(self) -> bool:
        """Whether the cells are sentences."""
        return self.length > _TEXT_LENGTH and self.number < 0.1 and self.distinct > 0.3  # noqa: PLR2004 - mostly differing text


def contents_of(cells: Iterable[str]) -> Contents:
    """Describe the cells of one column.

    >>> seen = contents_of(["2024-03-05", "", "2024-03-06"])
    >>> seen.date, round(seen.filled, 2)
    (1.0, 0.67)
    """
    everything = [cell.strip() for cell in cells]
    nothing = vocabulary().words["nothing"]
    filled = [cell for cell in everything if cell.lower() not in nothing]
    n = max(len(filled), 1)
    different = {cell.lower() for cell in filled}
    figures = [_figure(cell) for cell in filled if _NUMBER.fullmatch(cell)]
    return Contents(
        filled=len(filled) / max(len(everything), 1),
        distinct=len(different) / n,
        date=_share(_DATE, filled),
        clock=_share(_CLOCK, filled),
        epoch=_share(_EPOCH, filled),
        number=len(figures) / n,
        integer=_share(_INTEGER, filled),
        fraction=_share(_DECIMALS, filled),
        length=sum(map(len, filled)) / n,
        smallest=min(figures, default=0.0),
        largest=max(figures, default=0.0),
        contact=max(_share(pattern, filled) for pattern in _CONTACTS),
        values=frozenset(sorted(different)[:100]),
    )


def is_contact(cell: str) -> bool:
    """Whether a cell is an e-mail, phone, identity-card or network address.

    >>> is_contact(" a@b.example "), is_contact("gold")
    (True, False)
    """
    bare = cell.strip()
    return any(pattern.fullmatch(bare) for pattern in _CONTACTS)


def _share(pattern: re.Pattern[str], cells: list[str]) -> float:
    return sum(bool(pattern.fullmatch(cell)) for cell in cells) / max(len(cells), 1)


def _figure(cell: str) -> float:
    """The rough size of a figure; which comma is the decimal one does not matter here."""
    digits = re.sub(r"[^\d.,eE-]", "", cell)
    if digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".") if len(digits) - digits.index(",") != 4 else digits.replace(",", "")  # noqa: PLR2004 - a comma and three digits
    try:
        size = float(digits.replace(",", ""))
    except ValueError:
        return 0.0
    return -abs(size) if cell.startswith("(") or cell.endswith("-") else size
