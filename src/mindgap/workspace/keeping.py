"""How long rows are kept, by [privacy] kept_days: what is older goes, once a day and at every run."""

from typing import TYPE_CHECKING, Any

from mindgap.kernel.clock import now
from mindgap.kernel.settings import read_settings
from mindgap.loop.retention import Retention, forget_old_rows

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk


def retention(workspace: "Desk") -> Retention:
    """What mindgap.toml says of it now.

    Raises:
        SettingsError: It names a table whose rows cannot grow old.
    """
    kept = read_settings(workspace.folder).privacy.kept_days
    found = Retention(kept_days=kept, time_zone=workspace.settings.time_zone, at=now())
    found.check()
    return found


def let_go(workspace: "Desk") -> None:
    """Take rows of imported tables away that are too old; events go when they are compacted.

    Raises:
        BusyError: Another process is working in this workspace.
    """
    rule = retention(workspace)
    if rule.kept_days:
        with workspace.exclusive():
            forget_old_rows(workspace.stores, rule)


def kept(workspace: "Desk") -> list[dict[str, Any]]:
    """What is kept for how long, and how old the oldest row is, as `mindgap status` tells."""
    rule = retention(workspace)
    found: list[dict[str, Any]] = []
    for table, days in sorted(rule.kept_days.items()):
        times = [part.min_time for part in workspace.stores.ledger.parts(table) if part.min_time is not None]
        found.append({"table": table, "days": days, "oldest": min(times, default=None)})
    return found
