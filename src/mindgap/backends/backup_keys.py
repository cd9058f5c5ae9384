"""A key for each backup, in a file beside the master key that wraps it, for 30 days.

Not in the state: that is what a backup is for. Once the file is gone nobody reads the backup, wherever copies
of it lie; so nobody who was forgotten comes back out of one.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from mindgap.backends.folder import disk_errors
from mindgap.backends.master_key import MasterKeyFile, write_secret
from mindgap.kernel.errors import StorageError
from mindgap.trust.keys import MasterKey, new_key

KEPT = timedelta(days=30)
"""For how long a backup can be read."""
_SKEW = timedelta(days=1)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    made_at: datetime
    master: str
    wrapped: str


@dataclass(frozen=True, slots=True)
class BackupKeys:
    """Keys of backups, one file each.

    Attributes:
        master: The file of the master key; these lie in a folder beside it.
    """

    master: MasterKeyFile

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.master.path.parent / "backups"

    def file(self, name: str) -> Path:
        """The file of a key."""
        return self.folder / f"{name}.key"

    def make(self, name: str, *, at: datetime) -> bytes:
        """A key for a new backup; the master key is there already."""
        key, master = new_key(), self.master.read()[0]
        self._write(name, key, master=master, at=at)
        return key

    def read(self, name: str) -> bytes:
        """The key of a backup.

        Raises:
            StorageError: It was destroyed, or lies elsewhere; or another master key wrapped it.
        """
        path = self.file(name)
        try:
            kept, wrapped = _read(path)
        except FileNotFoundError as error:
            raise StorageError(
                f"There is no key {path}: it was destroyed {KEPT.days} days after the backup was made, or it"
                " lies elsewhere.",
                hint="Say where the copy of the master key lies: --key-file; backups/ must lie beside it.",
            ) from error
        for master in self.master.read():
            if master.id == kept.master:
                return master.unwrap(wrapped, _holder(name))
        raise StorageError(
            f"The key {path} needs the master key {kept.master}, which {self.master.path} does not hold.",
            hint="Say where a copy of that master key lies: --key-file.",
        )

    def destroy_old(self, *, at: datetime) -> Sequence[str]:
        """Destroy keys of backups that are older than 30 days; returns their names."""
        found = {path: kept for path in self.folder.glob("*.key") if (kept := _readable(path))}
        old = [path for path, kept in found.items() if kept.made_at < at - KEPT]
        with disk_errors():
            for path in old:
                path.unlink(missing_ok=True)
        for path, kept in found.items():
            if kept.made_at > at + _SKEW:  # the clock was ahead: it would be kept for longer than 30 days
                write_secret(path, msgspec.json.encode(msgspec.structs.replace(kept, made_at=at)))
        return sorted(path.stem for path in old)

    def rewrap(self, masters: Sequence[MasterKey]) -> None:
        """Wrap all by the first of these master keys; each file whole, and done again without harm.

        Raises:
            StorageError: A file is none of ours, or damaged.
        """
        for path in sorted(self.folder.glob("*.key")):
            kept, wrapped = _read(path)
            known = {master.id: master for master in masters[1:]}.get(kept.master)
            if known is not None:
                key = known.unwrap(wrapped, _holder(path.stem))
                self._write(path.stem, key, master=masters[0], at=kept.made_at)

    def _write(self, name: str, key: bytes, *, master: MasterKey, at: datetime) -> None:
        wrapped = b64encode(master.wrap(key, _holder(name))).decode()
        kept = _Kept(made_at=at, master=master.id, wrapped=wrapped)
        write_secret(self.file(name), msgspec.json.encode(kept))


def _read(path: Path) -> tuple[_Kept, bytes]:
    """What a file says, and the wrapped key.

    Raises:
        FileNotFoundError: There is none.
        StorageError: It cannot be read.
    """
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        return kept, b64decode(kept.wrapped, validate=True)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise StorageError(
            f"The key {path} cannot be read.",
            hint="Put another copy of it there; without one take it away: nobody reads its backup.",
        ) from error


def _readable(path: Path) -> _Kept | None:
    """What a file says; None where it is no key, and opens nothing."""
    try:
        return _read(path)[0]
    except (OSError, StorageError):
        return None


def _holder(name: str) -> str:
    return f"backup/{name}"
