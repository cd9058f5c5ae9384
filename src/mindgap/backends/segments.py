"""The EventLog port on a local folder: segments of lines, one writer a process, any number of readers."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_IWUSR

from mindgap.backends.segments_disk import Disk
from mindgap.backends.segments_format import SegmentView, lines
from mindgap.backends.segments_writer import SUFFIX, Rotation, Writer
from mindgap.kernel.clock import now
from mindgap.kernel.errors import OverloadError, StorageError
from mindgap.store.log import Entry, Position

_USED_UP = 0o400  # the mode of a closed segment that was consumed whole
_LOOK_AGAIN_S = 1.0
_RETRY_AFTER_S = 30.0  # a full log empties by work of minutes
_USUAL = Rotation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the log takes before it asks to wait, and how long it keeps what was consumed.

    Attributes:
        waiting_bytes: How much may wait for the disk.
        log_bytes: How much may lie in the log and not be consumed.
        free_bytes: How much room on the disk it leaves to others.
        grace_s: How long readers may still be in a segment that was consumed, in seconds.
    """

    waiting_bytes: int = 32_000_000
    log_bytes: int = 8_000_000_000
    free_bytes: int = 256_000_000
    grace_s: float = 300.0


_USUAL_LIMITS = Limits()


class SegmentLog:
    """An append-only log; opening it makes no file and starts no thread.

    Segments of a process that has ended are told by their lock, which the system lifts. Nobody ever writes
    behind the torn end that such a process may leave.

    Attributes:
        root: The folder of the segments.
    """

    def __init__(
        self,
        root: Path,
        *,
        rotation: Rotation = _USUAL,
        limits: Limits = _USUAL_LIMITS,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.root = root
        self._limits = limits
        self._disk = disk or Disk()
        self._writer = Writer(
            self._disk, root, rotation=rotation, clock=clock, max_bytes=limits.waiting_bytes
        )
        self._looked_at = -_LOOK_AGAIN_S
        self._refusal = ""
        self._purged: dict[str, int] = {}

    async def append(self, entry: Entry) -> None:
        """Store an entry; returns when it is on disk, together with what came at the same time.

        Raises:
            OverloadError: Too much is waiting already; nothing was stored.
            StorageError: The disk refused it; nothing was stored.
        """
        self._check_room()
        await self._writer.on_disk(lines(entry))

    def append_all(self, entries: Sequence[Entry]) -> None:
        """Store all of these, or none; returns when they are on disk.

        Raises:
            OverloadError: Too much is waiting already; nothing was stored.
            StorageError: The disk refused it; nothing was stored.
        """
        if not entries:
            return
        self._check_room()
        self._writer.write(b"".join(map(lines, entries)))

    def read(self, after: Mapping[str, int]) -> Iterator[tuple[Position, Sequence[Entry]]]:
        """What was committed behind these offsets up to now, commit by commit, segment by segment.

        What it hands out is on disk, even when its writer was killed before it could see to that.

        Args:
            after: Bytes already read, by segment; segments that are not named are read from their beginning.
        """
        for name in self._names():
            offset = after.get(name, 0)
            with self._open(name) as segment:
                if segment is not None and offset < segment.end:
                    self._disk.sync(segment.handle)
                    for behind, entries in segment.groups(offset):
                        yield Position(segment=name, offset=behind), entries

    def size_bytes(self, after: Mapping[str, int]) -> int:
        """How much lies in the log behind these offsets; an end that is torn counts for nothing."""
        total = 0
        for name in self._names():
            offset = after.get(name, 0)
            with self._open(name) as segment:
                if segment is not None and segment.has_group(offset):
                    total += segment.end - offset
        return total

    def drop(self, consumed: Mapping[str, int]) -> Sequence[str]:
        """Delete closed segments that were consumed whole some minutes ago; readers may still be in them.

        A segment that is found consumed for the first time becomes read-only; a later call deletes it.

        Args:
            consumed: Bytes consumed, by segment.

        Returns:
            The names in `consumed` whose segments are gone, now or before.
        """
        if not self.root.is_dir():  # which segments are gone is not known while all of them are away
            return []
        for name in self._names():
            with self._open(name) as segment:
                if segment is not None and segment.is_closed and not segment.has_group(consumed.get(name, 0)):
                    self._mark_or_delete(segment)
        return sorted(set(consumed) - set(self._names()))

    def purge(self, consumed: Mapping[str, int]) -> None:
        """Leave nothing on disk of what was consumed, at once.

        Closed segments that were consumed whole go away. In the others what was consumed is blanked in its
        place: nobody needs it any more, the writer only ever writes behind it, and readers pass over what no
        checksum covers.

        Args:
            consumed: Bytes consumed, by segment.
        """
        for name in self._names():
            offset = consumed.get(name, 0)
            with self._open(name) as segment:
                if segment is None:
                    continue
                if segment.is_closed and not segment.has_group(offset):
                    self._path(name).unlink(missing_ok=True)
                elif offset > self._purged.get(name, 0):
                    self._disk.blank(self._path(name), self._purged.get(name, 0), offset)
                    self._purged[name] = offset

    def close(self) -> None:
        """Write what is waiting and end."""
        self._writer.close()

    def _mark_or_delete(self, segment: SegmentView) -> None:
        state = os.fstat(segment.handle)
        if state.st_mode & S_IWUSR:
            os.fchmod(segment.handle, _USED_UP)
        elif time.time() - state.st_ctime > self._limits.grace_s:
            self._path(segment.name).unlink(missing_ok=True)

    def _names(self) -> list[str]:
        try:
            return sorted(file.stem for file in self.root.iterdir() if file.suffix == SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable(error) from error

    def _path(self, name: str) -> Path:
        return self.root / f"{name}{SUFFIX}"

    @contextmanager
    def _open(self, name: str) -> Generator[SegmentView | None]:
        """A segment, open for reading; None when it was deleted meanwhile."""
        try:
            handle = os.open(self._path(name), os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            raise _unusable(error) from error
        try:
            yield SegmentView(name, handle)
        except OSError as error:
            raise _unusable(error) from error
        finally:
            os.close(handle)

    def _check_room(self) -> None:
        if time.monotonic() - self._looked_at >= _LOOK_AGAIN_S:
            self._refusal = self._no_room()
            self._looked_at = time.monotonic()
        if self._refusal:
            raise OverloadError(self._refusal, retry_after_s=_RETRY_AFTER_S)

    def _no_room(self) -> str:
        """Why no more is taken at the moment, or nothing."""
        try:
            if self._disk.free_bytes(self.root) < self._limits.free_bytes:
                return "The disk of the event log is nearly full."
            if self._to_consume_bytes() > self._limits.log_bytes:
                return "The event log is full: its events wait to be worked up."
        except FileNotFoundError:  # the first entry makes the folder
            return ""
        except OSError as error:
            raise _unusable(error) from error
        return ""

    def _to_consume_bytes(self) -> int:
        """About how much of the log is not consumed: all segments but the read-only ones."""
        total = 0
        for file in os.scandir(self.root):
            with suppress(FileNotFoundError):
                state = file.stat()
                total += state.st_size if state.st_mode & S_IWUSR else 0
        return total


def _unusable(error: OSError) -> StorageError:
    return StorageError(
        f"The event log cannot be used: {error.strerror or type(error).__name__}.",
        hint="Check its permissions and its disk.",
    )
