"""Files that were there before [privacy] encrypt_files was switched on."""

from typing import TYPE_CHECKING

from mindgap.kernel.errors import BusyError, UsageError
from mindgap.workspace.data_files import data_files
from mindgap.workspace.desk import DATA_FOLDER

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_SECONDS_TO_WAIT = 30.0


def encrypt_files(workspace: "Desk") -> int:
    """Encrypt every Parquet file that is not yet, one after the other; done again, it goes on.

    Returns:
        How many were encrypted now.

    Raises:
        UsageError: [privacy] encrypt_files is off.
        BusyError: Another process is working in this workspace.
    """
    if not workspace.stores.cipher.is_on:
        raise UsageError(
            "[privacy] encrypt_files is off in mindgap.toml.", hint="Set it to true, then call this again."
        )
    busy = BusyError(
        f"Another mindgap process is bringing in events in {workspace.folder}.",
        hint="Wait until it has finished, or stop it; nothing is lost.",
    )
    data = workspace.folder / DATA_FOLDER
    with workspace.held("lake.lock", wait_s=_SECONDS_TO_WAIT, busy=busy), workspace.exclusive():
        files = [path for _place, path in data_files(data) if path.suffix == ".parquet"]
        return sum(workspace.stores.cipher.encrypt(path) for path in files)
