"""Customers: search by POST, so that no id stands in an address, and one customer in one view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.at_risk import customers_at_risk
from mindgap.console.customer_view import customer_view
from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of
from mindgap.kernel.errors import CannotSay, UnknownError

_LIMIT = 12
_LOOK_AFTER = 10
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAfter:
    """A customer who is worth looking after.

    Attributes:
        customer_id: Who.
        reference: Their opaque reference.
        risk: The risk of falling silent, formatted.
        band: medium or high, in words.
        revenue: Expected revenue, formatted.
    """

    customer_id: str
    reference: str
    risk: str
    band: str
    revenue: str


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


def look_after(visit: Visit) -> list[LookAfter]:
    """The customers with most revenue at stake; none when risk or value cannot be said."""
    voice = visit.voice
    try:
        drifting = customers_at_risk(visit.workspace)[:_LOOK_AFTER]
    except (CannotSay, UnknownError):
        return []
    return [
        LookAfter(
            customer_id=one.customer_id,
            reference=visit.references.of(one.customer_id),
            risk=voice.share(one.risk),
            band=voice.say(f"console-band-{one.band}"),
            revenue=voice.money(one.expected_revenue),
        )
        for one in drifting
    ]


def view_search(request: Request) -> Response:
    """The search form."""
    visit = visit_of(request)
    context = {"search": search(visit, None), "look_after": look_after(visit)}
    return show(visit, "customers.html", context, page="customers")


async def view_found(request: Request) -> Response:
    """What was found: the list alone for htmx, the whole page without scripts."""
    fields: dict[str, Any] = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
    text = str(fields.get("text", ""))[:_TEXT_LENGTH].strip()
    visit = visit_of(request)
    template = "customers_found.html" if "hx-request" in request.headers else "customers.html"
    found = await run_in_threadpool(search, visit, text)
    return show(visit, template, {"search": found, "look_after": ()}, page="customers")


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
