"""Live sources: how they are, what arrived by the hour, what was set aside and why, what arrives just now."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.live_sources import Line, context, lines
from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of

_SHOWN = 12


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    sources = context(visit, address=address_of(request))
    return show(
        visit, "sources.html", {"sources": sources, "arrived": _arrived(request, visit)}, page="sources"
    )


def view_arrived(request: Request) -> Response:
    """What arrives just now: the list alone, asked for every two seconds."""
    visit = visit_of(request)
    return show(visit, "sources_arrived.html", {"arrived": _arrived(request, visit)}, page="sources")


def _arrived(request: Request, visit: Visit) -> Sequence[Line]:
    """The messages that came last; all viewers look through the same eyes."""
    state = request.app.state
    if not hasattr(state, "latest"):
        state.latest = visit.workspace.latest()
    return lines(state.latest.messages(_SHOWN), visit.voice)


def address_of(request: Request) -> str:
    """Where clients reach the server: as this visitor does. Beyond this machine that is always by TLS."""
    name = request.url.hostname or ""
    local = name in {"localhost", "127.0.0.1", "::1"}
    scheme = request.url.scheme if local else "https"
    return f"{scheme}://{request.url.netloc}"


PAGE = Page(
    name="sources",
    path="/sources",
    order=5,
    routes=[Route("/sources", view), Route("/sources/arrived", view_arrived)],
)
