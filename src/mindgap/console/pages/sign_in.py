"""Signing in: by the one-time link, whose code the page posts by itself, or by the password."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mindgap.console.page import Page
from mindgap.console.visit import show, visit_of


def view(request: Request) -> Response:
    """The sign-in form."""
    visit = visit_of(request)
    if visit.signed_in:
        return RedirectResponse("/", status_code=303)
    return show(visit, "sign_in.html", {"problem": None})


PAGE = Page(name="sign_in", path="/sign-in", order=None, routes=[Route("/sign-in", view, methods=["GET"])])
