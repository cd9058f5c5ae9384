"""Every error that Mindgap raises on purpose.

    MindgapError
    ├── UsageError        the call itself is wrong; exit code 2
    ├── SettingsError     mindgap.toml is wrong
    ├── SourceError       a file or source cannot be read
    ├── MappingError      the columns of a source cannot be understood
    ├── StorageError      the workspace cannot be written or read
    │   └── GoneError     a file that the state named a moment ago is not there
    ├── BusyError         another process is working in this workspace
    ├── OverloadError     more arrives than can be stored; try again later
    ├── AccessError       no right or no purpose for this read
    ├── UnknownError      a table, customer or model that is not there
    └── CannotSay         the data does not allow an answer; carries a reason

A message says what was wrong, where, and what to do. It never holds personal data.
"""

from typing import Any, ClassVar


class MindgapError(Exception):
    """Root of every error that Mindgap raises on purpose.

    Attributes:
        message: What was wrong and where.
        hint: What to do about it; may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class UsageError(MindgapError):
    """The call itself is wrong."""

    exit_code = 2


class SettingsError(MindgapError):
    """mindgap.toml holds something that cannot be used."""


class SourceError(MindgapError):
    """A file or source cannot be read."""


class MappingError(MindgapError):
    """The columns of a source cannot be matched to a canonical table."""


class StorageError(MindgapError):
    """The workspace cannot be written or read."""


class GoneError(StorageError):
    """A file that the state named when a read looked it up is not there: lost, or written anew since."""


class BusyError(MindgapError):
    """Another process is working in this workspace."""


class OverloadError(MindgapError):
    """More arrives than can be stored at the moment.

    Attributes:
        retry_after_s: When to try again, in seconds.
    """

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message, hint="Try again later.")
        self.retry_after_s = retry_after_s


class AccessError(MindgapError):
    """This read has no right or no lawful purpose."""


class UnknownError(MindgapError):
    """A table, customer or model that is not there."""


class CannotSay(MindgapError):  # noqa: N818 - it is an answer, not a failure
    """The data does not allow an answer.

    Attributes:
        code: The reason, a key of the message catalogue (kernel/locales), e.g. ``no-prices``.
        params: Figures that the message needs.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"cannot say: {code}")
        self.code = code
        self.params = params
