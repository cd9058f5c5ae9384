"""What `mindgap doctor` says of one thing."""

from typing import Any


def check(what: str, found: str, *, ok: bool | None, hint: str = "") -> dict[str, Any]:
    """One thing that was looked at.

    Args:
        what: What it is.
        found: How it is.
        ok: Whether that is well; None where it need not be.
        hint: What to do where it is not.
    """
    return {"what": what, "found": found, "ok": ok, "hint": hint}
