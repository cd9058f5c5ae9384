"""Opens workspaces: reads the settings and wires the ports to their backends."""

from pathlib import Path

import msgspec

from mindgap.backends.accounts import SqlAccounts
from mindgap.backends.consent import SqlAccessRecord, SqlConsent
from mindgap.backends.disclosures import SqlDisclosures
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.folder import FolderFiles
from mindgap.backends.identity import SqlIdentity
from mindgap.backends.keys import SqlKeys
from mindgap.backends.lake import LakeFiles
from mindgap.backends.ledger import SqlLedger
from mindgap.backends.manifest import SqlManifest
from mindgap.backends.master_key import MasterKeyFile, master_key_path
from mindgap.backends.segments import SegmentLog
from mindgap.backends.spark import SparkEngine
from mindgap.backends.spark_place import SparkPlace
from mindgap.backends.state import open_state, state_address
from mindgap.backends.streams import SqlStreams
from mindgap.backends.suppression import SqlSuppression
from mindgap.collect.connectors import completejourney
from mindgap.kernel.errors import SettingsError, StorageError, UnknownError, UsageError
from mindgap.kernel.settings import (
    FILE_NAME,
    EngineName,
    Settings,
    WorkspaceSettings,
    read_settings,
    write_workspace,
)
from mindgap.loop.recent import RecentEvents
from mindgap.loop.sorting import Readings
from mindgap.store.engine import Engine
from mindgap.store.keys import FILES, TOKENS, key_of
from mindgap.store.parquet import ParquetCipher
from mindgap.store.reading import Stores
from mindgap.trust.keys import derived
from mindgap.workspace import forgotten_list
from mindgap.workspace.core import Workspace
from mindgap.workspace.desk import DATA_FOLDER, OWNERS_ALONE
from mindgap.workspace.events import readings
from mindgap.workspace.given import given
from mindgap.workspace.sources import keep_connector


def open(  # noqa: A001 - the front door's verb
    folder: str | Path, *, actor: str = "python", create: bool = True, engine: EngineName | None = None
) -> Workspace:
    """Open a workspace folder.

    Args:
        folder: The folder; it need not exist.
        actor: Who asks, for the record of reads.
        create: Make it when it is not there.
        engine: What runs use, in place of what mindgap.toml says.

    Raises:
        UnknownError: It is no workspace, and `create` is False.
        SettingsError: mindgap.toml cannot be used.
        StorageError: The folder cannot be written, or the state cannot be reached or is not there.
    """
    path = Path(folder).expanduser()
    data = path / DATA_FOLDER
    if not create and not data.is_dir():
        raise UnknownError(
            f"{path} is no workspace.", hint="Run `mindgap init` or `mindgap run FILE...` there."
        )
    settings = read_settings(path)
    if engine:
        chosen = msgspec.structs.replace(settings.workspace, engine=engine)
        settings = msgspec.structs.replace(settings, workspace=chosen)
    try:
        data.mkdir(mode=OWNERS_ALONE, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", hint="Choose another folder."
        ) from error
    stores = _stores(data, settings)

    def readings_now() -> Readings:
        return readings(workspace)

    recent = RecentEvents(stores.log, stores.streams, readings_now=readings_now)
    workspace = Workspace(folder=path, settings=settings.workspace, stores=stores, recent=recent, actor=actor)
    forgotten_list.reapply(workspace)
    return workspace


def _stores(data: Path, settings: Settings) -> Stores:
    database = open_state(state_address(settings.workspace, data))
    keys = SqlKeys(database, MasterKeyFile(master_key_path(settings.privacy, data)))
    cipher = _cipher(settings, keys)
    memory = settings.workspace.memory_limit_mb
    embedded = DuckDBEngine(scratch=data / "scratch", memory_limit_mb=memory, cipher=cipher)
    identity = SqlIdentity(database)
    ledger, streams = SqlLedger(database), SqlStreams(database)
    suppression = SqlSuppression(database, key=lambda: derived(key_of(keys, TOKENS), "forgotten"))
    return Stores(
        engine=_engine(data, settings.workspace) or embedded,
        lookups=embedded,
        files=FolderFiles(data, cipher=cipher),
        lake=LakeFiles(data, cipher=cipher),
        ledger=ledger,
        manifest=SqlManifest(database),
        consent=SqlConsent(database),
        access=SqlAccessRecord(database),
        accounts=SqlAccounts(database),
        streams=streams,
        identity=identity,
        given=given(settings, identity, ledger=ledger, streams=streams),
        log=SegmentLog(data / "log"),
        keys=keys,
        cipher=cipher,
        suppression=suppression,
        disclosures=SqlDisclosures(database, suppression.digest),
    )


def _cipher(settings: Settings, keys: SqlKeys) -> ParquetCipher:
    """What encrypts files; other engines than the embedded one cannot read them."""
    wanted = settings.privacy.encrypt_files
    if wanted and settings.workspace.engine != "duckdb":
        raise SettingsError(
            "[privacy] encrypt_files does not go with engine = 'spark', which cannot read such files.",
            hint="Switch one of them off, or encrypt the disk.",
        )
    return ParquetCipher(key=lambda: key_of(keys, FILES), is_on=wanted)


def _engine(data: Path, settings: WorkspaceSettings) -> Engine | None:
    """The engine of runs, where it is another than the embedded one."""
    if settings.engine == "duckdb":
        return None
    memory = settings.memory_limit_mb
    return SparkEngine(
        place=SparkPlace(address=settings.spark, scratch=data / "scratch", memory_limit_mb=memory),
        rows_in_memory=settings.rows_in_memory,
    )


def demo(folder: str | Path = "mindgap-demo", *, engine: EngineName | None = None) -> Workspace:
    """A workspace on Complete Journey, a grocer's year of real purchases (extra `demo`), not yet run."""
    path = Path(folder).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    if not (path / FILE_NAME).exists():
        chosen = {"name": "Complete Journey", "currency": completejourney.CURRENCY}
        write_workspace(path, {**chosen, "time_zone": completejourney.TIME_ZONE})
    workspace = open(path, engine=engine)
    keep_connector(workspace, completejourney.NAME)
    return workspace


def run(*files: str | Path, folder: str | Path | None = None) -> Workspace:
    """Bring files in, run the loop, and return the workspace.

    Args:
        files: Exports to read.
        folder: The workspace; by default one beside the first file, named after it.

    Raises:
        UsageError: No file was named.
    """
    if not files:
        raise UsageError("No file was named.", hint="Call run('orders.csv').")
    workspace = open(folder or beside(files[0]))
    for file in files:
        workspace.add(file)
    workspace.run()
    return workspace


def beside(file: str | Path) -> Path:
    """The workspace folder that a bare file gets.

    >>> beside("data/orders.csv").as_posix()
    'data/orders-mindgap'

    Raises:
        UsageError: It is the root of the file system.
    """
    path = Path(file).expanduser()
    if path.name in {"", ".."}:  # "." and ".." have a name only in full
        path = path.resolve()
    if not path.name:
        raise UsageError(f"Nothing can stand beside {file}.", hint="Say where the workspace is to be: --dir.")
    return path.with_name(f"{path.name.lstrip('.').split('.')[0] or 'data'}-mindgap")
