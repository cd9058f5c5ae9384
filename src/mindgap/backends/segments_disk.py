"""What the event log asks of the disk, in one narrow place."""

import errno
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

_CHUNK_BYTES = 1 << 20


class Disk:
    """The calls of the operating system that write a log."""

    def create(self, path: Path) -> int:
        """Make a new file that its maker holds locked; the lock ends with its maker, however that ends."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            os.close(handle)
            raise
        return handle

    def write(self, handle: int, parts: Sequence[memoryview], offset: int) -> int:
        """Write these one after another; returns how many bytes, which may be fewer than there are."""
        return os.pwritev(handle, parts, offset)

    def sync(self, handle: int) -> None:
        """Return when all that anybody wrote to a file is on the disk itself."""
        if hasattr(fcntl, "F_FULLFSYNC"):  # on macOS a plain sync ends in the disk's own cache
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        else:
            os.fdatasync(handle)

    def check_there(self, handle: int) -> None:
        """Raise OSError when a file was deleted since it was opened."""
        if os.fstat(handle).st_nlink == 0:
            raise OSError(errno.ENOENT, "the segment was deleted")

    def sync_folder(self, path: Path) -> None:
        """Return when the names in a folder are on the disk itself."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file off."""
        os.ftruncate(handle, size)

    def blank(self, path: Path, start: int, end: int) -> None:
        """Put spaces in the place of these bytes, and return when they are on the disk itself."""
        handle = os.open(path, os.O_WRONLY)
        try:
            while start < end:
                start += os.pwrite(handle, b" " * min(_CHUNK_BYTES, end - start), start)
            self.sync(handle)
        finally:
            os.close(handle)

    def close(self, handle: int) -> None:
        """Let go of a file."""
        os.close(handle)

    def free_bytes(self, path: Path) -> int:
        """How much more a folder can take."""
        room = os.statvfs(path)
        return room.f_bavail * room.f_frsize
