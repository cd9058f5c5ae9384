"""Forgetting a customer: asked for on their page, by POST; then the receipt, under the request's name."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of
from mindgap.workspace.face import removed_rows


async def ask(request: Request) -> Response:
    """Put the customer on the list; every read obeys when this answers."""
    visit = visit_of(request)
    customer_id = visit.references.customer_id(str(request.path_params["reference"]))
    found = await run_in_threadpool(visit.workspace.suppress, customer_id)
    return RedirectResponse(f"/forgotten/{found.id}", status_code=303)


def view(request: Request) -> Response:
    """The receipt, as far as it goes."""
    visit = visit_of(request)
    found = visit.workspace.erasure_request(str(request.path_params["request"]))
    context = {"erasure": found, "removed": _removed(visit, removed_rows(found)), "receipt": found.receipt}
    return show(visit, "forgotten.html", context, page="customers")


def _removed(visit: Visit, rows: dict[str, int]) -> list[tuple[str, str]]:
    """Rows by place, in words; places that held none are left out."""
    voice = visit.voice
    return [
        (voice.say(f"forget-step-{step.replace('_', '-')}"), voice.number(count))
        for step, count in rows.items()
        if count
    ]


PAGE = Page(
    name="forgotten",
    path="/forgotten",
    order=None,
    routes=[
        Route("/customers/{reference}/forget", ask, methods=["POST"]),
        Route("/forgotten/{request}", view, methods=["GET"]),
    ],
)
