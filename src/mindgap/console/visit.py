"""One visit of a person to a page: who, in which language, of which workspace; and the page as a response."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from mindgap.console.page import navigation
from mindgap.console.references import References
from mindgap.console.rendering import render
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page needs to know of a request.

    Attributes:
        workspace: The business.
        references: Turns references into customers.
        voice: Speaks the visitor's language.
        csrf_token: To go into every form.
        signed_in: Whether a session runs.
        path: The address of the page, without its variable part.
    """

    workspace: Workspace
    references: References
    voice: Voice
    csrf_token: str
    signed_in: bool
    path: str


def visit_of(request: Request) -> Visit:
    """The visit that a request makes; the server has put language and token into the request's state."""
    workspace: Workspace = request.app.state.workspace
    settings = workspace.settings
    state = request.scope.get("state", {})
    return Visit(
        workspace=workspace,
        references=request.app.state.references,
        voice=Voice(state.get("language", "en"), settings.currency, settings.time_zone),
        csrf_token=str(state.get("csrf_token", "")),
        signed_in=bool(state.get("signed_in")),
        path=request.url.path,
    )


def show(
    visit: Visit, template: str, context: Mapping[str, Any], *, page: str = "", status: int = 200
) -> HTMLResponse:
    """A page as a response.

    Args:
        visit: The visit.
        template: The template's file name.
        context: What the template shows.
        page: The page's name, to mark it in the navigation.
        status: HTTP status.
    """
    frame = {"visit": visit, "page": page, "nav": navigation()}
    return HTMLResponse(render(template, {**frame, **context}, voice=visit.voice), status_code=status)
