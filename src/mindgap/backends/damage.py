"""What is said of a data file that cannot be read, and what to do by where it lies."""

import os
from pathlib import Path

from mindgap.kernel.errors import GoneError, StorageError

_RESTORE = "restore a backup (`mindgap state restore FILE`)"
_HINTS = {
    "shelf": "Nothing is lost, it was derived: delete it and run `mindgap run`, which makes it anew.",
    "ledger": "If its source is still there (`mindgap doctor` names it), delete this file and run"
    f" `mindgap run`, which reads the source again. Else {_RESTORE}.",
    "lake": f"Events lie only here: {_RESTORE}.",
}


def unreadable(path: Path) -> StorageError:
    """The error of a file of a table that is gone, damaged or not ours to read.

    >>> print(unreadable(Path("shop/.mindgap/shelf/visits/a.parquet")))  # doctest: +ELLIPSIS
    A table's files cannot be read: a.parquet (shop/.mindgap/shelf/visits) is gone. Nothing is lost, it ...
    """
    if not path.exists():
        state = "gone"
    elif not os.access(path, os.R_OK):
        state = "not ours to read: its permissions forbid it"
    else:
        state = "damaged"
    kind = next((name for name in path.parts[-3:] if name in _HINTS), "")
    error = GoneError if state == "gone" else StorageError
    return error(
        f"A table's files cannot be read: {path.name} ({path.parent}) is {state}.",
        hint="Correct its permissions."
        if state.startswith("not")
        else _HINTS.get(kind, _RESTORE.capitalize()),
    )
