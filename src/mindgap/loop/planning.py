"""From wanted tables back to canonical ones: which steps there are, and a fingerprint of each."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import Derivation, Moment
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.offered import code_mark, derivations, follows_from
from mindgap.loop.pieces import Piece, Pieces, stale_among
from mindgap.store.asked_once import LedgerAskedOnce
from mindgap.store.provenance import reading_order
from mindgap.store.reading import Stores, withdrawn

if TYPE_CHECKING:
    from mindgap.store.state import DayEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One table as of one moment, to be built or found up to date.

    Attributes:
        derivation: What to build.
        moment: As of when, and under which settings.
        fingerprint: Of its inputs, code and settings.
        inputs: The as-of time of each input, by the name under which the build sees it.
        pieces: Of a table that is kept by day: those that it should have.
    """

    derivation: Derivation
    moment: Moment
    fingerprint: str
    inputs: Mapping[str, datetime]
    pieces: Sequence[Piece] = ()


@dataclass(slots=True, kw_only=True)
class _Planner:
    """Walks back from the wanted tables to the canonical ones, fingerprinting on the way."""

    stores: Stores
    every: Mapping[str, Derivation]
    pieces: Pieces
    steps: dict[tuple[str, datetime], Step] = field(default_factory=dict)
    fingerprints: dict[tuple[str, datetime], str] = field(default_factory=dict)
    visiting: set[tuple[str, datetime]] = field(default_factory=set)
    withdrawn: dict[Purpose, Sequence[str]] = field(default_factory=dict)

    def add(self, name: str, moment: Moment) -> str:
        """Plan a table as of a moment; returns its fingerprint."""
        key = (name, moment.as_of)
        if key not in self.fingerprints:
            if key in self.visiting:
                raise MindgapError(f"Table {name!r} depends on itself.")
            self.visiting.add(key)
            self.fingerprints[key] = self._fingerprint(name, moment)
        return self.fingerprints[key]

    def _fingerprint(self, name: str, moment: Moment) -> str:
        if name in CANONICAL:
            return self._canonical(name, moment.as_of)
        if name in self.stores.given:
            return _digest(str(self.stores.given[name]().to_pydict()))
        if name not in self.every:
            raise MindgapError(
                f"No room makes the table {name!r}.", hint="Check the inputs of the model that asks for it."
            )
        item = self.every[name]
        times = {
            key: as_of_lag(moment.as_of, at.lag_days, moment.time_zone) for key, at in item.inputs.items()
        }
        marks: list[Any] = [
            [key, self.add(item.inputs[key].table, replace(moment, as_of=at))] for key, at in times.items()
        ]
        marks += [
            reading_order(self.stores.ledger, at.table, times[key])
            for key, at in item.inputs.items()
            if at.by_source
        ]
        if item.form == "view":  # worked out by whoever reads it, whose own settings and purpose count
            return _digest(json.dumps([item.name, item.sql, marks]))
        step = self._step(item, moment, marks)
        self.steps[name, moment.as_of] = replace(step, inputs=times)
        return step.fingerprint

    def _step(self, item: Derivation, moment: Moment, marks: list[Any]) -> Step:
        if item.form == "days":
            pieces = self.pieces.of(item, moment.as_of)
            marks = [item.name, item.sql, [[piece.day, piece.fingerprint] for piece in pieces]]
            if not pieces:  # the reason why depends on what there is
                origins = sorted(set(CANONICAL) & follows_from(item))
                marks += [len(self.stores.ledger.parts(name)) > 0 for name in origins]
        else:
            pieces = ()
            marks = [item.name, code_mark(item), _moment_mark(moment), *marks, self._withdrawn(item.purpose)]
        fingerprint = _digest(json.dumps(marks, default=str))[:32]
        return Step(derivation=item, moment=moment, fingerprint=fingerprint, inputs={}, pieces=pieces)

    def _withdrawn(self, purpose: Purpose) -> Sequence[str]:
        if purpose not in self.withdrawn:
            self.withdrawn[purpose] = withdrawn(self.stores, purpose)
        return self.withdrawn[purpose]

    def _canonical(self, name: str, as_of: datetime) -> str:
        keys = [p.key for p in self.stores.ledger.parts(name) if p.min_time is None or p.min_time < as_of]
        return _digest(" ".join(sorted(keys)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _moment_mark(moment: Moment) -> list[str]:
    return [str(getattr(moment, name)) for name in Moment.__slots__]


def plan(stores: Stores, moment: Moment, *, tables: tuple[str, ...] = ()) -> list[Step]:
    """The steps from the canonical tables to the wanted ones, each after its inputs.

    Args:
        stores: The workspace's ports.
        moment: As of when.
        tables: The wanted tables; all of them by default.
    """
    stores = replace(stores, ledger=LedgerAskedOnce(stores.ledger))
    every = derivations()
    pieces = Pieces(stores=stores, every=every, time_zone=moment.time_zone)
    planner = _Planner(stores=stores, every=every, pieces=pieces)
    for name in tables or tuple(planner.every):
        planner.add(name, moment)
    return list(planner.steps.values())


def stale_steps(stores: Stores, steps: Iterable[Step]) -> list[Step]:
    """Those of them whose table is not on the shelf as it would be built, or whose files are not whole."""
    entries = {(entry.name, entry.as_of): entry for entry in stores.manifest.entries()}
    days: defaultdict[str, list[DayEntry]] = defaultdict(list)
    for day in stores.manifest.days():
        days[day.name].append(day)
    models = [model.path for model in stores.manifest.models()]

    def is_stale(step: Step) -> bool:
        name = step.derivation.name
        entry = entries.get((name, step.moment.as_of))
        if entry is None or entry.fingerprint != step.fingerprint:
            return True
        if stale_among(days[name], step.pieces, stores.files):
            return True
        if entry.path and not stores.files.is_whole(entry.path):
            return True
        own = [path for path in models if path.endswith(step.fingerprint)]
        return not all(stores.files.path(path).exists() for path in own)

    return [step for step in steps if is_stale(step)]
