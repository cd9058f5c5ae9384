"""The loop: finds every derived table, orders them by their inputs, and rebuilds what is out of date.

This is the only file that knows the stages and their order.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module, resources
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from mindgap.kernel.clock import as_of_lag, now, utc_offset_seconds
from mindgap.kernel.derivation import At, Built, Derivation, Moment
from mindgap.kernel.errors import CannotSay, MindgapError
from mindgap.kernel.tables import CANONICAL
from mindgap.store.engine import Relation, Session
from mindgap.store.reading import Reader, Stores
from mindgap.store.state import Access, ModelEntry, ShelfEntry

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

STAGES = ("process", "analyze", "insight", "personalize")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One table as of one moment, to be built or found up to date.

    Attributes:
        derivation: What to build.
        moment: As of when, and under which settings.
        fingerprint: Of its inputs, code and settings.
        inputs: The as-of time of each input, by the name under which the build sees it.
    """

    derivation: Derivation
    moment: Moment
    fingerprint: str
    inputs: Mapping[str, datetime]


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
        kept: How many were up to date.
        seconds: How long it took.
    """

    as_of: datetime
    built: tuple[ShelfEntry, ...]
    kept: int
    seconds: float


@cache
def derivations() -> Mapping[str, Derivation]:
    """Every derived table of the package and its stage rooms, by name.

    Raises:
        MindgapError: Two modules offer a table of the same name.
    """
    found: dict[str, Derivation] = {}
    for stage in STAGES:
        package = import_module(f"mindgap.{stage}")
        names = [module.name for module in walk_packages(package.__path__, f"{package.__name__}.")]
        for module in map(import_module, names):
            for item in _offered(module):
                if found.setdefault(item.name, item) is not item:
                    raise MindgapError(f"Table {item.name!r} is made in two places.", hint="Rename one of them.")
    return found


def _offered(module: object) -> Iterator[Derivation]:
    for value in vars(module).values():
        candidates = value if isinstance(value, tuple) else (value,)
        yield from (item for item in candidates if isinstance(item, Derivation))


@cache
def _room_code(room: str) -> str:
    digest = hashlib.sha256()
    for file in _sources(resources.files(room)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(folder: "Traversable") -> Iterator["Traversable"]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry


def _code(item: Derivation) -> str:
    if item.sql:
        return item.sql
    module = getattr(item.build, "__module__", "mindgap.kernel")
    room = ".".join(module.split(".")[:2])
    return _room_code(room) + _room_code("mindgap.kernel") + item.name


@dataclass(slots=True)
class _Planner:
    """Walks back from the wanted tables to the canonical ones, fingerprinting on the way."""

    stores: Stores
    every: Mapping[str, Derivation]
    steps: dict[tuple[str, datetime], Step] = field(default_factory=dict)
    visiting: set[tuple[str, datetime]] = field(default_factory=set)

    def add(self, name: str, moment: Moment) -> str:
        """Plan a table as of a moment; returns its fingerprint."""
        key = (name, moment.as_of)
        if name in CANONICAL:
            return self._canonical(name, moment.as_of)
        if name not in self.every:
            raise MindgapError(f"No room makes the table {name!r}.", hint="Check the inputs of the model that asks for it.")
        if key not in self.steps:
            if key in self.visiting:
                raise MindgapError(f"Table {name!r} depends on itself.")
            self.visiting.add(key)
            self.steps[key] = self._step(self.every[name], moment)
        return self.steps[key].fingerprint

    def _step(self, item: Derivation, moment: Moment) -> Step:
        marks: list[Any] = [item.name, _code(item), _moment_mark(moment)]
        times: dict[str, datetime] = {}
        for key, at in item.inputs.items():
            times[key] = as_of_lag(moment.as_of, at.lag_days, moment.time_zone)
            marks.append([key, self.add(at.table, _shifted(moment, times[key]))])
        marks.append(list(self.stores.consent.withdrawn(item.purpose)))
        digest = hashlib.sha256(json.dumps(marks, default=str).encode()).hexdigest()
        return Step(derivation=item, moment=moment, fingerprint=digest[:32], inputs=times)

    def _canonical(self, name: str, as_of: datetime) -> str:
        keys = [p.key for p in self.stores.ledger.parts(name) if p.min_time is None or p.min_time < as_of]
        return hashlib.sha256(" ".join(sorted(keys)).encode()).hexdigest()


def _shifted(moment: Moment, as_of: datetime) -> Moment:
    return Moment(
        as_of=as_of,
        workspace=moment.workspace,
        seed=moment.seed,
        time_zone=moment.time_zone,
        currency=moment.currency,
        margin_rate=moment.margin_rate,
        discount_rate=moment.discount_rate,
    )


def _moment_mark(moment: Moment) -> list[str]:
    return [str(getattr(moment, name)) for name in Moment.__slots__]


def plan(stores: Stores, moment: Moment, *, tables: tuple[str, ...] = ()) -> list[Step]:
    """The steps from the canonical tables to the wanted ones, each after its inputs.

    Args:
        stores: The workspace's ports.
        moment: As of when.
        tables: The wanted tables; all of them by default.
    """
    planner = _Planner(stores, derivations())
    for name in tables or tuple(planner.every):
        planner.add(name, moment)
    return list(planner.steps.values())


def is_fresh(stores: Stores, step: Step) -> bool:
    """Whether the table on the shelf is what this step would build."""
    entry = stores.manifest.entry(step.derivation.name, step.moment.as_of)
    return entry is not None and entry.fingerprint == step.fingerprint


def run(stores: Stores, moment: Moment, *, observer: Observer | None = None) -> Outcome:
    """Rebuild everything that is out of date as of a moment.

    What cannot be said is recorded with its reason and the loop goes on; anything else that fails stops
    it, and what was built before stays.
    """
    listener = observer or Silent()
    began = time.perf_counter()
    steps = plan(stores, moment)
    stale = [step for step in steps if not is_fresh(stores, step)]
    listener.planned([_weight(stores, step) for step in stale])
    built: list[ShelfEntry] = []
    for step in stale:
        listener.building(step)
        entry = build(stores, step)
        listener.built(entry)
        built.append(entry)
    if built or stores.manifest.as_of() != moment.as_of:
        stores.manifest.complete(moment.as_of)
    _sweep(stores, steps)
    return Outcome(
        as_of=moment.as_of, built=tuple(built), kept=len(steps) - len(stale), seconds=time.perf_counter() - began
    )


def _weight(stores: Stores, step: Step) -> float:
    times = [entry.seconds for entry in stores.manifest.entries() if entry.name == step.derivation.name]
    return max(times, default=step.derivation.weight)


def build(stores: Stores, step: Step) -> ShelfEntry:
    """Build one table and put it on the shelf with its models; a reason takes its place if it cannot be said."""
    item, began = step.derivation, time.perf_counter()
    relative = f"shelf/{item.name}/{step.moment.as_of:%Y%m%dT%H%M%S}-{step.fingerprint}.parquet"
    reason: dict[str, Any] = {}
    models: list[ModelEntry] = []
    rows = 0
    with stores.files.staging() as staging:
        try:
            rows = _produce(stores, step, staging=staging, relative=relative, models=models)
        except CannotSay as answer:
            reason, relative = {"code": answer.code, "params": answer.params}, ""
        entry = ShelfEntry(
            name=item.name,
            as_of=step.moment.as_of,
            fingerprint=step.fingerprint,
            path=relative,
            rows=rows,
            built_at=now(),
            seconds=time.perf_counter() - began,
            reason=reason,
        )
        stores.manifest.keep(entry, models)
    return entry


def _produce(stores: Stores, step: Step, *, staging: Any, relative: str, models: list[ModelEntry]) -> int:
    item = step.derivation
    target = staging / "table.parquet"
    with _inputs(stores, step) as (session, available):
        if item.sql:
            rows = session.save(item.sql, target)
        else:
            rows = 0
            result = _call(item, _Tables(session, {key: item.inputs[key] for key in available}), step.moment)
            stores.files.write_table(result.table, target)
            rows = result.table.num_rows
            for model in result.models:
                path = f"vault/{model.name}/{step.fingerprint}"
                stores.files.write_model(model, staging / model.name)
                stores.files.adopt(staging / model.name, path)
                models.append(
                    ModelEntry(name=model.name, as_of=step.moment.as_of, path=path, card=model.card, built_at=now())
                )
    stores.files.adopt(target, relative)
    return rows


def _call(item: Derivation, tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    if item.build is None:
        raise MindgapError(f"Table {item.name!r} has neither a query nor a build function.")
    result = item.build(tables, moment)
    return result if isinstance(result, Built) else Built(table=result)


@contextmanager
def _inputs(stores: Stores, step: Step) -> Iterator[tuple[Session, list[str]]]:
    """A session that sees the step's inputs, and the keys of those that there are."""
    item = step.derivation
    reader = Reader(stores=stores, derivations=derivations(), actor="loop")
    relations: dict[str, Relation] = {"moment": _moment_relation(step.moment)}
    available: list[str] = []
    for key, at in item.inputs.items():
        relation = _relation(reader, at, step=step, key=key)
        if relation is not None:
            relations[key] = relation
            available.append(key)
    levels = [item.inputs[key].table for key in available if reader.is_customer_level(item.inputs[key].table)]
    stores.access.add(Access(at=now(), actor="loop", purpose=item.purpose, table=table) for table in levels)
    with stores.engine.session(relations) as session:
        yield session, available


