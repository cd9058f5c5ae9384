"""The information gap: the section of the report, and the customers who differ most, by reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.blocks import Section
from mindgap.console.difference import Term, terms_of
from mindgap.console.page import Page
from mindgap.console.sections import section
from mindgap.console.visit import Visit, show, visit_of
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose

_SHOWN = 10
_COLUMNS = ("customer_id", "difference_bits", "significant", "terms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Different:
    """A customer who differs from the market.

    Attributes:
        customer_id: Who.
        reference: Their opaque reference.
        difference: In bits, formatted.
        term: What differs most; None when no term is large enough to tell.
    """

    customer_id: str
    reference: str
    difference: str
    term: Term | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What the page shows.

    Attributes:
        section: The information gap.
        different: The most different customers.
        significant: How many customers differ beyond chance, in words; "" when it cannot be said.
    """

    section: Section
    different: Sequence[Different]
    significant: str


def context(visit: Visit) -> Gap:
    """Put the page together."""
    told = section("gap", visit.workspace, visit.voice)
    try:
        table = visit.workspace.table("customer_gap", purpose=Purpose.ANALYTICS, columns=list(_COLUMNS))
    except (CannotSay, UnknownError):
        return Gap(section=told, different=(), significant="")
    flags = table["significant"].to_pylist()
    share = visit.voice.percent(sum(map(bool, flags)) / len(flags)) if flags else ""
    chosen = table.filter([bool(flag) for flag in flags]).sort_by([("difference_bits", "descending")])
    rows: list[dict[str, Any]] = chosen.slice(0, _SHOWN).to_pylist()
    return Gap(
        section=told,
        different=[_different(row, visit) for row in rows],
        significant=visit.voice.say("console-gap-significant", n=sum(map(bool, flags)), share=share),
    )


def _different(row: dict[str, Any], visit: Visit) -> Different:
    terms = terms_of(row.get("terms"), visit.voice)
    return Different(
        customer_id=row["customer_id"],
        reference=visit.references.of(row["customer_id"]),
        difference=visit.voice.say("console-bits", value=visit.voice.fixed(row["difference_bits"], 2)),
        term=terms[0] if terms else None,
    )


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    return show(visit, "gap.html", {"gap": context(visit)}, page="gap")


PAGE = Page(name="gap", path="/gap", order=4, routes=[Route("/gap", view)])
