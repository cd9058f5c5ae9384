"""What a state database refused, as our own errors: no password, no rows, and what to do."""

from typing import Any

from sqlalchemy.exc import DBAPIError

from mindgap.kernel.errors import BusyError, MindgapError, StorageError

_BUSY = {
    "40001": "Two processes changed the same at once.",
    "40P01": "Two processes waited for each other.",
    "53300": "The server has no connection left.",
    "55P03": "Another process holds what is to be changed.",
    "57014": "The server took too long.",
}
_STORAGE = {
    "25006": ("It is read-only.", "Use the address of the main server, not of a copy."),
    "3F000": ("Its schema is gone.", "The state was moved: start this process again."),
    "42501": ("The user may not do that.", "Make the user owner of the schema, or let it make schemas."),
    "42P01": ("Its tables are gone.", "The state was moved: start this process again."),
    "53100": ("Its disk is full.", "Free some space there; what was finished is kept."),
}
_OWN_MISTAKES = ("23", "42")
"""Classes of refusals that our own code caused, and may expect."""


def gone(where: str) -> StorageError:
    """The error for data without the state that names them: a run on a new state would delete them."""
    return StorageError(
        f"The workspace has data, but its state is not there: {where}.",
        hint="`mindgap state restore` brings a backup back, `mindgap state migrate` moves a state; or delete"
        " the folder .mindgap and bring the sources in again.",
    )


def postgres_error(place: str, context: Any) -> Exception | None:
    """What an error of PostgreSQL means; None leaves it as it is.

    Args:
        place: Which database, as messages may say it.
        context: SQLAlchemy's `ExceptionContext`.
    """
    original, refusal = context.original_exception, context.sqlalchemy_exception
    if isinstance(original, MindgapError):
        return original
    if not isinstance(refusal, DBAPIError) or context.is_pre_ping:  # the pool itself takes another connection
        return None
    if context.connection is None:
        return _unreachable(place, original)
    if context.is_disconnect:
        return StorageError(
            f"The connection to the state database {place} was lost in the middle of its work.",
            hint="A change was kept whole or not at all. Try again once the server is back.",
        )
    return _refused(place, original) or _bare(refusal)


def _refused(place: str, original: Any) -> MindgapError | None:
    """What a statement's refusal means; None where it is our own mistake."""
    state = original.sqlstate or ""
    if state in _BUSY:
        return BusyError(
            f"The state database {place}: {_BUSY[state]}", hint="Nothing was changed. Try again."
        )
    if state in _STORAGE:
        found, hint = _STORAGE[state]
        return StorageError(f"The state database {place} refused: {found}", hint=hint)
    if not state or state.startswith(_OWN_MISTAKES):
        return None
    words = "a value that it cannot keep" if state.startswith("22") else _first_line(original)
    return StorageError(f"The state database {place} refused: {words}.", hint="See the server's log.")


def _unreachable(place: str, original: Exception) -> StorageError:
    return StorageError(
        f"The state database {place} cannot be reached: {_first_line(original)}.",
        hint="Check that the server runs, the address, and the user; the password stands in"
        " MINDGAP_STATE_PASSWORD, PGPASSWORD or ~/.pgpass.",
    )


def _bare(refusal: DBAPIError) -> DBAPIError:
    """The same refusal without its details, which quote the row."""
    original: Any = refusal.orig
    original.args = (_first_line(original),)
    kind: Any = type(refusal)
    return kind(refusal.statement, None, original, hide_parameters=True)


def _first_line(error: Any) -> str:
    words = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return (words.strip().splitlines() or [type(error).__name__])[0].rstrip(".")
