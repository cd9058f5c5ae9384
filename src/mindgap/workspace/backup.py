"""A backup of a whole workspace: the state of one moment, and the files that it names."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mindgap import __version__
from mindgap.backends.archive import Manifest, NamedKey, extract, write_archive
from mindgap.backends.backup_keys import BackupKeys
from mindgap.backends.folder import disk_errors
from mindgap.backends.keys import SqlKeys, rewrap
from mindgap.backends.master_key import MasterKeyFile, master_key_path
from mindgap.backends.sqlite import open_sqlite
from mindgap.backends.state import open_state
from mindgap.backends.state_copy import copy_to_file, held
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError, StorageError, UsageError
from mindgap.kernel.settings import FILE_NAME, read_settings, write_workspace
from mindgap.store.keys import TOKENS, key_of
from mindgap.trust.keys import new_key
from mindgap.workspace.desk import DATA_FOLDER
from mindgap.workspace.state import WRITERS, address_of, nobody_else

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_KIND = "mindgap-backup-2"
_STATE = f"{DATA_FOLDER}/state.db"
_MASTER = f"{DATA_FOLDER}/keys/master.key"
"""The master key of then, which the backup's own key seals."""
_LEFT_OUT = {"staging", "scratch", "keys"}
"""Folders of work in progress, and of keys."""
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
        TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as aside,
    ):
        state = Path(aside) / "state.db"
        engine = open_state(address)
        try:
            rows = copy_to_file(engine, state)
            master = master_of(folder)
            key_of(SqlKeys(engine, master), TOKENS)  # makes the master key of a new workspace
        finally:
            engine.dispose()
        moment, keys = now(), BackupKeys(master)
        keys.destroy_old(at=moment)
        made_at = moment.isoformat(timespec="seconds")
        about: dict[str, Any] = {"mindgap": __version__, "made_at": made_at, "rows": rows}
        name = f"{moment:%Y%m%dt%H%M%S}-{new_key()[:4].hex()}"
        key = NamedKey(name, keys.make(name, at=moment))
        files = (*_files(folder, state), (_MASTER, master.path))
        try:
            manifest = write_archive(path, files, kind=_KIND, about=about, key=key)
        except BaseException:
            keys.file(name).unlink(missing_ok=True)
            raise
    return _told(path, manifest, key=str(keys.file(name)))


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
        UsageError: There is a workspace already, and `force` is False.
        BusyError: Another process works in the workspace.
        StorageError: The backup is damaged or cannot be read, or the disk refused it; or its key is gone.
    """
    if not force and any((folder / name).exists() for name in (DATA_FOLDER, FILE_NAME)):
        raise UsageError(
            f"There is a workspace in {folder} already.",
            hint="Choose another folder: --dir. Or --force, which sets aside what is there.",
        )
    keys = BackupKeys(MasterKeyFile(key_file) if key_file else master_of(folder))
    staged = folder / f"{DATA_FOLDER}-restoring"
    with disk_errors():
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            manifest = extract(path, staged, kind=_KIND, key_of=keys.read)
            _hand_over(staged, keys.master)
            write_workspace(staged, {"state": None, "state_schema": None})
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
            yield file.relative_to(folder.resolve()).as_posix(), file
    yield _STATE, state
    data = folder / DATA_FOLDER
    for file in sorted(data.rglob("*")):
        parts = file.relative_to(data).parts
        # files beside the folders are locks, and what processes say of themselves
        if file.is_file() and len(parts) > 1 and not _LEFT_OUT & set(parts[:2]):
            yield file.relative_to(folder).as_posix(), file


def _put_in_place(folder: Path, staged: Path, *, names: list[str]) -> str:
    """Move what was checked to where it belongs; what is there is set aside."""
    beside = {name for name in names if not name.startswith(f"{DATA_FOLDER}/")}
    kept = folder / f"{DATA_FOLDER}-replaced-{now():%Y%m%dt%H%M%S}"
    with ExitStack() as stack:
        if (folder / DATA_FOLDER).is_dir():
            stack.enter_context(nobody_else(folder))
            _refuse_if_open(folder)
        for name in sorted({DATA_FOLDER, FILE_NAME, *beside}):
            _swap(name, folder=folder, staged=staged, kept=kept)
    return str(kept) if kept.exists() else ""


def _swap(name: str, *, folder: Path, staged: Path, kept: Path) -> None:
    for source, target in ((folder / name, kept / name), (staged / name, folder / name)):
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)


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
