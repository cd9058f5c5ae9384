"""The Files port on a local folder: finished files are moved into place, never written in place."""

import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.kernel.derivation import FittedModel
from mindgap.kernel.errors import GoneError, StorageError
from mindgap.store.parquet import PLAIN, ParquetCipher, is_whole

_FULL = (errno.ENOSPC, errno.EDQUOT)
_ALWAYS_ENCRYPTED = "landing/"
"""Rows of databases as they came: nobody has yet looked what in them names a person."""
_KINDS = ("ledger", "quarantine", "shelf", "vault")


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Files under one local folder.

    Attributes:
        root: The workspace's data folder.
        work: Where work in progress lies, relative to it.
        cipher: Encrypts files that get their names, and has the key of those that are encrypted.
    """

    root: Path
    work: str = "staging"
    cipher: ParquetCipher = PLAIN

    def path(self, relative: str) -> Path:
        """The full path of a file named in the state."""
        return self.root / relative

    def is_whole(self, relative: str) -> bool:
        """Whether a Parquet file is there, and begins and ends as one; what is damaged within may pass."""
        return is_whole(self.path(relative))

    @contextmanager
    def staging(self) -> Generator[Path]:
        """A private folder for work in progress; gone afterwards, whatever happens."""
        folder = self.root / self.work / uuid.uuid4().hex
        with disk_errors():
            folder.mkdir(parents=True)
        try:
            with disk_errors():
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def adopt(self, staged: Path, relative: str) -> None:
        """Move a finished file or folder to its final name; it is on disk before it has that name."""
        target = self.path(relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.cipher is not PLAIN and (self.cipher.is_on or relative.startswith(_ALWAYS_ENCRYPTED)):
            for file in [staged, *sorted(staged.rglob("*"))]:
                if file.suffix == ".parquet":
                    self.cipher.encrypt(file)
        for item in [staged, *staged.rglob("*")] if staged.is_dir() else [staged]:
            sync(item)
        if target.is_dir():
            shutil.rmtree(target)
        staged.replace(target)
        sync(target.parent)
        sync(target.parent.parent)

    def open_parquet(self, path: Path) -> pq.ParquetFile:
        """Open a Parquet file, encrypted or not."""
        return self.cipher.open(path)

    def write_table(self, table: pa.Table, staged: Path) -> None:
        """Write an Arrow table as zstd Parquet."""
        pq.write_table(table, staged, compression="zstd")

    def write_model(self, model: FittedModel, staged: Path) -> None:
        """Write a model as a folder: card.json, text.json, one .npy an array."""
        staged.mkdir(parents=True)
        (staged / "card.json").write_text(json.dumps(model.card, ensure_ascii=False, indent=1), "utf-8")
        (staged / "text.json").write_text(json.dumps(model.text, ensure_ascii=False), "utf-8")
        for name, array in model.arrays.items():
            np.save(staged / f"{name}.npy", array, allow_pickle=False)

    def read_model(self, name: str, relative: str) -> FittedModel:
        """Read a model back; arrays are memory-mapped."""
        folder = self.path(relative)
        try:
            card = cast("dict[str, Any]", json.loads((folder / "card.json").read_text("utf-8")))
            text = cast("dict[str, str]", json.loads((folder / "text.json").read_text("utf-8")))
            arrays = {file.stem: np.load(file, mmap_mode="r") for file in sorted(folder.glob("*.npy"))}
        except (OSError, ValueError, EOFError) as error:
            told = StorageError if folder.exists() else GoneError
            raise told(
                f"The model {name!r} cannot be read from {folder}.",
                hint="Delete that folder and run `mindgap run` to train it again.",
            ) from error
        return FittedModel(name=name, card=card, arrays=arrays, text=text)

    def sweep(self, keep: Iterable[str]) -> None:
        """Delete what nothing names any more, and leftovers of work that was cut off.

        What is found unnamed for the first time is only marked (its modification time becomes 0) and
        deleted by the next sweep: a reader that looked the name up a moment ago can still open it.
        """
        self._each_unnamed(keep, _mark_or_delete)

    def purge(self, keep: Iterable[str]) -> None:
        """Delete at once what nothing names any more."""
        self._each_unnamed(keep, delete)

    def _each_unnamed(self, keep: Iterable[str], remove: Callable[[Path], object]) -> None:
        self.clear()
        kept = {self.path(relative) for relative in keep if relative}
        with disk_errors():
            for kind in _KINDS:
                for item in (self.root / kind).glob("*/*"):
                    if item not in kept:
                        remove(item)

    def clear(self) -> None:
        """Delete leftovers of work that was cut off; only for the one process that may write.

        What another engine spills lies in a folder that begins with the number of its process, and stays
        while that process lives.
        """
        shutil.rmtree(self.root / self.work, ignore_errors=True)
        for folder in (self.root / "scratch").glob("*"):
            if not _is_alive(folder.name.partition("-")[0]):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: str) -> bool:
    """Whether a process of that number runs here; where nobody can tell, it is taken to."""
    if os.name != "posix" or not process.isdigit():
        return process.isdigit()
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _mark_or_delete(item: Path) -> None:
    if item.stat().st_mtime > 0:
        os.utime(item, (0, 0))
    else:
        delete(item)


def delete(item: Path) -> None:
    """Delete a file, or a folder with all that is in it."""
    if item.is_dir():
        shutil.rmtree(item, ignore_errors=True)
    else:
        item.unlink(missing_ok=True)


@contextmanager
def disk_errors() -> Generator[None]:
    """Say what the disk refused in our own words.

    Raises:
        StorageError: The disk is full, or refused a write.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                "The disk is full: the workspace could not be written.",
                hint="Free some space and run the same command again; what was finished is kept.",
            ) from error
        raise StorageError(
            f"The workspace could not be written: {error.strerror or type(error).__name__}.",
            hint="Check free disk space and permissions, then run the same command again; nothing was lost.",
        ) from error


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
