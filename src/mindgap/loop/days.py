"""Brings tables that are kept by day up to date: pieces that are not there or stale, in groups of days.

Tables that share an as-of time are worked on together, group by group of days, so that what several of them
ask of the same days (a shared view) is worked out once. Groups need nothing of each other: an engine that
can work on several at once does.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay
from mindgap.loop.day_groups import DayGroup, DaysWork, groups
from mindgap.loop.offered import derivations
from mindgap.loop.pieces import Piece, stale_pieces
from mindgap.loop.planning import Step
from mindgap.store.engine import Engine
from mindgap.store.reading import Reader, Scope, Stores
from mindgap.store.state import Access, DayEntry, pieces_as_of


def build_days(
    stores: Stores,
    steps: Sequence[Step],
    *,
    staging: Path,
    begins: Callable[[Step], None],
) -> list[DaysWork]:
    """Build what is stale of some tables as of one moment; each group of days is there once it is finished.

    A table whose query breaks is given up, with those that follow from it; the others go on.

    Args:
        stores: The workspace's ports.
        steps: The tables, each after those that it follows from.
        staging: An empty folder.
        begins: Hears which table is worked on.

    Raises:
        MindgapError: The workspace cannot be read or written.
    """
    works = [
        DaysWork(
            step=step, stale={one.day: one for one in stale_pieces(stores, step.derivation.name, step.pieces)}
        )
        for step in steps
    ]
    for work in works:
        _look_at_inputs(_reader(stores, work.step), work)
    every = _merged(step.pieces for step in steps)
    stale = _merged(work.stale.values() for work in works)
    found = groups(stale, every, rows_at_once=stores.engine.rows_at_once)
    _Groups(stores=stores, works=works, staging=staging, begins=begins, left=deque(enumerate(found))).build()
    for work in works:
        _forget_others(stores, work.step)
    return works


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Groups of days that are worked off by one session, or several side by side.

    Attributes:
        stores: The workspace's ports.
        works: The tables.
        staging: An empty folder.
        begins: Hears which table is worked on.
        left: The groups that nobody works on yet, numbered.
        lock: Held while what all sessions share is changed.
    """

    stores: Stores
    works: Sequence[DaysWork]
    staging: Path
    begins: Callable[[Step], None]
    left: deque[tuple[int, Sequence[Piece]]]
    lock: Lock = field(default_factory=Lock)

    def build(self) -> None:
        """Work them all off."""
        if not self.left:
            return
        engines = self.stores.engine.side_by_side(len(self.left))
        if len(engines) == 1:
            self._work_off(engines[0], share=1.0)
            return
        with ThreadPoolExecutor(len(engines)) as pool:
            try:
                for one in [pool.submit(self._work_off, each, share=1 / len(engines)) for each in engines]:
                    one.result()
            finally:
                self.left.clear()  # nobody begins another group after Ctrl-C

    def _work_off(self, engine: Engine, *, share: float) -> None:
        """Work off groups in one session, until none is left or something breaks here or in another."""
        try:
            with engine.session({}) as session:
                for nth, pieces in iter(self._next, None):
                    group = DayGroup(
                        reader=_reader(self.stores, self.works[0].step),
                        session=session,
                        pieces=pieces,
                        staging=self.staging / str(nth),
                    )
                    group.build(self.works, begins=self._begins)
                    with self.lock:
                        for work in self.works:
                            work.seconds += group.seconds.get(work.item.name, 0.0) * share
        finally:
            self.left.clear()

    def _next(self) -> tuple[int, Sequence[Piece]] | None:
        with suppress(IndexError):  # several sessions ask at once, and whichever breaks takes all away
            return self.left.popleft()
        return None

    def _begins(self, step: Step) -> None:
        with self.lock:
            self.begins(step)


def _reader(stores: Stores, step: Step) -> Reader:
    return Reader(stores=stores, derivations=derivations(), actor="loop", time_zone=step.moment.time_zone)


def rows_of(stores: Stores, step: Step) -> int:
    """How many rows a table has as of the step's moment."""
    return sum(entry.rows for entry in _seen(stores, step) if (entry.day, entry.end_at) in _wanted(step))


def _forget_others(stores: Stores, step: Step) -> None:
    wanted, seen = _wanted(step), _seen(stores, step)
    stores.manifest.forget_days(entry for entry in seen if (entry.day, entry.end_at) not in wanted)


def _wanted(step: Step) -> set[tuple[int, object]]:
    return {(piece.day, piece.end_at) for piece in step.pieces}


def _seen(stores: Stores, step: Step) -> Sequence[DayEntry]:
    return pieces_as_of(stores.manifest.days(step.derivation.name), step.moment.as_of)


def _merged(some: Iterable[Iterable[Piece]]) -> list[Piece]:
    """The days of several tables, each once, in order."""
    days: dict[int, Piece] = {}
    for pieces in some:
        for piece in pieces:
            if piece.day not in days or days[piece.day].rows < piece.rows:
                days[piece.day] = piece
    return [days[day] for day in sorted(days)]


def _look_at_inputs(reader: Reader, work: DaysWork) -> None:
    """Give a table up when an input is not there, or record that customer data is read."""
    item = work.item
    scope = Scope(purpose=item.purpose, as_of=work.step.moment.as_of, withhold=False, by_day=True)
    try:
        for key in item.inputs:
            reader.input(item, key, scope)
    except CannotSay as answer:
        work.error = answer
        return
    tables = [at.table for at in item.inputs.values() if reader.is_customer_level(at.table)]
    entries = [Access(at=now(), actor=reader.actor, purpose=item.purpose, table=table) for table in tables]
    reader.stores.access.add(entries)
