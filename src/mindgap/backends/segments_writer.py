"""Writes a log: one thread takes all that waits, brings it to disk with one sync, and wakes who waits."""

import asyncio
import errno
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from mindgap.backends.segments_disk import Disk
from mindgap.backends.segments_format import first_line
from mindgap.kernel.errors import OverloadError, StorageError

SUFFIX = ".ndjson"
_TOKEN_BYTES = 6
_MAX_PARTS = 512  # the system takes 1024 at a time
_MAX_GROUP_BYTES = 8_000_000  # what a reader holds in memory at a time; one delivery may be larger
_LONG_AGO = datetime(1970, 1, 1)
_HINT = "Free some space or mend the disk; it goes on by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a new segment is begun.

    Attributes:
        bytes: When it has become that large.
        age_s: When it has become that old, in seconds.
    """

    bytes: int = 64_000_000
    age_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries on their way to disk.

    Attributes:
        content: Their lines.
        told: Who is told when they are there.
        loop: The event loop on which to tell; None for a thread.
    """

    content: bytes
    told: "asyncio.Future[None] | Future[None]"
    loop: asyncio.AbstractEventLoop | None = None


class OpenSegment:
    """The file that this process writes at the moment; nobody else ever writes into it.

    Attributes:
        name: Its name; names sort by the time at which segments were begun.
        size: Bytes up to the end of what is known to be on disk.
        is_broken: Whether nothing may be written behind that any more.
    """

    def __init__(self, disk: Disk, folder: Path, moment: datetime) -> None:
        self.name = f"{moment:%Y%m%dT%H%M%S%f}-{secrets.token_hex(_TOKEN_BYTES)}"
        self.size = 0
        self.is_broken = False
        self._disk = disk
        self._path = folder / f"{self.name}{SUFFIX}"
        self._handle = disk.create(self._path)
        self._began = time.monotonic()
        try:
            disk.sync_folder(folder)
        except OSError:
            self.close()
            raise

    def append(self, content: Sequence[bytes]) -> None:
        """Bring the lines of a group to disk.

        Raises:
            OSError: It is not there. What was written of it is cut off again, as far as the disk lets us.
        """
        group = (first_line(self.name, self.size, content), *content)
        written = 0
        try:
            written = self._write(group)
            self._disk.sync(self._handle)
            self._disk.check_there(self._handle)
        except Exception:
            # What failed to sync may never reach the disk although a later sync succeeds, and a reader may
            # have taken it already: nothing may ever lie in its place or behind it.
            self.is_broken = not self._cut_back() or written > 0
            raise
        self.size += written

    def is_done(self, rotation: Rotation) -> bool:
        """Whether it is broken, large or old enough."""
        return self.is_broken or self.size >= rotation.bytes or self.age_s >= rotation.age_s

    @property
    def age_s(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._began

    def close(self) -> None:
        """Write no more, and let go of the lock; a segment in which nothing was stored goes away."""
        if self.size == 0:
            with suppress(OSError):
                self._path.unlink()
        with suppress(OSError):
            self._disk.close(self._handle)

    def _write(self, parts: Sequence[bytes]) -> int:
        """Write all of these behind what is there; returns how many bytes they are."""
        left = deque(map(memoryview, parts))
        at = self.size
        while left:
            written = self._disk.write(self._handle, list(islice(left, _MAX_PARTS)), at)
            if not written:
                raise OSError(errno.EIO, "nothing could be written")
            at += written
            while left and written >= len(left[0]):
                written -= len(left.popleft())
            if written:
                left[0] = left[0][written:]
        return at - self.size

    def _cut_back(self) -> bool:
        try:
            self._disk.truncate(self._handle, self.size)
        except OSError:
            return False
        return True


class Writer:
    """The thread that writes; it begins with the first entry."""

    def __init__(
        self, disk: Disk, folder: Path, *, rotation: Rotation, clock: Callable[[], datetime], max_bytes: int
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._rotation = rotation
        self._clock = clock
        self._max_bytes = max_bytes
        self._queue: deque[Waiting] = deque()
        self._queue_bytes = 0
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._closed = False
        self._segment: OpenSegment | None = None
        self._latest = _LONG_AGO

    def on_disk(self, content: bytes) -> "asyncio.Future[None]":
        """What ends when lines are on disk, for the event loop that runs.

        Raises:
            OverloadError: Too much is waiting already.
            StorageError: The log was closed; what ends may hold one, too.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        self._put(Waiting(content, told, loop))
        return told

    def write(self, content: bytes) -> None:
        """Return when lines are on disk, for a thread.

        Raises:
            OverloadError: Too much is waiting already.
            StorageError: They are not there.
        """
        told: Future[None] = Future()
        self._put(Waiting(content, told))
        told.result()

    def close(self) -> None:
        """Write what is waiting and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _put(self, waiting: Waiting) -> None:
        with self._changed:
            if self._closed:
                raise StorageError("The event log is closed.")
            if self._queue and self._queue_bytes + len(waiting.content) > self._max_bytes:
                raise OverloadError("More events arrive than the disk takes.")
            self._queue.append(waiting)
            self._queue_bytes += len(waiting.content)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="event-log", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _work(self) -> None:
        while taken := self._take():
            _tell(taken, self._store(taken))
        self._end_segment()

    def _take(self) -> list[Waiting]:
        """All that waits, up to the size of a group; nothing when the log was closed and all is written."""
        with self._changed:
            while not self._queue and not self._closed:
                if not self._changed.wait(self._idle_s()):
                    self._end_segment()
            taken: list[Waiting] = []
            taken_bytes = 0
            while self._queue and (
                not taken or taken_bytes + len(self._queue[0].content) <= _MAX_GROUP_BYTES
            ):
                taken.append(self._queue.popleft())
                taken_bytes += len(taken[-1].content)
            self._queue_bytes -= taken_bytes
            return taken

    def _idle_s(self) -> float | None:
        """How long an open segment may wait for more."""
        return max(self._rotation.age_s - self._segment.age_s, 0.0) if self._segment else None

    def _store(self, taken: Sequence[Waiting]) -> str:
        """Bring a group to disk; returns what stood in the way, or nothing."""
        failed = ""
        try:
            segment = self._segment = self._segment or self._begin()
            segment.append([waiting.content for waiting in taken])
        except OSError as error:
            failed = error.strerror or type(error).__name__
        except Exception as error:  # noqa: BLE001 - whatever it was, everybody who waits must hear of it
            failed = type(error).__name__
        if self._segment is not None and self._segment.is_done(self._rotation):
            self._end_segment()
        return failed

    def _begin(self) -> OpenSegment:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._disk.sync_folder(self._folder.parent)
        self._latest = max(
            self._clock(), self._latest + timedelta(microseconds=1)
        )  # clocks are set back, too
        return OpenSegment(self._disk, self._folder, self._latest)

    def _end_segment(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None


def _tell(taken: Sequence[Waiting], failed: str) -> None:
    """Tell all who waited, each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[Waiting]] = defaultdict(list)
    for waiting in taken:
        by_loop[waiting.loop].append(waiting)
    for loop, told in by_loop.items():
        if loop is None:
            _settle(told, failed)
        else:
            with suppress(RuntimeError):  # that event loop has ended, and with it those who waited
                loop.call_soon_threadsafe(_settle, told, failed)


def _settle(told: Sequence[Waiting], failed: str) -> None:
    for waiting in told:
        if waiting.told.done():  # who waited has gone away
            continue
        if failed:
            error = StorageError(f"The event log cannot be written: {failed}.", hint=_HINT)
            waiting.told.set_exception(error)
        else:
            waiting.told.set_result(None)
