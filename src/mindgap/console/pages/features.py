"""Features: every figure about customers with its meaning, unit, window and coverage."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.blocks import Grid
from mindgap.console.page import Page
from mindgap.console.visit import Visit, show, visit_of
from mindgap.workspace.features import FeatureFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the page shows.

    Attributes:
        count: How many features there are, formatted.
        grids: One table of features for each derived table.
    """

    count: str
    grids: Sequence[Grid]


def context(visit: Visit) -> Features:
    """Put the page together."""
    found = visit.workspace.features()
    tables = dict.fromkeys(one.entry.table for one in found)
    return Features(
        count=visit.voice.number(len(found)),
        grids=[_grid(visit, table, [one for one in found if one.entry.table == table]) for table in tables],
    )


def _grid(visit: Visit, table: str, found: Sequence[FeatureFigures]) -> Grid:
    say = visit.voice.say
    made_of = visit.voice.listed(found[0].entry.sources)
    names = ("feature", "meaning", "unit", "window", "known", "low", "median", "high")
    return Grid(
        caption=say("console-features-table", table=table, sources=made_of),
        columns=[say(f"console-features-{name}") for name in names],
        rows=[_row(visit, one) for one in found],
        numeric=frozenset({4, 5, 6, 7}),
        stacks=True,
    )


def _row(visit: Visit, one: FeatureFigures) -> list[str]:
    voice, entry = visit.voice, one.entry
    spread = [one.quantiles[place] for place in (0, 2, 4)] if one.quantiles else [None] * 3
    return [
        entry.name,
        voice.say(entry.code),
        voice.say(f"feature-unit-{entry.unit}", currency=visit.workspace.settings.currency),
        voice.say(entry.window, days=entry.days),
        voice.percent(one.coverage),
        *(voice.number(value, 2) for value in spread),
    ]


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    return show(visit, "features.html", {"page_data": context(visit)}, page="features")


PAGE = Page(name="features", path="/features", order=6, routes=[Route("/features", view)])
