"""Reads that do not mind when a file is written anew under them.

A read looks up which files a table has, and opens them a moment later. Who erases a person deletes what the
state no longer names at once, and waits for no reader. So a read that finds a file gone looks again: the
state then names the file's successor. What is really lost is as gone the last time as the first.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from mindgap.kernel.errors import GoneError

TRIES = 4
"""An erasure takes each file away once, in its last steps; several people may be erased one after another."""
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def steady(read: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """A read that is done again when a file is gone; it must look up the names of files itself.

    >>> steady(len)([1, 2])
    2
    """

    @wraps(read)
    def again(*args: _Given.args, **more: _Given.kwargs) -> _Found:
        for _ in range(TRIES - 1):
            with suppress(GoneError):
                return read(*args, **more)
        return read(*args, **more)

    return again
