"""Which pieces a table that is kept by day should have as of a moment, and what each depends on.

A piece depends on the code, on where its day begins and ends, and on what its inputs hold of that day: rows
of canonical tables, pieces of other such tables, through views. Who withdrew consent is none of it: that is
cut when pieces are read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mindgap.kernel.clock import day_start
from mindgap.kernel.derivation import Derivation
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.slots import daily
from mindgap.store.files import Files
from mindgap.store.reading import Stores
from mindgap.store.state import DayEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one local day should give.

    Attributes:
        day: Local days since 1970-01-01.
        start_at: When the day begins, naive UTC.
        end_at: When it ends, or the as-of time before that.
        fingerprint: Of the day's inputs and the code.
        rows: How many rows of canonical tables the day has, at most.
    """

    day: int
    start_at: datetime
    end_at: datetime
    fingerprint: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """What an input depends on.

    Attributes:
        days: By day: what its rows of that day follow from, and how many there are.
        always: What all its rows follow from.
    """

    days: Mapping[int, tuple[str, int]]
    always: str = ""


@dataclass(slots=True, kw_only=True)
class Pieces:
    """Finds pieces, each table's once."""

    stores: Stores
    every: Mapping[str, Derivation]
    time_zone: str
    _marks: dict[tuple[str, datetime], _Marks] = field(default_factory=dict)
    _found: dict[tuple[str, datetime], Sequence[Piece]] = field(default_factory=dict)

    def of(self, item: Derivation, as_of: datetime) -> Sequence[Piece]:
        """The pieces of a table as of a moment, in order."""
        key = (item.name, as_of)
        if key not in self._found:
            self._found[key] = list(self._pieces(item, as_of))
        return self._found[key]

    def _pieces(self, item: Derivation, as_of: datetime) -> Iterator[Piece]:
        marks = self._combined(item, as_of)
        for day, (mark, rows) in sorted(marks.days.items()):
            start = day_start(day, self.time_zone)
            end = min(day_start(day + 1, self.time_zone), as_of)
            yield Piece(
                day=day,
                start_at=start,
                end_at=end,
                fingerprint=_digest([mark, marks.always, start.isoformat(), end.isoformat()]),
                rows=rows,
            )

    def _combined(self, item: Derivation, as_of: datetime) -> _Marks:
        """What a query follows from: its code, and all its inputs."""
        inputs = {key: self._of_input(item, key, as_of) for key in sorted(item.inputs)}
        always = [item.name, item.sql, *(f"{key} {marks.always}" for key, marks in inputs.items())]
        days: dict[int, tuple[str, int]] = {}
        for day in sorted({day for marks in inputs.values() for day in marks.days}):
            here = {key: marks.days[day] for key, marks in inputs.items() if day in marks.days}
            mark = _digest([f"{key} {mark}" for key, (mark, _) in here.items()])
            days[day] = (mark, max(rows for _, rows in here.values()))
        return _Marks(days=days, always=_digest(always))

    def _of_input(self, item: Derivation, key: str, as_of: datetime) -> _Marks:
        at = item.inputs[key]
        if at.lag_days:
            raise MindgapError(f"Table {item.name!r} is kept by day and cannot look back in {key!r}.")
        if (at.table, as_of) not in self._marks:
            self._marks[at.table, as_of] = self._of_table(at.table, as_of)
        return self._marks[at.table, as_of]

    def _of_table(self, name: str, as_of: datetime) -> _Marks:
        if name in self.stores.given:
            return _Marks(days={}, always=_digest([str(self.stores.given[name]().to_pydict())]))
        if name in CANONICAL and CANONICAL[name].time_column:
            return _Marks(days=daily(self.stores.ledger.parts(name), as_of, self.time_zone))
        item = self.every.get(name)
        if item is not None and item.form == "view":
            return self._combined(item, as_of)
        if item is not None and item.form == "days":
            return _Marks(days={piece.day: (piece.fingerprint, piece.rows) for piece in self.of(item, as_of)})
        raise MindgapError(f"A table that is kept by day cannot read {name!r}, which is not of a day.")


def stale_pieces(stores: Stores, name: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Those of them that are not there, or out of date."""
    return stale_among(stores.manifest.days(name), pieces, stores.files)


def stale_among(entries: Iterable[DayEntry], pieces: Sequence[Piece], files: Files) -> list[Piece]:
    """Those of a table's pieces that are not among what there is, or out of date."""
    known = {(entry.day, entry.end_at): entry for entry in entries}
    return [piece for piece in pieces if not _is_fresh(piece, known.get((piece.day, piece.end_at)), files)]


def _is_fresh(piece: Piece, entry: DayEntry | None, files: Files) -> bool:
    if entry is None or entry.fingerprint != piece.fingerprint:
        return False
    return not entry.path or files.is_whole(entry.path)


def _digest(marks: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()[:32]
