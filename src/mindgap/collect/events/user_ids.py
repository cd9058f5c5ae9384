"""How far a user id may be believed: signed, from the shop's own server, or as anybody may claim it.

A page's write key is no secret: whoever reads it can claim to be anybody. A source with an identity secret
asks for a signature: `context.userHash`, the hex HMAC-SHA256 of the user id under that secret, which the
shop's server hands to its page (the convention of Intercom's `user_hash`). An event without it is the
device's, and of the customer only the claim is kept.
"""

import hmac
from collections.abc import Mapping
from typing import Any

KIND = "user_id:"
FROM_SERVER, SIGNED, UNSIGNED = f"+{KIND}server", f"+{KIND}signed", "unsigned"


def standing(user_id: str, context: Mapping[str, Any], *, secret: str, trusted: bool) -> str:
    """How far a user id may be believed; empty where its source asks for nothing.

    The first two stand in the column `identifiers`.

    >>> standing("u1", {}, secret="s", trusted=False), standing("u1", {}, secret="", trusted=True)
    ('unsigned', '+user_id:server')

    Args:
        user_id: The id.
        context: The message's context.
        secret: The source's identity secret; empty without one.
        trusted: Whether only the shop's own servers send to the source.
    """
    if trusted:
        return FROM_SERVER
    if not secret:
        return ""
    said = context.get("userHash")
    expected = hmac.digest(secret.encode(), user_id.encode(), "sha256").hex()
    is_genuine = isinstance(said, str) and hmac.compare_digest(said.lower().encode(), expected.encode())
    return SIGNED if is_genuine else UNSIGNED


def is_finished(identifiers: str | None) -> bool:
    """Whether the column holds nothing that has still to be sealed."""
    return identifiers is None or identifiers.lstrip("+").startswith(KIND)
