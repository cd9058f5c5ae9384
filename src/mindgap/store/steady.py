"""Reads that do not mind when a file is written anew under them.

A read looks up which files a table has, and opens them a moment later. Who erases a person deletes what the
state no longer names at once, and waits for no reader. So a read that finds a file gone looks again: the
state then names the file's successor. What is named once more after it was found gone is lost.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mindgap.kernel.errors import GoneError

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def steady(read: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """A read that is done again when a file is gone; it must look up the names of files itself.

    >>> steady(len)([1, 2])
    2
    """

    @wraps(read)
    def again(*args: _Given.args, **more: _Given.kwargs) -> _Found:
        gone: set[str] = set()
        while True:
            try:
                return read(*args, **more)
            except GoneError as error:
                if error.message in gone:
                    raise
                gone.add(error.message)

    return again
