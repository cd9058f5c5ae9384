"""Segments: sizes, what makes each special in words, sample members by reference."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.blocks import Section
from mindgap.console.page import Page
from mindgap.console.sections import section
from mindgap.console.sections.segments import profiles, spend_is_known
from mindgap.console.visit import Visit, show, visit_of
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose

_SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A sample member.

    Attributes:
        customer_id: Who.
        reference: Their opaque reference.
    """

    customer_id: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment.

    Attributes:
        number: Its number.
        name: What people call it.
        customers: Its size, formatted.
        share: Of all customers, formatted.
        spend_share: Of all spend, formatted; "" when the orders hold no amounts.
        width_percent: Of its bar.
        spend_percent: Of its spend bar.
        words: What makes it special.
        members: Members who fit it best.
    """

    number: int
    name: str
    customers: str
    share: str
    spend_share: str
    width_percent: float
    spend_percent: float
    words: Sequence[str]
    members: Sequence[Member]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """What the page shows.

    Attributes:
        section: The section of the report, or the reason why there are none.
        segments: The segments, largest first.
    """

    section: Section
    segments: Sequence[Segment] = field(default_factory=tuple)


def context(visit: Visit) -> Segments:
    """Put the page together."""
    voice = visit.voice
    told = section("segments", visit.workspace, voice)
    if told.missing:
        return Segments(section=told)
    rows = profiles(visit.workspace, voice)
    members = _members(visit)
    return Segments(
        section=told,
        segments=[
            Segment(
                number=row["segment"],
                name=row["name"],
                customers=voice.number(row["customers"]),
                share=voice.percent(row["share"], 1),
                spend_share=voice.percent(row.get("spend_share"), 1) if spend_is_known(rows) else "",
                width_percent=round(100 * row["share"], 1),
                spend_percent=round(100 * (row.get("spend_share") or 0.0), 1),
                words=row["words"],
                members=members.get(row["segment"], ()),
            )
            for row in rows
        ],
    )


def _members(visit: Visit) -> dict[int, list[Member]]:
    """Members who fit their segment best, a few of each."""
    columns = ["customer_id", "segment", "fit"]
    try:
        table = visit.workspace.table("segments", purpose=Purpose.ANALYTICS, columns=columns)
    except (CannotSay, UnknownError):
        return {}
    found: dict[int, list[Member]] = {}
    ordered = table.sort_by([("fit", "descending"), ("customer_id", "ascending")])
    names, numbers = ordered["customer_id"].to_pylist(), ordered["segment"].to_pylist()
    for name, number in zip(names, numbers, strict=True):
        listed = found.setdefault(number, [])
        if len(listed) < _SAMPLE:
            listed.append(Member(customer_id=name, reference=visit.references.of(name)))
    return found


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    return show(visit, "segments.html", {"page_data": context(visit)}, page="segments")


PAGE = Page(name="segments", path="/segments", order=3, routes=[Route("/segments", view)])
