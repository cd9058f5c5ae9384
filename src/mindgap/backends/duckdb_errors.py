"""Errors of the embedded engine, in our words: Ctrl-C, and whatever goes wrong while a source is read."""

import re
from collections.abc import Generator
from contextlib import contextmanager

import duckdb

from mindgap.kernel.errors import SourceError, StorageError
from mindgap.store.importing import BrokenLinesError, RawSource

_DISK_FULL = re.compile(
    r"no space left|disk full|disk quota|file too large|max_temp_directory_size", re.IGNORECASE
)
_WRITE_FAILED = re.compile(r"(cannot|could not|failed to) (write|create|sync|truncate)", re.IGNORECASE)
_BROKEN_LINES = re.compile(r"invalid state|strict.mode", re.IGNORECASE)
_INTERRUPTED = "Query interrupted"


@contextmanager
def interruptible() -> Generator[None]:
    """Give Ctrl-C back its meaning: the engine takes the signal and raises a plain RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise


@contextmanager
def own_errors(source: RawSource) -> Generator[None]:
    """Turn the engine's errors into ours; theirs may quote rows, ours never do."""
    try:
        with interruptible():
            yield
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise  # a mistake of ours, not of the source
    except duckdb.Error as error:
        raise _own_error(source, error) from None


def _own_error(source: RawSource, error: duckdb.Error) -> Exception:
    name, text = source.path.name, str(error)
    if _DISK_FULL.search(text):
        hint = "Free some space and run again; nothing was changed."
        return StorageError(f"The disk is full: {name} could not be brought in.", hint=hint)
    if isinstance(error, duckdb.OutOfMemoryException):
        hint = "Close other programs and run again; nothing was changed."
        return StorageError(f"{name} needs more memory than this machine has free.", hint=hint)
    if _WRITE_FAILED.search(text):
        return StorageError(
            f"Nothing could be written while {name} was read.", hint="Check the folder's rights."
        )
    if _BROKEN_LINES.search(text) and not source.repaired:
        return BrokenLinesError(f"{name} mixes kinds of line ends or quotes.")
    return SourceError(f"{name} is damaged and cannot be read.", hint="Export it again.")
