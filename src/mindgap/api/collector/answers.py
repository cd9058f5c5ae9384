"""Responses of the collector: bytes, ready to be sent."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from mindgap.api.problems import problem
from mindgap.collect.events.delivery import Answer, Rejected

Header = tuple[bytes, bytes]

_ALLOWED = (
    b"authorization, content-type, anonymousid, sentat, x-retry-count, x-write-key, x-enable-debug, "
    b"x-ip-policy, sp-anonymous, rsa-recovered, rsa-retry-attempt, rsa-retry-reason, "
    b"rsa-since-first-attempt, rsa-since-last-attempt"
)
"""What browser clients send; RudderStack's adds the last five only when it sends again."""
_PROBLEM = b"application/problem+json"
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", _ALLOWED),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)


class Response(NamedTuple):
    """A response.

    Attributes:
        status: The HTTP status.
        headers: As ASGI wants them.
        body: Bytes.
    """

    status: int
    headers: Sequence[Header]
    body: bytes = b""


@lru_cache(maxsize=256)
def success(answer: Answer) -> Response:
    """What a client gets whose delivery is on disk: exactly 200.

    RudderStack's Python client takes any other 2xx for a failure and sends the batch again.
    """
    more = ((name.encode(), value.encode()) for name, value in answer.headers)
    return Response(200, _headers(answer.media_type.encode(), len(answer.body), more), answer.body)


def refusal(rejected: Rejected, *, close: bool = False) -> Response:
    """What a client gets whose request cannot be taken; nothing of its body is in it.

    Args:
        rejected: Why.
        close: Whether the connection ends, since the body was left unread.
    """
    body = msgspec.json.encode(problem(rejected.status, rejected.code, rejected.message))
    more: list[Header] = [(b"cache-control", b"no-store")]
    if rejected.retry_after_s is not None:
        wait = b"%d" % max(1, math.ceil(rejected.retry_after_s))
        more += [(b"retry-after", wait), (b"x-ratelimit-reset", wait)]
    if close:
        more.append((b"connection", b"close"))
    return Response(rejected.status, _headers(_PROBLEM, len(body), more), body)


def preflight() -> Response:
    """What a browser gets that asks whether a page may send; its origin is added (`for_origin`)."""
    return Response(200, list(_PREFLIGHT))


def for_origin(origin: bytes) -> Iterable[Header]:
    """The headers by which a browser lets a page of this origin read the response."""
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after, x-ratelimit-reset"),
        (b"vary", b"origin"),
    )


def _headers(media_type: bytes, size: int, more: Iterable[Header]) -> list[Header]:
    return [(b"content-type", media_type), (b"content-length", b"%d" % size), *more]
