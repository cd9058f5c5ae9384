"""The Files port for the lake of events, which a compaction writes while a run works elsewhere."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mindgap.backends.folder import FolderFiles, disk_errors
from mindgap.kernel.clock import now

DELAY = timedelta(minutes=10)
"""How long a file that nothing names stays: a reader that looked its name up may still want to open it."""
_FOLDER = "lake"


@dataclass(frozen=True, slots=True)
class LakeFiles(FolderFiles):
    """Files of the lake under the workspace's data folder; their names begin with `lake/`.

    Work in progress lies in the lake too, so that whoever holds the workspace's lock does not take it for a
    leftover.
    """

    work: str = f"{_FOLDER}/staging"

    def sweep(self, keep: Iterable[str]) -> None:
        """Delete what nothing has named for ten minutes, and leftovers of work that was cut off.

        What is found unnamed for the first time gets a modification time of 0; its access time says when.
        """
        self.clear()
        kept = {self.path(relative) for relative in keep}
        with disk_errors():
            for item in (self.root / _FOLDER).rglob("*.parquet"):
                if item not in kept:
                    _mark_or_delete(item)

    def purge(self, keep: Iterable[str]) -> None:
        """Delete at once what nothing names any more."""
        self.clear()
        kept = {self.path(relative) for relative in keep}
        with disk_errors():
            for item in (self.root / _FOLDER).rglob("*.parquet"):
                if item not in kept:
                    item.unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete leftovers of work that was cut off; only for the one process that may write the lake."""
        shutil.rmtree(self.root / self.work, ignore_errors=True)


def _mark_or_delete(item: Path) -> None:
    stat, present = item.stat(), now()
    if stat.st_mtime > 0:
        os.utime(item, (present.replace(tzinfo=UTC).timestamp(), 0))
    elif datetime.fromtimestamp(stat.st_atime, UTC).replace(tzinfo=None) < present - DELAY:
        item.unlink(missing_ok=True)
