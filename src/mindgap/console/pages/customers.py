"""Customers: search by POST, so that no id stands in an address, and one customer in one view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.customer_view import customer_view
from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of
from mindgap.kernel.errors import CannotSay, UnknownError

_LIMIT = 12
_TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer that was found.

    Attributes:
        customer_id: Who.
        reference: Their opaque reference.
    """

    customer_id: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the search shows.

    Attributes:
        text: What was searched for; None before the first search.
        found: Who was found.
        more: Whether there are more.
        reason: Why nothing can be searched; "" when it can.
    """

    text: str | None
    found: Sequence[Found] = ()
    more: bool = False
    reason: str = ""


def search(visit: Visit, text: str | None) -> Search:
    """Customers whose id contains a text; without a text, a few to begin with."""
    try:
        ids = visit.workspace.find_customers(text or "", _LIMIT + 1)
    except CannotSay as answer:
        reason = visit.voice.reason({"code": answer.code, "params": answer.params})
        return Search(text=text, reason=reason)
    except UnknownError:
        return Search(text=text, reason=visit.voice.say("console-not-built"))
    found = [Found(customer_id=name, reference=visit.references.of(name)) for name in ids[:_LIMIT]]
    return Search(text=text, found=found, more=len(ids) > _LIMIT)


def view_search(request: Request) -> Response:
    """The search form."""
    visit = visit_of(request)
    return show(visit, "customers.html", {"search": search(visit, None)}, page="customers")


async def view_found(request: Request) -> Response:
    """What was found: the list alone for htmx, the whole page without scripts."""
    fields: dict[str, Any] = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
    text = str(fields.get("text", ""))[:_TEXT_LENGTH].strip()
    visit = visit_of(request)
    template = "customers_found.html" if "hx-request" in request.headers else "customers.html"
    found = await run_in_threadpool(search, visit, text)
    return show(visit, template, {"search": found}, page="customers")


def view_customer(request: Request) -> Response:
    """One customer."""
    visit = visit_of(request)
    customer_id = visit.references.customer_id(str(request.path_params["reference"]))
    return show(visit, "customer.html", {"customer": customer_view(visit, customer_id)}, page="customers")


PAGE = Page(
    name="customers",
    path="/customers",
    order=2,
    routes=[
        Route("/customers", view_search, methods=["GET"]),
        Route("/customers/search", view_found, methods=["POST"]),
        Route("/customers/{reference}", view_customer, methods=["GET"]),
    ],
)
