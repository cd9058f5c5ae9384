"""The console's application: gate, JSON API, sign-in, and whatever pages are handed in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import ASGIApp

from mindgap.api.answers import Call
from mindgap.api.body import form_fields
from mindgap.api.faults import Answering, ErrorPage, Faults
from mindgap.api.gate import SIGN_IN_PATH, Gate, cookie_header, cookie_name
from mindgap.api.headers import SecurityHeaders
from mindgap.api.journal import Journal
from mindgap.api.openapi import PREFIX, document
from mindgap.api.operations import OPERATIONS, Operation
from mindgap.api.problems import Refusal
from mindgap.api.references import References
from mindgap.api.serving import Serving, check_serving
from mindgap.api.sign_in import SignIn, issue_code
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError
from mindgap.store.accounts import OWNER, Accounts, Scope
from mindgap.workspace.face import Workspace

_RULES = tuple((one.method, compile_path(PREFIX + one.path)[0], one.scope) for one in OPERATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What people see, handed in by whoever composes the server.

    Attributes:
        routes: The routes of the pages, with GET /sign-in and /static among them.
        error_page: Renders a problem for people.
    """

    routes: Sequence[BaseRoute] = ()
    error_page: ErrorPage | None = None


def build_app(
    workspace: Workspace,
    accounts: Accounts,
    *,
    serving: Serving,
    pages: Pages | None = None,
    clock: Callable[[], datetime] = now,
) -> Starlette:
    """The application. Nothing is listening yet.

    Args:
        workspace: The business that it serves.
        accounts: Who may come in.
        serving: Where it will listen.
        pages: The console, or nothing.
        clock: Tells the time, naive UTC.

    Raises:
        UsageError: Serving so would leave the door open.
    """
    check_serving(serving, has_password=accounts.password_hash(OWNER) is not None)
    shown = pages or Pages()
    answering = Answering(shown.error_page)
    sign_in = SignIn(accounts)

    app = Starlette(
        routes=[*_doors(sign_in, serving, clock), *_api(), *shown.routes],
        middleware=[
            Middleware(_layer(SecurityHeaders), secure=serving.secure),
            Middleware(_layer(Journal)),
            Middleware(_layer(Faults), answering=answering),
            Middleware(
                _layer(Gate),
                sign_in=sign_in,
                serving=serving,
                secret=accounts.secret("csrf"),
                clock=clock,
                scope_of=scope_of,
                default_language=lambda: workspace.settings.language,
            ),
        ],
        exception_handlers=dict.fromkeys((HTTPException, Refusal, MindgapError), answering.answer),
    )
    app.router.redirect_slashes = False
    app.state.workspace = workspace
    app.state.references = References(accounts.secret("references"))
    return app


def sign_in_link(accounts: Accounts, serving: Serving, *, at: datetime) -> str:
    """A one-time link that signs its first visitor in, good for 15 minutes.

    The code stands behind the #: browsers do not send that part, so it reaches no log and no history of a
    proxy; the sign-in page takes it off the address before it posts it.
    """
    return f"{serving.address}{SIGN_IN_PATH}#{issue_code(accounts, at=at)}"


def scope_of(method: str, path: str) -> Scope:
    """The right that an API path needs; what is not listed needs all of them.

    >>> scope_of("POST", "/api/v1/recommend"), scope_of("GET", "/api/v1/elsewhere")
    (<Scope.DECIDE: 'decide'>, <Scope.ADMIN: 'admin'>)
    """
    if (method, path) == ("GET", f"{PREFIX}/openapi.json"):
        return Scope.READ
    asked = "GET" if method == "HEAD" else method
    return next((scope for verb, rule, scope in _RULES if verb == asked and rule.match(path)), Scope.ADMIN)


def _layer(layer: Callable[..., ASGIApp]) -> Any:
    """A layer as Starlette's types want it."""
    return layer


def _doors(sign_in: SignIn, serving: Serving, clock: Callable[[], datetime]) -> list[BaseRoute]:
    name = cookie_name(serving)

    async def come_in(request: Request) -> Response:
        fields = form_fields(await request.body())
        if code := fields.get("code"):
            token = await run_in_threadpool(sign_in.by_code, code, at=clock())
        else:
            token = await run_in_threadpool(sign_in.by_password, fields.get("password", ""), at=clock())
        response = RedirectResponse("/", status_code=303)
        response.headers["set-cookie"] = cookie_header(name, token, secure=serving.secure)
        return response

    async def go_out(request: Request) -> Response:
        session = await run_in_threadpool(sign_in.session, request.state.token, at=clock())
        if session is not None:
            await run_in_threadpool(sign_in.accounts.end_session, session.digest)
        response = RedirectResponse(SIGN_IN_PATH, status_code=303)
        response.headers["set-cookie"] = cookie_header(name, "", secure=serving.secure, seconds=0)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return [Route(SIGN_IN_PATH, come_in, methods=["POST"]), Route("/sign-out", go_out, methods=["POST"])]


def _api() -> list[BaseRoute]:
    described = msgspec.json.encode(document(OPERATIONS))

    def openapi(_request: Request) -> Response:
        return Response(described, media_type="application/json")

    routes = [Route(PREFIX + one.path, _endpoint(one), methods=[one.method]) for one in OPERATIONS]
    return [Route(f"{PREFIX}/openapi.json", openapi), *routes]


def _endpoint(operation: Operation) -> Any:
    async def endpoint(request: Request) -> Response:
        body = None if operation.body is None else _decoded(await request.body(), operation.body)
        call = Call(
            workspace=request.app.state.workspace,
            references=request.app.state.references,
            language=request.state.language,
            path=request.path_params,
            body=body,
        )
        return _json(await run_in_threadpool(operation.run, call))

    return endpoint


def _decoded(body: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "bad-body", {"fault": str(error)}) from error


def _json(value: Any, status_code: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status_code=status_code, media_type="application/json")
