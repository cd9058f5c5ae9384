"""Problems, told to people."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from mindgap.console.visit import show, visit_of

_SIGN_IN_PATH = "/sign-in"


class Problem(Protocol):
    """What went wrong."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def code(self) -> str:
        """The kind of problem."""
        ...

    @property
    def message(self) -> str:
        """What was wrong and what to do, in the reader's language."""
        ...


def error_page(request: Request, problem: Problem) -> Response:
    """A problem as a page; a failed sign-in shows its form again."""
    visit = visit_of(request)
    template = "sign_in.html" if request.url.path == _SIGN_IN_PATH and not visit.signed_in else "error.html"
    return show(visit, template, {"problem": problem}, status=problem.status)
