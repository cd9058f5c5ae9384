"""Locks between processes."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mindgap.kernel.errors import BusyError, StorageError


@contextmanager
def held(path: Path, *, wait_s: float, busy: BusyError) -> Generator[None]:
    """Hold a lock.

    Args:
        path: The lock's file.
        wait_s: How long to wait for it, in seconds.
        busy: What to raise when another process holds it longer.

    Raises:
        StorageError: The folder cannot be written.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise busy from error
    except OSError as error:
        raise StorageError(
            f"The folder {path.parent} cannot be written: {error.strerror or type(error).__name__}.",
            hint="Check its permissions and free disk space.",
        ) from error
    try:
        yield
    finally:
        lock.release()