def _relation(reader: Reader, at: At, *, step: Step, key: str) -> Relation | None:
    """What the build may see of one input; None when it is optional and not there.

    An SQL model sees a missing optional canonical table as an empty one.
    """
    item = step.derivation
    try:
        relation = reader.relation(at.table, purpose=item.purpose, as_of=step.inputs[key])
    except CannotSay:
        if at.optional:
            return None
        raise
    if at.table in CANONICAL and not relation.paths and not (at.optional and item.sql):
        if at.optional:
            return None
        raise CannotSay(f"no-{at.table}")
    return relation


def _moment_relation(moment: Moment) -> Relation:
    offset = utc_offset_seconds(moment.as_of, moment.time_zone)
    columns = {
        "as_of": pa.array([moment.as_of], pa.timestamp("us")),
        "utc_offset_seconds": pa.array([offset], pa.int64()),
    }
    return Relation(rows=pa.table(columns))


class _Tables(Mapping[str, pa.Table]):
    """A build's inputs, each read when first asked for."""

    def __init__(self, session: Session, inputs: Mapping[str, At]) -> None:
        self._session = session
        self._inputs = inputs
        self._read: dict[str, pa.Table] = {}

    def __getitem__(self, key: str) -> pa.Table:
        if key not in self._read:
            wanted = ", ".join(f'"{column}"' for column in self._inputs[key].columns) or "*"
            self._read[key] = self._session.table(f'select {wanted} from "{key}"')
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)


def _sweep(stores: Stores, steps: list[Step]) -> None:
    """Take off the shelf what this run neither built nor used, then delete what nothing names."""
    wanted = {(step.derivation.name, step.moment.as_of) for step in steps}
    for entry in stores.manifest.entries():
        if (entry.name, entry.as_of) not in wanted:
            stores.manifest.forget(entry)
    paths = [entry.path for entry in stores.manifest.entries()]
    paths += [model.path for model in stores.manifest.models()]
    paths += [part.path for name in CANONICAL for part in stores.ledger.parts(name)]
    paths += [record.quarantine_path for record in stores.ledger.sources()]
    stores.files.sweep(paths)


ObserverFactory = Callable[[], Observer]
