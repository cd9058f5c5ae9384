"""Turns every error into the one envelope, for programs as JSON and for people as a page."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mindgap.api.gate import API_FOLDER, SIGN_IN_PATH
from mindgap.api.problems import Problem, Refusal, problem_of, problem_response

ErrorPage = Callable[[Request, Problem], Response]
_log = logging.getLogger("mindgap.api")
_CODES = {404: "not-found", 405: "wrong-method"}


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers a request that went wrong.

    Attributes:
        error_page: Renders a problem for people; None where there are no pages.
    """

    error_page: ErrorPage | None = None

    def answer(self, request: Request, error: Exception) -> Response:
        """The response to an error."""
        foreseen = _foreseen(error)
        body, headers = problem_of(foreseen, request.scope.get("state", {}).get("language", "en"))
        if body.status >= 500:  # noqa: PLR2004 - a fault of ours, by the rules of HTTP
            _log.error("%s while serving %s at\n%s", type(error).__name__, request.method, _frames(error))
        if self.error_page is None or not _for_people(request):
            return problem_response(body, headers)
        if body.code == "sign-in":
            return _to_sign_in(request)
        response = self.error_page(request, body)
        response.headers.update(dict(headers))
        return response


@dataclass(frozen=True, slots=True)
class Faults:
    """Catches what the layers inside did not answer; nothing of an unforeseen error reaches the visitor.

    Attributes:
        app: What is inside.
        answering: How to answer.
    """

    app: ASGIApp
    answering: Answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_noting_start)
        except Exception as error:
            if started:
                raise
            await self.answering.answer(Request(scope, receive), error)(scope, receive, send)


def _foreseen(error: Exception) -> Exception:
    if not isinstance(error, HTTPException):
        return error
    return Refusal(
        error.status_code, _CODES.get(error.status_code, "bad-request"), headers=error.headers or {}
    )


def _frames(error: Exception) -> str:
    """Where it happened without what it said: messages of libraries may hold customers' data."""
    return "".join(traceback.format_tb(error.__traceback__))


def _for_people(request: Request) -> bool:
    return not request.url.path.startswith(API_FOLDER) and "text/html" in request.headers.get("accept", "")


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN_PATH})
    return RedirectResponse(SIGN_IN_PATH, status_code=303)
