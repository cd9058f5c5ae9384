"""Where a workspace keeps its state, and opening it there."""

import os
import re
import shutil
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

import sqlalchemy as sa

from mindgap.backends.folder import disk_errors
from mindgap.backends.locks import held
from mindgap.backends.postgres import open_postgres, place, postgres_url
from mindgap.backends.sqlite import open_sqlite
from mindgap.kernel.errors import BusyError
from mindgap.kernel.settings import WorkspaceSettings

SQLITE = "sqlite"
URL_VARIABLE = "MINDGAP_STATE_URL"
_DATA = ("ledger", "lake", "shelf", "vault")
_OWNER = "state.id"
_WAIT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAddress:
    """Where the state is.

    Attributes:
        url: `sqlite`, or `postgresql://user@host/database` without a password.
        schema: The schema in a database that several workspaces may share.
        data: The workspace's data folder.
    """

    url: str
    schema: str
    data: Path

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None where the state is on a server."""
        return self.data / "state.db" if self.url == SQLITE else None

    def __str__(self) -> str:
        return str(self.file or f"{place(postgres_url(self.url))}, schema {self.schema}")


def state_address(settings: WorkspaceSettings, data: Path) -> StateAddress:
    """Where the state is by MINDGAP_STATE_URL, else by mindgap.toml.

    Args:
        settings: The section [workspace] of mindgap.toml.
        data: The workspace's data folder.
    """
    return StateAddress(
        url=os.environ.get(URL_VARIABLE) or settings.state,
        schema=settings.state_schema or schema_of(settings.name),
        data=data,
    )


def schema_of(name: str) -> str:
    """The schema that a workspace of this name gets.

    >>> schema_of("Café Zürich, online")
    'mindgap_cafe_zurich_online'
    >>> schema_of("好书店")
    'mindgap_c6b067870662'
    """
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:40]
    return f"mindgap_{words or sha256(name.encode()).hexdigest()[:12]}"


def open_state(address: StateAddress) -> sa.Engine:
    """The state's database, brought to the present tables; made where the workspace is new.

    Raises:
        SettingsError: The address cannot be used, or what it needs is not installed.
        StorageError: It cannot be opened; or the workspace has data, and there is no state that names them.
        BusyError: Another process holds it for too long.
    """
    may_be_new = not _has_data(address.data)
    if address.file is not None:
        return open_sqlite(address.file, may_be_new=may_be_new)
    return open_schema(address, may_be_new=may_be_new)


def open_schema(address: StateAddress, *, may_be_new: bool = True) -> sa.Engine:
    """The state on a server, brought to the present tables."""
    owner = _owner(address.data)
    return open_postgres(address.url, schema=address.schema, owner=owner, may_be_new=may_be_new)


def _has_data(data: Path) -> bool:
    return any(file.is_file() for kind in _DATA for file in (data / kind).rglob("*"))


def _owner(data: Path) -> str:
    """The workspace's id, by which a database tells it from others; made when it is first asked for."""
    path = data / _OWNER
    with disk_errors(), alone(data):
        if not path.exists():
            draft = path.with_suffix(".new")
            with draft.open("w", encoding="ascii") as file:
                file.write(uuid.uuid4().hex)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        return path.read_text("ascii").strip()


def hand_over_owner(data: Path, successor: Path) -> None:
    """Let what takes a workspace's place be taken for it by a database that held its state."""
    if (data / _OWNER).is_file():
        shutil.copyfile(data / _OWNER, successor / _OWNER)


@contextmanager
def alone(data: Path) -> Generator[None]:
    """Let no other process open the state of a workspace.

    Raises:
        BusyError: Another one has been opening it for too long.
    """
    busy = BusyError(
        f"Another process holds the state of {data.parent}.", hint="Wait until it has finished, or stop it."
    )
    with held(data / "state.lock", wait_s=_WAIT_S, busy=busy):
        yield
