"""A workspace's state as a whole: where it is, and moving it elsewhere."""

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mindgap.backends.locks import held
from mindgap.backends.state import SQLITE, URL_VARIABLE, StateAddress, open_state, state_address
from mindgap.backends.state_copy import describe
from mindgap.backends.state_move import Moved, move
from mindgap.kernel.clock import now
from mindgap.kernel.errors import BusyError, UnknownError, UsageError
from mindgap.kernel.settings import read_settings, write_workspace
from mindgap.workspace.desk import DATA_FOLDER

WRITERS = ("lake.lock", "lock")
"""Locks of those who write files and the state that names them."""
_ALL = ("worker.lock", *WRITERS)
_SECONDS_TO_WAIT = 1.0


def address_of(folder: Path) -> StateAddress:
    """Where the state of a workspace is.

    Raises:
        UnknownError: The folder is no workspace.
        SettingsError: mindgap.toml cannot be used.
    """
    data = folder / DATA_FOLDER
    if not data.is_dir():
        raise UnknownError(
            f"{folder} is no workspace.", hint="Run `mindgap init` or `mindgap run FILE...` there."
        )
    return state_address(read_settings(folder).workspace, data)


def show_state(folder: Path) -> dict[str, Any]:
    """Where the state is, on what, how large, and how many rows each table has.

    Raises:
        StorageError: It cannot be opened.
    """
    address = address_of(folder)
    engine = open_state(address)
    try:
        return {"state": str(address), **describe(engine)}
    finally:
        engine.dispose()


def move_state(folder: Path, to: str, *, schema: str = "", force: bool = False) -> Moved:
    """Move the state elsewhere, compare both sides, and only then say so in mindgap.toml.

    Args:
        folder: The workspace.
        to: `sqlite`, or `postgresql://user@host/database` without a password.
        schema: The schema there; by default that of mindgap.toml, else one named after the workspace.
        force: Whether a state that is there already may go.

    Raises:
        UsageError: It is there already, or another state is, or MINDGAP_STATE_URL says where it is.
        BusyError: Another process works in the workspace or has the state open.
        StorageError: A database cannot be reached or refuses; the state stays where it was.
    """
    if os.environ.get(URL_VARIABLE):
        raise UsageError(
            f"{URL_VARIABLE} says where the state is, whatever mindgap.toml says.",
            hint="Unset it, move the state, then set it to the new address.",
        )
    source = address_of(folder)
    target = StateAddress(url=to, schema=schema or source.schema, data=source.data)
    if str(target) == str(source):
        raise UsageError(f"The state is there already: {source}.")
    said = {"state": None if to == SQLITE else to, "state_schema": None if to == SQLITE else target.schema}
    with nobody_else(folder):
        return move(source, target, at=now(), force=force, switch=lambda: write_workspace(folder, said))


@contextmanager
def nobody_else(
    folder: Path, locks: Sequence[str] = _ALL, *, wait_s: float = _SECONDS_TO_WAIT
) -> Generator[None]:
    """Hold what a process holds that changes a workspace.

    Args:
        folder: The workspace.
        locks: Which locks.
        wait_s: How long to wait for each, in seconds.

    Raises:
        BusyError: Another process is at work.
    """
    busy = BusyError(
        f"Another mindgap process is working in {folder}.",
        hint="Wait until it has finished, or stop it; nothing was changed.",
    )
    with ExitStack() as stack:
        for name in locks:
            stack.enter_context(held(folder / DATA_FOLDER / name, wait_s=wait_s, busy=busy))
        yield
