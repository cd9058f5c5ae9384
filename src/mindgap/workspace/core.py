"""One workspace: run it, read its tables, ask for its answers."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from mindgap.collect.importing import Inspection
from mindgap.kernel.clock import next_midnight, now
from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import (
    BusyError,
    CannotSay,
    MindgapError,
    StorageError,
    UnknownError,
    UsageError,
)
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.kernel.settings import WorkspaceSettings
from mindgap.loop.offered import derivations
from mindgap.loop.running import Observer, Outcome
from mindgap.loop.running import run as run_loop
from mindgap.store.reading import Reader, Stores, require_person_purpose
from mindgap.workspace import answers, sources
from mindgap.workspace.sources import Intake

DATA_FOLDER = ".mindgap"
_SECONDS_TO_WAIT = 0.2
_EARLIEST, _LATEST = datetime(1980, 1, 1), datetime(2200, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A business's data, models and answers in one folder.

    Attributes:
        folder: The workspace folder; mindgap.toml lies in it, all data below `.mindgap`.
        settings: The section [workspace] of mindgap.toml.
        stores: The ports, wired to their backends.
        actor: Who asks, for the record of reads.
    """

    folder: Path
    settings: WorkspaceSettings
    stores: Stores
    actor: str = "python"

    @property
    def as_of(self) -> datetime | None:
        """The as-of time of the last complete run (naive UTC), or None before the first."""
        return self.stores.manifest.as_of()

    def add(
        self,
        path: str | Path,
        *,
        kind: str | None = None,
        columns: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Intake:
        """Bring a file, or every file of a folder, in; how it was understood is kept in mindgap.toml.

        Args:
            path: CSV, TSV, JSON lines, Parquet or Excel, or a folder of them.
            kind: orders, customers, products, exposures or feedback; found out by default.
            columns: Column of the file by canonical field, where the guess would be wrong.
            options: How to read it: time_zone, day_first, decimal_comma, amount_is, duplicates, ...

        Raises:
            SourceError: It cannot be read.
            MappingError: Its columns cannot be understood.
            BusyError: Another process is working in this workspace.
        """
        inspections, failures = sources.look_at(
            self.settings, path, kind=kind, columns=columns, options=options
        )
        return self.accept(inspections, failures)

    def inspect(
        self,
        path: str | Path,
        *,
        kind: str | None = None,
        columns: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[list[Inspection], dict[str, MindgapError]]:
        """Look at a file or folder without reading it in: what was understood, and what was not, by name."""
        return sources.look_at(self.settings, path, kind=kind, columns=columns, options=options)

    def accept(
        self,
        inspections: Sequence[Inspection],
        failures: Mapping[str, MindgapError] | None = None,
        *,
        hear: sources.Hear | None = None,
    ) -> Intake:
        """Keep sources as they were understood, and read what is new; `hear` is told what is being read."""
        with self.exclusive():
            sources.keep(self, inspections)
            intake = sources.read_sources(self, hear=hear)
        return replace(intake, failures={**intake.failures, **(failures or {})})

    def refresh(self, *, hear: sources.Hear | None = None) -> Intake:
        """Read every source that changed since it was read last."""
        with self.exclusive():
            return sources.read_sources(self, hear=hear)

    def run(self, *, as_of: datetime | None = None, observer: Observer | None = None) -> Outcome:
        """Read sources that changed, then rebuild every derived table that is out of date.

        A source that can no longer be read hinders nothing: what it gave before is kept (`refresh` tells).

        Args:
            as_of: Nothing at or after this moment (naive UTC) is looked at; by default the first
                midnight after the latest order.
            observer: Hears of the progress.

        Raises:
            CannotSay: There are no orders yet.
            UsageError: `as_of` lies before every order.
            BusyError: Another process is running in this workspace.
            StorageError: The disk is full, or the folder cannot be written; what was finished is kept.
        """
        with self.exclusive():
            sources.read_sources(self)
            moment = self.moment(as_of)
            return run_loop(self.stores, moment, observer=observer)

    def moment(self, as_of: datetime | None = None) -> Moment:
        """The circumstances of a run: the as-of time and the workspace's settings."""
        chosen = self.settings
        return Moment(
            as_of=self._data_end() if as_of is None else self._checked(as_of),
            workspace=chosen.name,
            seed=chosen.seed,
            time_zone=chosen.time_zone,
            currency=chosen.currency,
            margin_rate=chosen.margin_rate,
            discount_rate=chosen.discount_rate,
        )

    def _data_end(self) -> datetime:
        times = [part.max_time for part in self.stores.ledger.parts("orders") if part.max_time is not None]
        if not times:
            raise CannotSay("no-orders")
        return next_midnight(max(times), self.settings.time_zone)

    def _checked(self, as_of: datetime) -> datetime:
        times = [part.min_time for part in self.stores.ledger.parts("orders") if part.min_time is not None]
        if not times:
            raise CannotSay("no-orders")
        if not max(min(times), _EARLIEST) < as_of < _LATEST:
            first = f"{min(times):%Y-%m-%d}"
            raise UsageError(
                f"There are no orders before {as_of:%Y-%m-%d}."
                if as_of < _LATEST
                else f"{as_of} is too far.",
                hint=f"Choose a moment after the first order, which is of {first}.",
            )
        return as_of

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """Hold the workspace for writing.

        Raises:
            BusyError: Another process holds it.
            StorageError: The folder cannot be written.
        """
        lock = FileLock(self.folder / DATA_FOLDER / "lock")
        try:
            lock.acquire(timeout=_SECONDS_TO_WAIT)
        except Timeout as error:
            raise BusyError(
                f"Another mindgap process is working in {self.folder}.",
                hint="Wait until it has finished, or stop it; its work up to now is kept.",
            ) from error
        except OSError as error:
            raise StorageError(
                f"{self.folder} cannot be written: {error.strerror or type(error).__name__}.",
                hint="Check its permissions and free disk space.",
            ) from error
        try:
            self.stores.files.clear()
            yield
        finally:
            lock.release()

    def table(
        self, name: str, *, purpose: Purpose | str = Purpose.ANALYTICS, columns: Sequence[str] = ()
    ) -> pa.Table:
        """A table as of the last run, as Arrow (`.to_pandas()`; `polars.from_arrow` reads it too).

        Args:
            name: A canonical or derived table; `tables()` lists them.
            purpose: Why it is read; customers who withdrew that purpose are left out.
            columns: The columns wanted; all by default.

        Raises:
            UnknownError: No such table.
            CannotSay: The data did not allow it; carries the reason.
        """
        return self._reader().read(name, purpose=Purpose(purpose), as_of=self._ran(), columns=columns)

    def read_customer(self, name: str, customer_id: str, *, purpose: Purpose | str) -> pa.Table:
        """The rows of one customer; empty when the customer withdrew the purpose or is not there."""
        stated = require_person_purpose(Purpose(purpose))
        return self._reader().read(name, purpose=stated, as_of=self._ran(), customer_id=customer_id)

    def model(self, name: str) -> FittedModel:
        """A trained model of the last run.

        Raises:
            UnknownError: There is none of that name.
        """
        entry = self.stores.manifest.model(name, self._ran())
        if entry is None:
            raise UnknownError(
                f"There is no model {name!r}.", hint="Run `mindgap run`; `mindgap status` lists models."
            )
        return self.stores.files.read_model(name, entry.path)

    def tables(self) -> Mapping[str, str]:
        """Every derived table's name and grain."""
        return {name: item.grain for name, item in sorted(derivations().items())}

    def customer(self, customer_id: str, *, purpose: Purpose | str = Purpose.SERVICE) -> dict[str, Any]:
        """One customer, whole: features, segment, risk, value, interests, orders, gap, consent.

        Raises:
            UnknownError: No customer has that id.
        """
        return answers.customer(self, customer_id, purpose=Purpose(purpose))

    def recommend(
        self, customer_id: str, *, k: int = 10, kind: answers.ListKind = "mixed"
    ) -> tuple[answers.Recommended, ...]:
        """What to offer a customer next, best first, each with its reasons.

        Args:
            customer_id: The customer; one who is not known, or who withdrew personalization, gets what
                is popular.
            k: How many.
            kind: Products bought before (repeat), never bought (discover), or both.
        """
        return answers.recommend(self, customer_id, k=k, kind=kind)

    def gap(self, customer_id: str | None = None) -> dict[str, Any]:
        """The information gap of the business, or of one customer (docs/insight.md)."""
        return answers.gap(self, customer_id)

    def evaluate(self, task: str | None = None) -> list[dict[str, Any]]:
        """How good every model is on held-out time, beside its baseline.

        Raises:
            UnknownError: No such task.
        """
        return answers.evaluate(self, task)

    def status(self) -> dict[str, Any]:
        """What is fresh, what was read, and what cannot be said and why."""
        return answers.status(self)

    def find_customers(self, text: str, limit: int = 20) -> list[str]:
        """Customer ids that contain a text, in order."""
        return answers.find_customers(self, text, limit)

    def withdraw(self, customer_id: str, purpose: Purpose | str, *, source: str = "python") -> None:
        """Record that a customer withdrew a purpose; every read obeys at once, models at the next run."""
        self._decide(customer_id, Purpose(purpose), granted=False, source=source)

    def grant(self, customer_id: str, purpose: Purpose | str, *, source: str = "python") -> None:
        """Record that a customer grants a purpose (again)."""
        self._decide(customer_id, Purpose(purpose), granted=True, source=source)

    def _decide(self, customer_id: str, purpose: Purpose, *, granted: bool, source: str) -> None:
        if purpose not in WITHDRAWABLE:
            choices = ", ".join(WITHDRAWABLE)
            raise UsageError(
                f"{purpose.value!r} is no purpose to decide on.", hint=f"Choose one of: {choices}."
            )
        self.stores.consent.record(customer_id, purpose, granted=granted, at=now(), source=source)

    def _reader(self) -> Reader:
        return Reader(stores=self.stores, derivations=derivations(), actor=self.actor)

    def _ran(self) -> datetime:
        as_of = self.as_of
        if as_of is None:
            raise UnknownError(
                f"Nothing has been run in {self.folder} yet.", hint="Run `mindgap run FILE...`."
            )
        return as_of
