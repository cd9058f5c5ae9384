"""Answers other than success: one envelope for all of them (RFC 9457, problem+json)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from mindgap.kernel.errors import AccessError, BusyError, CannotSay, MindgapError, UnknownError, UsageError
from mindgap.kernel.words import say

_STATUS: tuple[tuple[type[MindgapError], int, str], ...] = (
    (UnknownError, 404, "not-found"),
    (AccessError, 403, "no-right"),
    (UsageError, 400, "bad-request"),
    (BusyError, 503, "busy"),
)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong.

    Attributes:
        type: Address of the kind of problem.
        title: The HTTP status in words.
        status: The HTTP status.
        code: The kind of problem, for programs.
        message: What was wrong and what to do, for people.
    """

    type: str
    title: str
    status: int
    code: str
    message: str


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - it is an answer of the server
    """An answer of the server other than success.

    Attributes:
        status: The HTTP status.
        code: The kind of problem; ``api-CODE`` is its message.
        params: Figures of the message.
        headers: Headers to send along.
    """

    status: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_of(error: Exception, language: str) -> tuple[Problem, Mapping[str, str]]:
    """The envelope of an error and the headers to send along; an unforeseen error tells nothing of itself."""
    if isinstance(error, Refusal):
        return problem(
            error.status, error.code, say(f"api-{error.code}", language, error.params)
        ), error.headers
    if isinstance(error, CannotSay):
        return problem(422, error.code, _reason(error, language)), {}
    for kind, status, code in _STATUS:
        if isinstance(error, kind):
            return problem(status, code, say(f"api-{code}", language)), {}
    return problem(500, "internal", say("api-internal", language)), {}


def problem(status: int, code: str, message: str) -> Problem:
    """An envelope."""
    title = HTTPStatus(status).phrase
    return Problem(type=f"urn:mindgap:problem:{code}", title=title, status=status, code=code, message=message)


def problem_response(body: Problem, headers: Mapping[str, str]) -> Response:
    """An envelope as a response."""
    return Response(
        msgspec.json.encode(body),
        status_code=body.status,
        media_type="application/problem+json",
        headers=dict(headers),
    )


def _reason(error: CannotSay, language: str) -> str:
    try:
        return say(error.code, language, error.params)
    except KeyError:
        return say("api-cannot-say", language)
