"""What `mindgap doctor` says of data files that cannot be read."""

from typing import TYPE_CHECKING, Any

from mindgap.cli.health import check

if TYPE_CHECKING:
    from mindgap.workspace import Workspace
    from mindgap.workspace.damage import Damage

_MOST = 20
_RESTORE = "restore a backup: mindgap state restore FILE"


def file_checks(workspace: "Workspace") -> list[dict[str, Any]]:
    """Damaged files with what to do, the first twenty of them; else that there are none."""
    from mindgap.workspace.damage import damaged_files  # noqa: PLC0415 - engines are slow to import

    found = damaged_files(workspace)
    if not found:
        return [check("data files", "all can be read", ok=True)]
    told = [
        check(f"{one.state} file of {one.table}", one.path, ok=False, hint=_advice(one))
        for one in found[:_MOST]
    ]
    if len(found) > _MOST:
        told.append(check("data files", f"{len(found) - _MOST:,} more are gone or damaged", ok=False))
    return told


def _advice(one: "Damage") -> str:
    if not one.source:
        first = "Run" if one.state == "gone" else "Delete it, then run"
        return f"Nothing is lost, it was derived. {first} mindgap run, which makes it anew."
    if one.table == "events":
        return f"Events of {one.source} lie only here; {_RESTORE}."
    return (
        f"mindgap run reads the source {one.source} again, where its file is still there"
        f"{'' if one.state == 'gone' else ' (delete this one first)'}. Else {_RESTORE}."
    )
