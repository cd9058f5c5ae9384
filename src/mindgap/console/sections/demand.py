"""Demand in the coming weeks, by category."""

from collections.abc import Mapping
from typing import Any

from mindgap.console.blocks import Chart, Grid, Section, Series
from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_SHOWN = 12
_RECENT_WEEKS = 4


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Next week's demand of the largest categories against their own last weeks, with intervals.

    Categories are not added up: one counts litres, another pieces.
    """
    rows: list[dict[str, Any]] = workspace.table("demand_forecast", purpose=Purpose.OPERATIONS).to_pylist()
    title = voice.say("console-demand-title")
    next_week = {str(row["category"]): row for row in rows if row["week_ahead"] == 1}
    if not next_week:
        return Section(key="demand", title=title, missing=[voice.say("console-not-built")])
    recent = _recent(workspace)
    largest = sorted(next_week, key=lambda name: -recent.get(name, (0.0, 0.0))[1])[:_SHOWN]
    compared = [name for name in largest if recent.get(name, (0.0, 0.0))[0] > 0]
    weeks = max(int(row["week_ahead"]) for row in rows)
    return Section(
        key="demand",
        title=title,
        lead=voice.say("console-demand-lead", categories=len(next_week), weeks=weeks),
        charts=[_changes(compared, next_week, recent, voice=voice)] if compared else [],
        grids=[_units([next_week[name] for name in largest], recent, voice)],
    )


def _recent(workspace: Workspace) -> dict[str, tuple[float, float]]:
    """Mean weekly units and total spend of each category in the last four weeks; empty if not known."""
    columns = ["category", "week", "units", "spend"]
    try:
        table = workspace.table("category_week", purpose=Purpose.OPERATIONS, columns=columns)
    except (CannotSay, UnknownError):
        return {}
    found: dict[str, tuple[float, float]] = {}
    for row in table.to_pylist():
        if row["week"] < _RECENT_WEEKS:
            units, spend = found.get(row["category"], (0.0, 0.0))
            mean = units + (row["units"] or 0.0) / _RECENT_WEEKS
            found[row["category"]] = (mean, spend + (row["spend"] or 0.0))
    return found


def _changes(
    names: list[str],
    forecast: Mapping[str, Mapping[str, Any]],
    recent: Mapping[str, tuple[float, float]],
    *,
    voice: Voice,
) -> Chart:
    def change(name: str, column: str) -> float:
        return float(forecast[name][column]) / recent[name][0] - 1

    ordered = sorted(names, key=lambda name: -change(name, "units"))
    first, last = ordered[0], ordered[-1]
    return Chart(
        key="demand-next",
        kind="bars",
        title=voice.say("console-demand-next", n=len(ordered)),
        summary=voice.say(
            "console-demand-next-summary",
            up=first,
            rise=voice.change(change(first, "units")),
            down=last,
            fall=voice.change(change(last, "units")),
        ),
        axis=voice.say("console-category"),
        labels=ordered,
        series=[
            Series(
                name=voice.say("console-demand-change"),
                values=[change(name, "units") for name in ordered],
                lows=[change(name, "low") for name in ordered],
                highs=[change(name, "high") for name in ordered],
            )
        ],
        unit="percent",
        digits=1,
    )


def _units(rows: list[dict[str, Any]], recent: Mapping[str, tuple[float, float]], voice: Voice) -> Grid:
    names = ("units", "interval", "recent")
    return Grid(
        caption=voice.say("console-demand-units-caption"),
        columns=[voice.say("console-category"), *(voice.say(f"console-demand-{name}") for name in names)],
        rows=[
            [
                str(row["category"]),
                voice.number(row["units"]),
                f"{voice.number(row['low'])} – {voice.number(row['high'])}",
                voice.number(recent.get(str(row["category"]), (None, None))[0]),
            ]
            for row in rows
        ],
        numeric=frozenset({1, 2, 3}),
    )
