"""A workspace as everything inside it sees it: its folder, settings and ports, and reading with a purpose."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from mindgap.backends.locks import held
from mindgap.kernel.clock import next_midnight
from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import BusyError, CannotSay, UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.settings import WorkspaceSettings
from mindgap.loop.offered import derivations
from mindgap.loop.recent import RecentEvents
from mindgap.store.customer_tables import CustomerTables
from mindgap.store.reading import Reader, Stores, require_person_purpose
from mindgap.store.state import Part
from mindgap.store.steady import steady
from mindgap.workspace.identity import Identities

DATA_FOLDER = ".mindgap"
OWNERS_ALONE = 0o700
"""How the data folder is made: it holds customers, so nobody else on the machine looks into it."""
_SECONDS_TO_WAIT = 0.2
_EARLIEST, _LATEST = datetime(1980, 1, 1), datetime(2200, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One folder, opened: what the workspace's parts work on.

    Attributes:
        folder: The workspace folder; mindgap.toml lies in it, all data below `.mindgap`.
        settings: The section [workspace] of mindgap.toml.
        stores: The ports, wired to their backends.
        recent: Events that are accepted and in no table yet.
        actor: Who asks, for the record of reads.
    """

    folder: Path
    settings: WorkspaceSettings
    stores: Stores
    recent: RecentEvents
    actor: str = "python"

    @property
    def as_of(self) -> datetime | None:
        """The as-of time of the last complete run (naive UTC), or None before the first."""
        return self.stores.manifest.as_of()

    @property
    def identity(self) -> Identities:
        """Who is one person: look-ups, the review, and people's decisions."""
        return Identities(self)

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
        """The first midnight after the latest order, or where there are none, after the latest event."""
        parts = self._dated_parts()
        latest = max(time for part in parts if (time := _latest(part)) is not None)
        return next_midnight(latest, self.settings.time_zone)

    def _dated_parts(self) -> Sequence[Part]:
        for table in ("orders", "events"):
            parts = [part for part in self.stores.ledger.parts(table) if part.min_time is not None]
            if parts:
                return parts
        raise CannotSay("no-orders")

    def _checked(self, as_of: datetime) -> datetime:
        times = [part.min_time for part in self._dated_parts() if part.min_time is not None]
        if not max(min(times), _EARLIEST) < as_of < _LATEST:
            first = f"{min(times):%Y-%m-%d}"
            raise UsageError(
                f"There is nothing before {as_of:%Y-%m-%d}." if as_of < _LATEST else f"{as_of} is too far.",
                hint=f"Choose a moment after the first order or event, which is of {first}.",
            )
        return as_of

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """Hold the workspace for writing.

        Raises:
            BusyError: Another process holds it.
            StorageError: The folder cannot be written.
        """
        busy = BusyError(
            f"Another mindgap process is working in {self.folder}.",
            hint="Wait until it has finished, or stop it; its work up to now is kept.",
        )
        with self.held("lock", wait_s=_SECONDS_TO_WAIT, busy=busy):
            self.stores.files.clear()
            yield

    def held(self, name: str, *, wait_s: float, busy: BusyError) -> AbstractContextManager[None]:
        """Hold one of the workspace's locks between processes.

        Args:
            name: The lock's file.
            wait_s: How long to wait for it, in seconds.
            busy: What to raise when another process holds it longer.

        Raises:
            StorageError: The folder cannot be written.
        """
        return held(self.folder / DATA_FOLDER / name, wait_s=wait_s, busy=busy)

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
        return self.reader().read(name, purpose=Purpose(purpose), as_of=self._ran(), columns=columns)

    def read_customer(self, name: str, customer_id: str, *, purpose: Purpose | str) -> pa.Table:
        """The rows of one customer; empty when the customer withdrew the purpose or is not there."""
        stated = require_person_purpose(Purpose(purpose))
        return self.reader().read(name, purpose=stated, as_of=self._ran(), customer_id=customer_id)

    def read_customer_tables(
        self, names: Sequence[str], customer_id: str, *, purpose: Purpose | str
    ) -> Mapping[str, pa.Table | CannotSay]:
        """The rows of one customer in several tables, or why there are none, all of one run."""
        tables = CustomerTables(reader=self.reader(), as_of=self._ran(), purpose=Purpose(purpose))
        return tables.read(names, customer_id)

    @steady
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

    def reader(self) -> Reader:
        """Reads tables of this workspace, in the name of whoever opened it."""
        return Reader(
            stores=self.stores,
            derivations=derivations(),
            actor=self.actor,
            time_zone=self.settings.time_zone,
        )

    def _ran(self) -> datetime:
        as_of = self.as_of
        if as_of is None:
            raise UnknownError(
                f"Nothing has been run in {self.folder} yet.", hint="Run `mindgap run FILE...`."
            )
        return as_of


def _latest(part: Part) -> datetime | None:
    """When the last thing of a part happened, but not after it was told: a clock may be years ahead."""
    if part.max_time is None or part.arrived_at is None:
        return part.max_time
    return min(part.max_time, part.arrived_at)
