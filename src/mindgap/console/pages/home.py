"""Home: five figures, sales by week, what is missing and why, how fresh it is, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.blocks import Chart, Grid, Section, Series
from mindgap.console.next_steps import Step, next_steps
from mindgap.console.page import Page
from mindgap.console.sections import section
from mindgap.console.sections.data_quality import source_grid, unsaid
from mindgap.console.sections.figures import summed
from mindgap.console.visit import Visit, show, visit_of
from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_WEEKS_SHOWN = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What the page shows.

    Attributes:
        overview: The five figures.
        sales: Spend by week; None when it cannot be said.
        steps: What to do next, most urgent first.
        missing: What cannot be said, and why.
        sources: Sources with their counts.
        built: When the newest table was built; "" before the first run.
    """

    overview: Section
    sales: Chart | None
    steps: Sequence[Step]
    missing: Sequence[str]
    sources: Grid | None
    built: str


def context(visit: Visit) -> Home:
    """Put the page together."""
    status = visit.workspace.status()
    sources = list(status.get("sources") or ())
    times = [row["built_at"] for row in status.get("tables") or () if row.get("built_at")]
    return Home(
        overview=section("overview", visit.workspace, visit.voice),
        sales=sales_by_week(visit.workspace, visit.voice),
        steps=next_steps(visit.workspace, status, visit.voice),
        missing=unsaid(status, visit.voice),
        sources=source_grid(sources, visit.voice) if sources else None,
        built=visit.voice.moment(max(times)) if times else "",
    )


def sales_by_week(workspace: Workspace, voice: Voice) -> Chart | None:
    """Spend in each of the last 26 whole weeks before the as-of time."""
    as_of = workspace.as_of
    if as_of is None:
        return None
    try:
        table = workspace.table("category_week", purpose=Purpose.OPERATIONS, columns=["week", "spend"])
    except (CannotSay, UnknownError):
        return None
    spend = summed(table, "week", "spend")
    weeks = sorted(spend)[:_WEEKS_SHOWN][::-1]
    values = [amount for week in weeks if (amount := spend[week]) is not None]
    if len(values) < 2 or len(values) < len(weeks) or not any(values):  # noqa: PLR2004 - a line has two ends
        return None
    return Chart(
        key="sales-weeks",
        kind="lines",
        title=voice.say("console-home-sales"),
        summary=voice.say(
            "console-home-sales-summary",
            last=voice.money(values[-1]),
            mean=voice.money(sum(values) / len(values)),
            n=len(values),
        ),
        axis=voice.say("console-home-week-from"),
        labels=[voice.short_day(as_of - timedelta(weeks=week + 1)) for week in weeks],
        series=[Series(name=voice.say("console-home-spend"), values=values)],
        unit="money",
    )


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    return show(visit, "home.html", {"home": context(visit)}, page="home")


PAGE = Page(name="home", path="/", order=1, routes=[Route("/", view)])
