"""What Spark says when something is wrong, in our words."""

import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from mindgap.backends.damage import unreadable
from mindgap.backends.duckdb import DISK_FULL
from mindgap.kernel.errors import MindgapError, StorageError

_FILES = re.compile(
    r"FAILED_READ_FILE|PATH_NOT_FOUND|CANNOT_MERGE_SCHEMAS|FAILED_MERGE_SCHEMA|UNABLE_TO_INFER_SCHEMA"
    r"|FileNotFound|TASK_WRITE_FAILED"
)
_NAMED = re.compile(r"reading file (?:file:)?/*(/\S*?)\.?(?:\s|$)")
_MEMORY = re.compile(r"OutOfMemoryError|UNABLE_TO_ACQUIRE_MEMORY")
_GONE = re.compile(
    r"Connection refused|StatusCode\.UNAVAILABLE|Answer from Java side is empty|SparkContext was"
    r"|on a stopped SparkContext|ALL_MASTERS_UNRESPONSIVE|All masters are unresponsive",
)


@contextmanager
def own_errors() -> Generator[None]:
    """Whatever Spark raises about files, memory and machines, as an error of ours."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an optional package

    raised: tuple[type[Exception], ...] = (PySparkException, OSError)
    with suppress(ImportError):  # the thin client has no Java to speak to
        from py4j.protocol import Py4JError  # noqa: PLC0415

        raised = (*raised, Py4JError)
    try:
        yield
    except raised as error:
        own = _own_error(str(error), error)
        if own is None:
            raise
        raise own from error


def _own_error(text: str, error: Exception) -> MindgapError | None:
    """What Spark says of files, memory and machines, in our words; its own may hold data."""
    if DISK_FULL.search(text):
        return StorageError(
            "The disk is full: a table could not be written.",
            hint="Free some space and run the same command again; what was finished is kept.",
        )
    if _MEMORY.search(text):
        return StorageError(
            "Spark has too little memory for this table.",
            hint="Raise memory_limit_mb in mindgap.toml, or use more machines.",
        )
    if _GONE.search(text) or isinstance(error, ConnectionError) or type(error).__name__ == "Py4JNetworkError":
        return StorageError(
            "Spark ended, or cannot be reached any more.",
            hint="See `mindgap doctor`. Run the same command again; what was finished is kept.",
        )
    if _FILES.search(text) or isinstance(error, OSError):
        named = _NAMED.search(text)
        if named and "FAILED_READ_FILE" in text and Path(named[1]).exists():
            return unreadable(Path(named[1]))
        return StorageError(
            f"Spark could not read or write its files{f': {named[1]}' if named else ''}.",
            hint="Check free disk space and permissions, and that every machine of the cluster sees the"
            " workspace's folder under the same path; then run the same command again.",
        )
    return None
