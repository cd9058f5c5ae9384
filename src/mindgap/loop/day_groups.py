"""Days that one query can work on, and the work on such a group: table after table, in one session."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindgap.kernel.clock import DAY
from mindgap.kernel.derivation import Derivation
from mindgap.kernel.errors import CannotSay, MindgapError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.offered import follows_from
from mindgap.loop.pieces import Piece
from mindgap.loop.planning import Step
from mindgap.store.circumstances import Tile, tile_relation
from mindgap.store.engine import Relation, Session
from mindgap.store.reading import Reader, Scope
from mindgap.store.state import DayEntry


@dataclass(slots=True, kw_only=True)
class DaysWork:
    """One table's part of the work.

    Attributes:
        step: What to build.
        stale: The pieces that are not there or out of date, by day.
        seconds: How long it took so far.
        error: Why it was given up.
    """

    step: Step
    stale: Mapping[int, Piece]
    seconds: float = 0.0
    error: Exception | None = None

    @property
    def item(self) -> Derivation:
        """The table."""
        return self.step.derivation


def groups(stale: Sequence[Piece], every: Sequence[Piece], *, rows_at_once: int) -> Iterator[Sequence[Piece]]:
    """Runs of stale days that one query can work on.

    Days between two of them have no rows, and all but the last are of 24 hours, so that a row's day follows
    from how long after the first one's start it lies.
    """
    places = {piece.day: nth for nth, piece in enumerate(every)}
    group: list[Piece] = []
    for piece in stale:
        if group and not (
            places[piece.day] == places[group[-1].day] + 1
            and piece.start_at - group[0].start_at == (piece.day - group[0].day) * DAY
            and sum(one.rows for one in group) + piece.rows <= rows_at_once
        ):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


@dataclass(frozen=True, slots=True, kw_only=True)
class DayGroup:
    """Some days that are worked on together.

    Attributes:
        reader: Reads for the tables.
        session: Where they are worked out.
        pieces: The days.
        staging: Where files are made.
        held: What the session holds of shared views.
        seconds: How long each table took.
    """

    reader: Reader
    session: Session
    pieces: Sequence[Piece]
    staging: Path
    held: dict[tuple[str, Purpose], Relation] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def build(self, works: Sequence[DaysWork], *, begins: Callable[[Step], None]) -> None:
        """Work through the tables."""
        self.session.bind({"tile": tile_relation(self._tile())})
        for work in works:
            wanted = [work.stale[one.day] for one in self.pieces if one.day in work.stale]
            if not wanted or _is_given_up(work, works):
                continue
            begins(work.step)
            began = time.perf_counter()
            try:
                self._build(work.item, wanted)
            except (OSError, MemoryError):
                raise
            except Exception as error:
                if isinstance(error, MindgapError) and not isinstance(error, CannotSay):
                    raise
                work.error = error
            self.seconds[work.item.name] = time.perf_counter() - began

    def _tile(self) -> Tile:
        first, last = self.pieces[0], self.pieces[-1]
        return Tile(first_day=first.day, start_at=first.start_at, days=last.day - first.day + 1)

    def _build(self, item: Derivation, wanted: Sequence[Piece]) -> None:
        scope = Scope(
            purpose=item.purpose,
            as_of=self.pieces[-1].end_at,
            tile=self._tile(),
            withhold=False,
            by_day=True,
            held=self.held,
        )
        self._hold(item, scope)
        inputs = {key: self.reader.input(item, key, scope) for key in item.inputs}
        self.session.bind({key: relation for key, relation in inputs.items() if relation is not None})
        found = self.session.save_days(item.sql, self.staging / item.name)
        strange = found.keys() - {piece.day for piece in self.pieces}
        if strange:
            raise MindgapError(f"Table {item.name!r} gives rows of day {min(strange)}, which it did not see.")
        self.reader.stores.manifest.keep_days(self._entries(item, wanted, found))

    def _hold(self, item: Derivation, scope: Scope) -> None:
        """Hold the shared views that a table follows from, those that they follow from first."""
        for at in item.inputs.values():
            view = self.reader.derivations.get(at.table)
            if view is None or view.form != "view" or (view.name, scope.purpose) in self.held:
                continue
            self._hold(view, scope)
            if view.shared:
                rows = sum(piece.rows for piece in self.pieces)
                relation = self.reader.seen(view.name, scope)
                name = f"{view.name}_{scope.purpose}"
                self.held[view.name, scope.purpose] = self.session.hold(name, relation, rows=rows)

    def _entries(
        self, item: Derivation, wanted: Sequence[Piece], found: Mapping[int, tuple[Path, int]]
    ) -> Iterator[DayEntry]:
        for piece in wanted:
            path, rows = found.get(piece.day, (None, 0))
            relative = ""
            if path is not None:
                relative = f"shelf/{item.name}/day-{piece.start_at:%Y%m%dT%H%M%S}-{piece.fingerprint}.parquet"
                self.reader.stores.files.adopt(path, relative)
            yield DayEntry(
                name=item.name,
                day=piece.day,
                end_at=piece.end_at,
                fingerprint=piece.fingerprint,
                path=relative,
                rows=rows,
            )


def _is_given_up(work: DaysWork, works: Sequence[DaysWork]) -> bool:
    """Whether a table is, or now has to be because one that it follows from is."""
    broken = {one.item.name: one.error for one in works if not isinstance(one.error, CannotSay | None)}
    if work.error is None and broken:
        work.error = next((broken[name] for name in broken if name in follows_from(work.item)), None)
    return work.error is not None
