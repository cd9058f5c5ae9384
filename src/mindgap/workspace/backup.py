"""A backup of a whole workspace: the state of one moment, and the files that it names."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mindgap import __version__
from mindgap.backends.archive import Manifest, NamedKey, draft_prefix, extract, is_safe, write_archive
from mindgap.backends.backup_keys import BackupKeys
from mindgap.backends.folder import disk_errors, sync
from mindgap.backends.keys import SqlKeys, rewrap
from mindgap.backends.master_key import MasterKeyFile, master_key_path
from mindgap.backends.sqlite import open_sqlite
from mindgap.backends.state import URL_VARIABLE, StateAddress, hand_over_owner, open_state
from mindgap.backends.state_copy import copy_to_file, held
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError, StorageError, UsageError
from mindgap.kernel.settings import FILE_NAME, read_settings, write_workspace
from mindgap.store.keys import TOKENS, key_of
from mindgap.trust.keys import new_key
from mindgap.workspace.data_files import data_files
from mindgap.workspace.desk import DATA_FOLDER, OWNERS_ALONE
from mindgap.workspace.state import WRITERS, address_of, nobody_else

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_KIND = "mindgap-backup-2"
_STATE = f"{DATA_FOLDER}/state.db"
_MASTER = f"{DATA_FOLDER}/keys/master.key"
"""The master key of then, which the backup's own key seals."""
_COPIES, _COPY, _MASTER_COPY = "backup-", "state.db", "master.key"
_SECONDS_TO_WAIT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was written or brought back.

    Attributes:
        path: The backup.
        files: How many files it holds.
        bytes: How large they are together, unpacked.
        rows: How many rows the state has.
        made_at: When it was made, naive UTC.
        key: The file of the key that opens it, for 30 days; the master key beside it must be kept too.
        kept: Where what was in the workspace before is kept; empty where there was nothing.
    """

    path: str
    files: int
    bytes: int
    rows: int
    made_at: str
    key: str = ""
    kept: str = ""


def back_up(folder: Path, path: Path) -> Backup:
    """Write a backup while others read, and while events arrive: they wait in the log.

    Raises:
        UsageError: There is a file of that name.
        BusyError: Another process has been writing for half a minute.
        StorageError: The state cannot be read, or the backup not be written.
    """
    address = address_of(folder)
    if path.exists():
        raise UsageError(f"There is a file {path} already.", hint="Choose another name; it stays as it is.")
    if path.resolve().is_relative_to(address.data.resolve()):
        raise UsageError(
            "A backup cannot lie in the data folder.", hint="Choose another folder, on another disk."
        )
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", hint="Make it, or choose another.")
    with (
        nobody_else(folder, WRITERS, wait_s=_SECONDS_TO_WAIT),
        disk_errors(),
        _private(address.data / "staging", path) as aside,
    ):
        moment, keys = now(), BackupKeys(master_of(folder))
        keys.destroy_old(at=moment)
        rows, key = _copied(address, keys, aside=aside, at=moment)
        made_at = moment.isoformat(timespec="seconds")
        about: dict[str, Any] = {"mindgap": __version__, "made_at": made_at, "rows": rows}
        try:
            files = (*_files(folder, aside / _COPY), (_MASTER, aside / _MASTER_COPY))
            manifest = write_archive(path, files, kind=_KIND, about=about, key=key)
        except BaseException:
            keys.file(key.name).unlink(missing_ok=True)
            raise
    return _told(path, manifest, key=str(keys.file(key.name)))


@contextmanager
def _private(staging: Path, path: Path) -> Generator[Path]:
    """A folder for plain copies: not beside the backup, for a process that is killed leaves them behind.

    What such a process left, here or beside the backup, goes now.
    """
    staging.mkdir(exist_ok=True)
    for left in staging.glob(f"{_COPIES}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in path.parent.glob(f"{escape(draft_prefix(path))}*"):
        left.unlink(missing_ok=True)
    with TemporaryDirectory(dir=staging, prefix=_COPIES) as aside:
        yield Path(aside)


def _copied(address: StateAddress, keys: BackupKeys, *, aside: Path, at: datetime) -> tuple[int, NamedKey]:
    """Copy the state and the master key that wraps its keys; returns how many rows it has, and a new key.

    A rotation in between would leave a backup with keys that its master key does not open.
    """
    name = f"{at:%Y%m%dt%H%M%S}-{new_key()[:4].hex()}"
    engine = open_state(address)
    try:
        key_of(SqlKeys(engine, keys.master), TOKENS)  # makes the master key of a new workspace
        with keys.master.held():
            rows = copy_to_file(engine, aside / _COPY)
            MasterKeyFile(aside / _MASTER_COPY).write(keys.master.read())
            return rows, NamedKey(name, keys.make(name, at=at))
    finally:
        engine.dispose()


def destroy_old_keys(workspace: "Desk") -> None:
    """Destroy keys of backups that are older than 30 days."""
    BackupKeys(master_of(workspace.folder)).destroy_old(at=now())


def master_of(folder: Path) -> MasterKeyFile:
    """The file of the master key of a workspace."""
    return MasterKeyFile(master_key_path(read_settings(folder).privacy, folder / DATA_FOLDER))


def restore(folder: Path, path: Path, *, force: bool = False, key_file: Path | None = None) -> Backup:
    """Bring a backup back, checked whole before anything else happens; its state is then in SQLite.

    Args:
        folder: The workspace.
        path: The backup.
        force: Whether what is in the workspace may be set aside.
        key_file: The master key, with the backups' keys in `backups/` beside it; by default the workspace's.

    Raises:
        UsageError: There is a workspace already, and `force` is False; or MINDGAP_STATE_URL is set.
        BusyError: Another process works in the workspace.
        StorageError: The backup is damaged or cannot be read, or the disk refused it; or its key is gone.
    """
    if not force and any((folder / name).exists() for name in (DATA_FOLDER, FILE_NAME)):
        raise UsageError(
            f"There is a workspace in {folder} already.",
            hint="Choose another folder: --dir. Or --force, which sets aside what is there.",
        )
    if os.environ.get(URL_VARIABLE):
        raise UsageError(
            f"{URL_VARIABLE} says where the state is, and a backup brings its own.",
            hint="Unset it, restore, and move the state there again: mindgap state migrate --to URL --force.",
        )
    keys = BackupKeys(MasterKeyFile(key_file) if key_file else master_of(folder))
    staged = folder / f"{DATA_FOLDER}-restoring"
    with disk_errors():
        shutil.rmtree(staged, ignore_errors=True)
        (staged / DATA_FOLDER).mkdir(mode=OWNERS_ALONE, parents=True)
        try:
            manifest = extract(path, staged, kind=_KIND, key_of=keys.read)
            _hand_over(staged, keys.master)
            write_workspace(staged, {"state": None, "state_schema": None})
            hand_over_owner(folder / DATA_FOLDER, staged / DATA_FOLDER)
            kept = _put_in_place(folder, staged, names=list(manifest.files))
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return _told(path, manifest, kept=kept)


def _hand_over(staged: Path, present: MasterKeyFile) -> None:
    """Wrap the keys of a state by the present master key; where that lies among the data, it comes along."""
    archived = MasterKeyFile(staged / _MASTER)
    masters = [*present.read(), *archived.read()]
    archived.path.unlink()
    engine = open_sqlite(staged / _STATE, may_be_new=False)
    try:
        with engine.begin() as connection:
            rewrap(connection, masters)
    finally:
        engine.dispose()
    target = master_of(staged).path
    if target.is_relative_to(staged):
        shutil.copytree(present.path.parent / "backups", target.parent / "backups")
        MasterKeyFile(target).write(present.read())


def _files(folder: Path, state: Path) -> Iterator[tuple[str, Path]]:
    """What a backup holds, by its name there: mindgap.toml and the plans that it names, state, data."""
    plans = {source.options.get("plan") for source in read_settings(folder).sources.values()}
    for name in (FILE_NAME, *sorted(plan for plan in plans if isinstance(plan, str))):
        file = (folder / name).resolve()
        if file.is_file() and file.is_relative_to(folder.resolve()):
            yield _safe(file.relative_to(folder.resolve()).as_posix()), file
    yield _STATE, state
    for place, file in data_files(folder / DATA_FOLDER):
        if place[0] != "keys":
            yield _safe("/".join((DATA_FOLDER, *place))), file


def _safe(name: str) -> str:
    if not is_safe(name):
        raise StorageError(
            f"{name!r} cannot be in a backup: a name with ':' or a backslash does not come back.",
            hint="Rename it, or whatever it is named after.",
        )
    return name


def _put_in_place(folder: Path, staged: Path, *, names: list[str]) -> str:
    """Move what was checked to where it belongs; what is there is set aside.

    The data come last: settings that name another state must never stand beside them.
    """
    beside = {name for name in names if not name.startswith(f"{DATA_FOLDER}/")}
    kept = folder / f"{DATA_FOLDER}-replaced-{now():%Y%m%dt%H%M%S}"
    with ExitStack() as stack:
        if (folder / DATA_FOLDER).is_dir():
            stack.enter_context(nobody_else(folder))
            _refuse_if_open(folder)
        for name in (*sorted({FILE_NAME, *beside}), DATA_FOLDER):
            _swap(name, folder=folder, staged=staged, kept=kept)
        sync(folder)
    return str(kept) if kept.exists() else ""


def _swap(name: str, *, folder: Path, staged: Path, kept: Path) -> None:
    new, old, aside = staged / name, folder / name, kept / name
    if old.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        if old.is_file() and new.exists():  # it is there at every moment
            shutil.copy2(old, aside)
        else:
            old.rename(aside)
    if new.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        new.replace(old)


def _refuse_if_open(folder: Path) -> None:
    """Raise BusyError when a process has the state open; one that cannot be opened is open nowhere."""
    try:
        engine = open_state(address_of(folder))
    except MindgapError:
        return
    try:
        with suppress(StorageError), held(engine):
            pass
    finally:
        engine.dispose()


def _told(path: Path, manifest: Manifest, *, key: str = "", kept: str = "") -> Backup:
    return Backup(
        path=str(path),
        files=len(manifest.files),
        bytes=sum(file.bytes for file in manifest.files.values()),
        rows=manifest.about["rows"],
        made_at=manifest.about["made_at"],
        key=key,
        kept=kept,
    )
