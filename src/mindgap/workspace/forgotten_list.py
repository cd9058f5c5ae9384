"""The list of who is forgotten, as a file beside mindgap.toml: a backup from before does not know them.

It holds keyed digests only. Bringing a backup back reads it, and forgets again whoever the backup still holds
(`reapply`). Keep it together with the workspace's master key, without which it says nothing.
"""

import json
import os
import secrets
from typing import TYPE_CHECKING, cast

from mindgap.backends.folder import disk_errors
from mindgap.kernel.clock import now
from mindgap.kernel.errors import StorageError
from mindgap.loop.forget_steps import ALL_STEPS
from mindgap.loop.persons import every_name
from mindgap.store.suppression import Erasure, NameKind

if TYPE_CHECKING:
    from pathlib import Path

    from mindgap.workspace.desk import Desk

FILE_NAME = "mindgap.forgotten"


def catch_up(workspace: "Desk") -> None:
    """Add to the file whom the list of the state has and the file has not; on disk when this returns.

    The state comes first: whoever opens the workspace in between finds nothing in the file that it lacks.
    """
    new = sorted(set(workspace.stores.suppression.digests()) - set(read(workspace.folder)))
    if not new:
        return
    with disk_errors():
        handle = os.open(workspace.folder / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as file:
            file.writelines(json.dumps({"kind": kind, "digest": mark}) + "\n" for kind, mark in new)
            file.flush()
            os.fsync(file.fileno())


def read(folder: "Path") -> list[tuple[NameKind, str]]:
    """What the file of a workspace says; nothing where there is none.

    Raises:
        StorageError: It is damaged.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return []
    found: list[tuple[NameKind, str]] = []
    try:
        for line in path.read_text("ascii").splitlines():
            said = json.loads(line)
            found.append((cast("NameKind", said["kind"]), said["digest"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} cannot be read: it lists who was forgotten, and must be whole.",
            hint="Bring it back from where it was copied to; do not use the workspace before.",
        ) from error
    return found


def reapply(workspace: "Desk") -> int:
    """Put on the list whom the file knows and the state does not, as after a backup was brought back.

    Returns:
        How many ids of these the workspace still holds; `carry_out` takes them out.
    """
    suppression = workspace.stores.suppression
    listed = set(read(workspace.folder))
    new = listed - set(suppression.digests()) if listed else listed
    if not new:
        return 0
    at = now()
    again = Erasure(
        id=secrets.token_hex(8),
        subject=suppression.digest(FILE_NAME),
        stage="suppressed",
        requested_at=at,
        suppressed_at=at,
        steps_left=list(ALL_STEPS),
        receipt={"again": True},
    )
    every = every_name(workspace.stores)
    names = [name for name in every if (name.kind, suppression.digest(name.text)) in new]
    suppression.suppress(again, names)
    suppression.adopt(listed, again)  # last: what is cut off before it begins anew
    return len(names)
