"""Operations that forget a person: at once for every read; the worker takes them out of all files."""

from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.api.types import Identifier
from mindgap.workspace.face import removed_rows

if TYPE_CHECKING:
    from mindgap.api.answers import Call
    from mindgap.store.suppression import Erasure


class Forget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to forget.

    Attributes:
        customer_id: Any id of the person: of a customer, a browser or a device.
    """

    customer_id: Identifier


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who got the person in an audience, and must be told.

    Attributes:
        recipient: The file, host or database.
        audience: In which audience.
        latest_at: When last, ISO 8601.
    """

    recipient: str
    audience: str
    latest_at: str


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """How far a request has come.

    Attributes:
        id: The request.
        stage: suppressed (reads obey), rewriting, done, or verified.
        requested_at: When it was asked for, naive UTC, ISO 8601.
        done_at: When no file held the person any more; null before.
        steps_left: What is still to be rewritten.
        removed: Rows taken out, by place.
        recipients: Who must be told; known when the first step is done.
        copies: Copies of the workspace that are not rewritten, and are to be deleted by hand.
    """

    id: str
    stage: str
    requested_at: str
    done_at: str | None
    steps_left: list[str]
    removed: dict[str, int]
    recipients: list[Recipient]
    copies: list[str]


def forget(call: "Call") -> Forgetting:
    """Put a person on the list."""
    body: Forget = call.body
    return _told(call.workspace.suppress(body.customer_id))


def forgetting(call: "Call") -> Forgetting:
    """How far a request has come."""
    return _told(call.workspace.erasure_request(call.path["request"]))


def _told(one: "Erasure") -> Forgetting:
    recipients: list[dict[str, Any]] = one.receipt.get("recipients", [])
    return Forgetting(
        id=one.id,
        stage=one.stage,
        requested_at=one.requested_at.isoformat(),
        done_at=one.done_at.isoformat() if one.done_at else None,
        steps_left=list(one.steps_left),
        removed=removed_rows(one),
        recipients=[Recipient(**each) for each in recipients],
        copies=list(one.receipt.get("copies", ())),
    )
