"""A process that writes an event log until it is stopped, and tells at once what was acknowledged.

python -m benchmarks._event_writer FOLDER NAME [--unsynced]

Each line that it prints is `kept ID` or `refused ID`. What an entry holds follows from its id, so that who
reads the log can tell whether it is whole, and whether it is one at all.
"""

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import uvloop

from mindgap.backends.segments import Limits, SegmentLog
from mindgap.backends.segments_disk import Disk
from mindgap.kernel.errors import MindgapError
from mindgap.store.log import Entry

TASKS = 6
BETWEEN_S = 0.001
LONG, LONG_EACH = 20_000, 15  # some are so long that a fault can hit the middle of them
_BEGAN = datetime(2026, 1, 1)


class Unsynced(Disk):
    """A disk that says that all is on it when it is not; a harness that does not notice proves nothing."""

    def sync(self, handle: int) -> None:
        """Do nothing."""

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""


def entry_of(name: str) -> Entry:
    """The entry with an id `WRITER-TASK-NUMBER`."""
    number = int(name.rpartition("-")[2])
    pad = f"{name}/" * (LONG if number % LONG_EACH == LONG_EACH - 1 else number % 37)
    return Entry(
        source="till",
        received_at=_BEGAN + timedelta(milliseconds=number),
        messages=[f'{{"messageId":"{name}-{i}","pad":"{pad}"}}'.encode() for i in range(number % 3 + 1)],
        context=b'{"library":{"name":"faults"}}' if number % 2 else b"",
        cursor=name,
    )


async def task(log: SegmentLog, name: str) -> None:
    """Append entry after entry."""
    number = 0
    while True:
        entry = entry_of(f"{name}-{number}")
        try:
            await log.append(entry)
        except MindgapError:
            os.write(1, f"refused {entry.cursor}\n".encode())
            await asyncio.sleep(BETWEEN_S * 20)
        else:
            os.write(1, f"kept {entry.cursor}\n".encode())
        await asyncio.sleep(BETWEEN_S)
        number += 1


async def write(log: SegmentLog, name: str) -> None:
    await asyncio.gather(*(task(log, f"{name}-{number}") for number in range(TASKS)))


if __name__ == "__main__":
    chosen = Unsynced() if "--unsynced" in sys.argv else Disk()
    opened = SegmentLog(Path(sys.argv[1]), limits=Limits(free_bytes=0), disk=chosen)
    uvloop.run(write(opened, sys.argv[2]))
