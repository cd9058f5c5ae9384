"""Whether there is a worker, and what it says of itself: a lock, and a small file that others read."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from mindgap.backends.locks import held
from mindgap.kernel.errors import BusyError, StorageError
from mindgap.workspace.desk import DATA_FOLDER

_FILE, _LOCK = "worker.json", "worker.lock"
_SECONDS_TO_WAIT = 1.0


class ChoreState(msgspec.Struct, frozen=True, kw_only=True):
    """How a chore went last.

    Attributes:
        ended_at: When it ended, naive UTC; None when it has not run yet.
        seconds: How long it took.
        error: What went wrong; empty when nothing did.
    """

    ended_at: datetime | None = None
    seconds: float = 0.0
    error: str = ""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """How the worker is.

    Attributes:
        started_at: Since when it works, naive UTC.
        seen_at: When it last finished something.
        chores: How its chores went, by name.
    """

    started_at: datetime
    seen_at: datetime | None = None
    chores: dict[str, ChoreState]


def write_heartbeat(folder: Path, beat: Heartbeat) -> None:
    """Say how the worker is.

    Raises:
        StorageError: The disk refused it.
    """
    path = folder / DATA_FOLDER / _FILE
    draft = path.with_suffix(".new")
    try:
        draft.write_bytes(msgspec.json.encode(beat))
        draft.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error


def read_heartbeat(folder: Path) -> Heartbeat | None:
    """How the worker was when it last said so; None when it never did."""
    try:
        return msgspec.json.decode((folder / DATA_FOLDER / _FILE).read_bytes(), type=Heartbeat)
    except (OSError, msgspec.DecodeError):
        return None


@contextmanager
def sole_worker(folder: Path) -> Generator[None]:
    """Be the one worker of a workspace.

    Raises:
        BusyError: Another one works.
    """
    busy = BusyError(
        f"Another worker is at work in {folder}.",
        hint="One is enough: `mindgap serve` starts its own unless told --no-work.",
    )
    with held(folder / DATA_FOLDER / _LOCK, wait_s=_SECONDS_TO_WAIT, busy=busy):
        yield


def has_worker(folder: Path) -> bool:
    """Whether a worker is at work in a workspace."""
    try:
        with held(folder / DATA_FOLDER / _LOCK, wait_s=0.0, busy=BusyError("A worker is at work.")):
            return False
    except BusyError:
        return True
