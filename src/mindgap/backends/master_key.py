"""The file of the master key: the one in use, and below it those that a rotation has not done with."""

import os
from base64 import b64decode, b64encode
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mindgap.backends.folder import disk_errors
from mindgap.backends.locks import held
from mindgap.kernel.errors import BusyError, StorageError
from mindgap.kernel.settings import PrivacySettings
from mindgap.trust.keys import KEY_BYTES, MasterKey

VARIABLE = "MINDGAP_MASTER_KEY_FILE"
_WAIT_S = 60
_ONLY_ITS_OWNER, _ONLY_ITS_OWNERS_FOLDER = 0o600, 0o700


def master_key_path(settings: PrivacySettings, data: Path) -> Path:
    """Where the master key is: by MINDGAP_MASTER_KEY_FILE, else by mindgap.toml, else among the data.

    Args:
        settings: The section [privacy] of mindgap.toml.
        data: The workspace's data folder.
    """
    said = os.environ.get(VARIABLE) or settings.master_key
    return data.parent / Path(said).expanduser() if said else data / "keys" / "master.key"


@dataclass(frozen=True, slots=True)
class MasterKeyFile:
    """One key a line, in base64; written whole or not at all, readable by its owner only.

    Attributes:
        path: The file; it need not be there yet.
    """

    path: Path

    def read(self) -> Sequence[MasterKey]:
        """The keys, the one in use first; none where there is no file.

        Raises:
            StorageError: The file cannot be read, or holds something else.
        """
        try:
            lines = self.path.read_text("ascii").split()
            secrets = [b64decode(line, validate=True) for line in lines]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StorageError(
                f"The master key {self.path} cannot be read: {error.strerror or type(error).__name__}.",
                hint="Only who runs Mindgap may read it; check its owner and permissions.",
            ) from error
        except ValueError as error:
            raise self._damaged() from error
        if not secrets or any(len(secret) != KEY_BYTES for secret in secrets):
            raise self._damaged()
        return [MasterKey(secret) for secret in secrets]

    def write(self, keys: Sequence[MasterKey]) -> None:
        """Put these keys in the place of what is there; on disk before it counts."""
        text = "".join(f"{b64encode(key.secret).decode()}\n" for key in keys)
        write_secret(self.path, text.encode())

    @contextmanager
    def held(self) -> Generator[None]:
        """Let no other process make or rotate keys meanwhile.

        Raises:
            BusyError: Another one has been at it for a minute.
        """
        with disk_errors():
            self.path.parent.mkdir(mode=_ONLY_ITS_OWNERS_FOLDER, parents=True, exist_ok=True)
        busy = BusyError(
            f"Another process has held the keys in {self.path.parent} for a minute.",
            hint="Wait until it has finished, or stop it.",
        )
        with held(self.path.with_name(f"{self.path.name}.lock"), wait_s=_WAIT_S, busy=busy):
            yield

    def _damaged(self) -> StorageError:
        return StorageError(
            f"{self.path} is damaged: a master key is 32 bytes in base64, one a line.",
            hint="Put the copy of it back that you keep elsewhere.",
        )


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all; on disk before it counts.

    Raises:
        StorageError: The disk refused it.
    """
    draft = path.with_name(f"{path.name}.new")
    with disk_errors():
        path.parent.mkdir(mode=_ONLY_ITS_OWNERS_FOLDER, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_ITS_OWNER)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
