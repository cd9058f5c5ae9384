"""Runs the loop: everything that is out of date, inputs first."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mindgap.kernel.clock import now
from mindgap.kernel.derivation import Moment
from mindgap.kernel.purposes import WITHDRAWABLE
from mindgap.loop.building import build, build_together, is_failure
from mindgap.loop.converted_files import is_converted
from mindgap.loop.merges import record_persons
from mindgap.loop.pieces import stale_pieces
from mindgap.loop.planning import Step, plan, stale_steps
from mindgap.store.persons import SAME_PERSON
from mindgap.store.reading import Stores, withdrawn
from mindgap.store.state import DayEntry, ShelfEntry, pieces_as_of

_DAYS_ROWS_A_SECOND = 500_000
"""Roughly, to tell how long a table will take."""


class Observer(Protocol):
    """Hears how the loop gets on; the command line draws a progress bar from it."""

    def planned(self, weights: list[float]) -> None:
        """The relative cost of every step that will be built, in order."""
        ...

    def building(self, step: Step) -> None:
        """A step begins."""
        ...

    def built(self, entry: ShelfEntry) -> None:
        """A step ended."""
        ...


class Silent:
    """An observer that does nothing."""

    def planned(self, weights: list[float]) -> None:
        """Do nothing."""

    def building(self, step: Step) -> None:
        """Do nothing."""

    def built(self, entry: ShelfEntry) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did.

    Attributes:
        as_of: Nothing later was looked at.
        built: The tables that were rebuilt.
        failed: Those of them whose build broke; all else is good.
        kept: How many were up to date.
        seconds: How long it took.
    """

    as_of: datetime
    built: tuple[ShelfEntry, ...]
    failed: tuple[ShelfEntry, ...]
    kept: int
    seconds: float


def run(stores: Stores, moment: Moment, *, observer: Observer | None = None) -> Outcome:
    """Rebuild everything that is out of date as of a moment.

    What cannot be said, or breaks, is recorded with its reason and the loop goes on; a workspace that
    cannot be written stops it, and what was built before stays.
    """
    listener = observer or Silent()
    began = time.perf_counter()
    before, left_out = stores.manifest.as_of(), _left_out(stores)
    steps, built = _bring_up(stores, moment, listener)
    if built or before != moment.as_of:
        stores.manifest.complete(moment.as_of)
    if left_out != _left_out(stores):  # it was found now that who withdrew has another id, or lacks one
        steps, again = _bring_up(stores, moment, listener)
        built = list({(one.name, one.as_of): one for one in (*built, *again)}.values())
    record_persons(stores, moment, at=now())
    _sweep(stores, steps, before=before)
    return Outcome(
        as_of=moment.as_of,
        built=tuple(built),
        failed=tuple(entry for entry in built if is_failure(entry)),
        kept=len(steps) - len(built),
        seconds=time.perf_counter() - began,
    )


def _bring_up(stores: Stores, moment: Moment, listener: Observer) -> tuple[list[Step], list[ShelfEntry]]:
    """Build what is out of date; returns all steps, and what was built."""
    steps = plan(stores, moment)
    stale = in_batches(stale_steps(stores, steps))
    listener.planned(_weights(stores, [step for batch in stale for step in batch]))
    built: list[ShelfEntry] = []
    for batch in stale:
        for entry in build_batch(stores, batch, begins=listener.building):
            listener.built(entry)
            built.append(entry)
    return steps, built


def _left_out(stores: Stores) -> list[Sequence[str]]:
    return [withdrawn(stores, purpose) for purpose in WITHDRAWABLE]


def in_batches(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """What is built at once: tables that are kept by day by their as-of time, and all others one by one.

    The former follow from no others, and so come first.
    """
    by_day: defaultdict[datetime, list[Step]] = defaultdict(list)
    for step in steps:
        if step.derivation.form == "days":
            by_day[step.moment.as_of].append(step)
    return [*by_day.values(), *([step] for step in steps if step.derivation.form != "days")]


def build_batch(
    stores: Stores, batch: Sequence[Step], *, begins: Callable[[Step], None]
) -> Sequence[ShelfEntry]:
    """Build what is built at once."""
    if batch[0].derivation.form == "days":
        return build_together(stores, batch, begins=begins)
    begins(batch[0])
    return [build(stores, batch[0])]


def _weights(stores: Stores, steps: Sequence[Step]) -> list[float]:
    seconds: defaultdict[str, float] = defaultdict(float)
    for entry in stores.manifest.entries() if steps else ():
        seconds[entry.name] = max(seconds[entry.name], entry.seconds)
    return [
        _weight_of_days(stores, step)
        if step.derivation.form == "days"
        else seconds.get(step.derivation.name, step.derivation.weight)
        for step in steps
    ]


def _weight_of_days(stores: Stores, step: Step) -> float:
    stale = stale_pieces(stores, step.derivation.name, step.pieces)
    return 0.05 + sum(piece.rows for piece in stale) / _DAYS_ROWS_A_SECOND


def _sweep(stores: Stores, steps: list[Step], *, before: datetime | None) -> None:
    """Take off the shelf what this run neither built nor used, then delete what nothing names.

    Tables of the run before stay for one run more: somebody may be reading them. Who is one person as of the
    latest moment stays while runs look back: withdrawals count by all that is known.
    """
    wanted = {(step.derivation.name, step.moment.as_of) for step in steps}
    entries = stores.manifest.entries()
    wanted |= {(SAME_PERSON, max((one.as_of for one in entries if one.name == SAME_PERSON), default=None))}
    for entry in entries:
        if (entry.name, entry.as_of) not in wanted and entry.as_of != before:
            stores.manifest.forget(entry)
    _forget_pieces(stores, steps, before=before)
    stores.files.sweep(stores.named_files())


def _forget_pieces(stores: Stores, steps: list[Step], *, before: datetime | None) -> None:
    """Name no longer what neither this run's tables are made of, nor those of the run before."""
    wanted = {(step.derivation.name, piece.day, piece.end_at) for step in steps for piece in step.pieces}
    by_table: defaultdict[str, list[DayEntry]] = defaultdict(list)
    for entry in stores.manifest.days():
        if not is_converted(entry.name):
            by_table[entry.name].append(entry)
    gone: list[DayEntry] = []
    for entries in by_table.values():
        kept = pieces_as_of(entries, before) if before else []
        gone += [one for one in entries if (one.name, one.day, one.end_at) not in wanted and one not in kept]
    stores.manifest.forget_days(gone)
