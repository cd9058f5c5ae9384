"""The front door for Python: one folder, one business.

Everything that the command line, the HTTP API and the console do goes through Workspace.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from mindgap.backends.consent import SqlAccessRecord, SqlConsent
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.folder import FolderFiles
from mindgap.backends.ledger import SqlLedger
from mindgap.backends.manifest import SqlManifest
from mindgap.backends.sqlite import open_sqlite
from mindgap.kernel.clock import next_midnight
from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import BusyError, CannotSay, StorageError, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.settings import WorkspaceSettings, read_settings
from mindgap.loop.offered import derivations
from mindgap.loop.running import Observer, Outcome
from mindgap.loop.running import run as run_loop
from mindgap.store.reading import Reader, Stores, require_person_purpose

DATA_FOLDER = ".mindgap"


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

    def run(self, *, as_of: datetime | None = None, observer: Observer | None = None) -> Outcome:
        """Read sources that changed, then rebuild every derived table that is out of date.

        Args:
            as_of: Nothing at or after this moment (naive UTC) is looked at; by default the first
                midnight after the latest order.
            observer: Hears of the progress.

        Raises:
            CannotSay: There are no orders yet.
            BusyError: Another process is running in this workspace.
        """
        with self.exclusive():
            moment = self.moment(as_of)
            return run_loop(self.stores, moment, observer=observer)

    def moment(self, as_of: datetime | None = None) -> Moment:
        """The circumstances of a run: the as-of time and the workspace's settings."""
        chosen = self.settings
        return Moment(
            as_of=as_of or self._data_end(),
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

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """Hold the workspace for writing.

        Raises:
            BusyError: Another process holds it.
        """
        lock = FileLock(self.folder / DATA_FOLDER / "lock")
        try:
            with lock.acquire(timeout=0.2):
                yield
        except Timeout as error:
            raise BusyError(
                f"Another mindgap process is working in {self.folder}.",
                hint="Wait until it has finished, or stop it; its work up to now is kept.",
            ) from error

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

    def _reader(self) -> Reader:
        return Reader(stores=self.stores, derivations=derivations(), actor=self.actor)

    def _ran(self) -> datetime:
        as_of = self.as_of
        if as_of is None:
            raise UnknownError(
                f"Nothing has been run in {self.folder} yet.", hint="Run `mindgap run FILE...`."
            )
        return as_of


def open(  # noqa: A001 - the front door's verb
    folder: str | Path, *, actor: str = "python", create: bool = True
) -> Workspace:
    """Open a workspace folder.

    Args:
        folder: The folder; it need not exist.
        actor: Who asks, for the record of reads.
        create: Make it when it is not there.

    Raises:
        UnknownError: It is no workspace, and `create` is False.
        SettingsError: mindgap.toml cannot be used.
        StorageError: The folder cannot be written.
    """
    path = Path(folder).expanduser()
    data = path / DATA_FOLDER
    if not create and not data.is_dir():
        raise UnknownError(
            f"{path} is no workspace.", hint="Run `mindgap init` or `mindgap run FILE...` there."
        )
    settings = read_settings(path).workspace
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", hint="Choose another folder."
        ) from error
    return Workspace(folder=path, settings=settings, stores=_stores(data, settings), actor=actor)


def _stores(data: Path, settings: WorkspaceSettings) -> Stores:
    database = open_sqlite(data / "state.db")
    return Stores(
        engine=DuckDBEngine(scratch=data / "scratch", memory_limit_mb=settings.memory_limit_mb),
        files=FolderFiles(data),
        ledger=SqlLedger(database),
        manifest=SqlManifest(database),
        consent=SqlConsent(database),
        access=SqlAccessRecord(database),
    )
