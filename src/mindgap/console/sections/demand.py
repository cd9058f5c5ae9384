"""Demand in the coming weeks, by category."""

from typing import Any

from mindgap.console.blocks import Chart, Section, Series
from mindgap.console.sections.figures import summed
from mindgap.console.voice import Voice
from mindgap.console.workspace import Workspace
from mindgap.kernel.purposes import Purpose

_SHOWN = 12


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Next week's units of the largest categories, with intervals."""
    table = workspace.table("demand_forecast", purpose=Purpose.OPERATIONS)
    rows: list[dict[str, Any]] = table.to_pylist()
    by_week = {week: units or 0.0 for week, units in summed(table, "week_ahead", "units").items()}
    next_week = sorted((row for row in rows if row["week_ahead"] == 1), key=lambda row: -row["units"])
    if not next_week:
        return Section(
            key="demand", title=voice.say("console-demand-title"), missing=[voice.say("console-not-built")]
        )
    return Section(
        key="demand",
        title=voice.say("console-demand-title"),
        lead=voice.say(
            "console-demand-lead",
            categories=len(next_week),
            units=round(by_week.get(1, 0.0)),
            weeks=max(by_week),
            later=round(sum(by_week.values())),
        ),
        charts=[_next_week(next_week[:_SHOWN], voice)],
    )


def _next_week(rows: list[dict[str, Any]], voice: Voice) -> Chart:
    top = rows[0]
    return Chart(
        key="demand-next",
        kind="bars",
        title=voice.say("console-demand-next", n=len(rows)),
        summary=voice.say(
            "console-demand-next-summary",
            category=top["category"],
            units=voice.number(top["units"]),
            low=voice.number(top["low"]),
            high=voice.number(top["high"]),
        ),
        axis=voice.say("console-category"),
        labels=[str(row["category"]) for row in rows],
        series=[
            Series(
                name=voice.say("console-demand-units"),
                values=[row["units"] for row in rows],
                lows=[row["low"] for row in rows],
                highs=[row["high"] for row in rows],
            )
        ],
    )
