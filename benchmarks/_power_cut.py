"""A disk that can lose its power: three file systems, each on a file of the one before.

The writer writes to the innermost. What nobody asks the innermost disk to flush stays in memory of the middle
one and is not in its file. That file, copied while the outermost is frozen, is what a disk with a volatile
cache holds when the power goes; mounting the copy recovers the journals as a machine that comes up does.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

_MIB = 1 << 20
_SIZES_MIB = (400, 160, 96)
_BARRIERS = "barrier=1"
_TRIES = 50


def why_not() -> str:
    """What is missing for power cuts here, or nothing."""
    missing = [name for name in ("mkfs.ext4", "mount", "umount", "fsfreeze") if not shutil.which(name)]
    if missing:
        return f"needs {', '.join(missing)}"
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image"
        make_disk(image, 8)
        try:
            with mounted(image, Path(folder) / "mounted"):
                return ""
        except subprocess.CalledProcessError as error:
            return f"needs the right to mount files: {error.stderr.strip()}"


def in_memory() -> str | None:
    """A folder in memory with enough room for a disk, where there is one; syncs cost little there."""
    shared = Path("/dev/shm")  # noqa: S108 - its files are in a private folder
    has_room = shared.is_dir() and shutil.disk_usage(shared).free > 10 * sum(_SIZES_MIB) * _MIB
    return str(shared) if has_room else None


def _call(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)


def make_disk(image: Path, size_mib: int) -> None:
    """A file with an empty ext4 file system."""
    with image.open("wb") as file:
        file.truncate(size_mib * _MIB)
    _call("mkfs.ext4", "-q", "-F", "-m", "0", image)


@contextmanager
def mounted(image: Path, at: Path, options: str = _BARRIERS) -> Iterator[Path]:
    """A file system on a file, mounted while the block runs."""
    at.mkdir(exist_ok=True)
    _call("mount", "-o", f"loop,noatime,{options}", image, at)
    try:
        yield at
    finally:
        _unmount(at)


def _unmount(at: Path) -> None:
    """Unmount, once processes that were just killed have let go."""
    for _ in range(_TRIES):
        try:
            _call("umount", at)
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    _call("umount", at)


class CutDisk:
    """Attributes:
    folder: Where the writer writes.
    """

    def __init__(self, work: Path, *, flushing: bool = True) -> None:
        self._work = work
        self._flushing = flushing
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Build it."""
        outer, middle = self._work / "outer.img", self._work / "outer" / "middle.img"
        make_disk(outer, _SIZES_MIB[0])
        with ExitStack() as stack:
            self._outer = stack.enter_context(mounted(outer, self._work / "outer"))
            make_disk(middle, _SIZES_MIB[1])
            at = stack.enter_context(mounted(middle, self._work / "middle"))
            make_disk(at / "inner.img", _SIZES_MIB[2])
            os.sync()
            options = _BARRIERS if self._flushing else "barrier=0"
            self.folder = stack.enter_context(mounted(at / "inner.img", self._work / "inner", options))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it down."""
        self._stack.close()

    @contextmanager
    def stopped(self) -> Iterator[Path]:
        """Nothing reaches the disk while the block runs; gives a copy of what is on it."""
        copy = self._work / "copy.img"
        _call("fsfreeze", "-f", self._outer)
        try:
            _call("cp", "--sparse=always", self._outer / "middle.img", copy)
            yield copy
        finally:
            _call("fsfreeze", "-u", self._outer)

    @contextmanager
    def after_power_cut(self, copy: Path) -> Iterator[Path]:
        """The disk as a machine that comes up again finds it."""
        with (
            mounted(copy, self._work / "copy") as at,
            mounted(at / "inner.img", self._work / "found") as found,
        ):
            yield found
