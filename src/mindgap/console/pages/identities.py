"""Identities: ids that may be one person, deciding on them, and the history of merges with undo."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mindgap.console.identities import Pair, identities_view
from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of
from mindgap.kernel.errors import UnknownError, UsageError

_PATH = "/identities"
_SAID = frozenset({"same", "different", "later", "undone", "gone"})


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    said = request.query_params.get("said", "")
    context = {
        "identities": identities_view(visit, later=_later(request)),
        "said": visit.voice.say(f"console-identities-said-{said}") if said in _SAID else "",
    }
    return show(visit, "identities.html", context, page="identities")


async def decide(request: Request) -> Response:
    """Take a decision on a pair."""
    fields = await _fields(request)
    return _back(await run_in_threadpool(_decided, visit_of(request), fields, _later(request)))


async def undo(request: Request) -> Response:
    """Undo a merge."""
    fields = await _fields(request)
    return _back(await run_in_threadpool(_undone, visit_of(request), fields.get("merge", "")))


def _decided(visit: Visit, fields: dict[str, str], later: set[Pair]) -> str:
    """What was decided, as a code."""
    first, second = fields.get("first", ""), fields.get("second", "")
    try:
        match fields.get("decision"):
            case "same":
                visit.workspace.identity.confirm(first, second)
                said = "same"
            case "different":
                kind: Any = "anonymous" if fields.get("first_kind") == "anonymous" else "customer"
                visit.workspace.identity.keep_apart(first, second, first_kind=kind)
                said = "different"
            case _:
                later.add(frozenset((first, second)))
                said = "later"
    except (UnknownError, UsageError):
        said = "gone"
    return said


def _undone(visit: Visit, number: str) -> str:
    if not number.isdecimal():
        return "gone"
    try:
        visit.workspace.identity.undo(int(number))
    except UnknownError:
        return "gone"
    return "undone"


def _later(request: Request) -> set[Pair]:
    """Pairs put off, until the server starts anew."""
    state = request.app.state
    if not hasattr(state, "identities_later"):
        state.identities_later = set()
    return state.identities_later


async def _fields(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("ascii", "replace")))


def _back(said: str) -> Response:
    return RedirectResponse(f"{_PATH}?said={said}", status_code=303)


PAGE = Page(
    name="identities",
    path=_PATH,
    order=7,
    routes=[
        Route(_PATH, view, methods=["GET"]),
        Route(f"{_PATH}/decide", decide, methods=["POST"]),
        Route(f"{_PATH}/undo", undo, methods=["POST"]),
    ],
)
