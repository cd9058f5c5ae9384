"""What the worker of a workspace does: works events up, reads sources that we fetch."""

import logging
import threading
from typing import TYPE_CHECKING

from mindgap.workspace.backup import destroy_old_keys
from mindgap.workspace.erasure import carry_out
from mindgap.workspace.fetching import Fetching
from mindgap.workspace.heartbeat import sole_worker
from mindgap.workspace.keeping import let_go
from mindgap.workspace.rereading import Rereading
from mindgap.workspace.upkeep import Chore, Upkeep

if TYPE_CHECKING:
    from mindgap.workspace.core import Workspace

_log = logging.getLogger("mindgap.worker")
_COMPACT_EVERY_S = 5.0
_SETTLE_EVERY_S = 2.0
_FORGET_EVERY_S = 5.0
_A_DAY_S = 86_400.0
_TIDY_EVERY_S = 60.0


def work(workspace: "Workspace", stop: threading.Event) -> None:
    """Work until told to stop; what is being done then is finished, and what waits stays in the log.

    Raises:
        BusyError: Another worker is at work in this workspace.
    """
    with sole_worker(workspace.folder):
        fetching = Fetching()
        chores = [
            Chore(name="compact", every_s=_COMPACT_EVERY_S, do=lambda desk: desk.compact()),
            Chore(name="tidy", every_s=_TIDY_EVERY_S, do=lambda desk: desk.tidy()),
            Chore(name="fetch", every_s=_SETTLE_EVERY_S, do=fetching.settle),
            Chore(name="import", every_s=_SETTLE_EVERY_S, do=Rereading().read),
            Chore(name="forget", every_s=_FORGET_EVERY_S, do=carry_out),
            Chore(name="retention", every_s=_A_DAY_S, do=let_go),
            Chore(name="backup keys", every_s=_A_DAY_S, do=destroy_old_keys),
        ]
        _log.info("working")
        try:
            Upkeep(workspace, chores).run(stop)
        finally:
            fetching.end()
            workspace.stores.log.close()
            _log.info("stopped")
