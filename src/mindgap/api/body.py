"""Reading a request's body: capped in size and in time, chunked or not."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.types import Message, Receive

from mindgap.api.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY_LIMIT_BYTES = 64 * 1024
BODY_DEADLINE_SECONDS = 10.0
_FIELD_LIMIT = 50


async def read_body(
    receive: Receive, *, limit: int = BODY_LIMIT_BYTES, seconds: float = BODY_DEADLINE_SECONDS
) -> bytes:
    """The whole body.

    Raises:
        Refusal: It is larger than `limit` bytes (413), or took longer than the deadline (408).
    """
    try:
        async with asyncio.timeout(seconds):
            return await _collect(receive, limit)
    except TimeoutError as error:
        raise Refusal(408, "too-slow") from error


async def _collect(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "bad-request")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Refusal(413, "too-large", {"limit": limit})
        parts.append(part)
        more = bool(message.get("more_body", False))
    return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """A receive channel that hands out a body already read, then goes on with the real one."""
    pending: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> Message:
        """The body first, then whatever comes."""
        first: Any = next(pending, None)
        return await receive() if first is None else first

    return receive_again


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of an urlencoded form; the first value of each name counts.

    Raises:
        Refusal: It is no form, or has too many fields.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELD_LIMIT, errors="strict"
        )
    except ValueError as error:
        raise Refusal(400, "bad-request") from error
    return dict(reversed(pairs))
