"""How good every model is on held-out time, beside a simple method."""

from collections.abc import Mapping, Sequence
from typing import Any

from mindgap.console.blocks import Grid, Section
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Every held-out figure with interval, n, period and baseline; what could not be evaluated and why."""
    rows = list(workspace.evaluate())
    figures = [row for row in rows if row.get("value") is not None]
    better = sum(1 for row in figures if row.get("beats_baseline"))
    return Section(
        key="evaluations",
        title=voice.say("console-evaluations-title"),
        lead=voice.say("console-evaluations-lead", n=len(figures), better=better),
        grids=[evaluation_grid(figures, voice)] if figures else [],
        missing=unevaluated(rows, voice),
    )


def unevaluated(rows: Sequence[Mapping[str, Any]], voice: Voice) -> list[str]:
    """Tasks that could not be evaluated, each with its reason."""
    return [
        voice.say(
            "console-evaluations-missing",
            task=voice.name("task", row["task"]),
            reason=voice.reason(row["reason"]),
        )
        for row in rows
        if row.get("reason")
    ]


def evaluation_grid(rows: Sequence[Mapping[str, Any]], voice: Voice) -> Grid:
    """Evaluations as a table."""
    names = ("task", "metric", "value", "interval", "baseline", "better", "n", "period")
    return Grid(
        caption=voice.say("console-evaluations-caption"),
        columns=[voice.say(f"console-evaluations-{name}") for name in names],
        rows=[_row(row, voice) for row in rows],
        numeric=frozenset({2, 3, 6}),
    )


def _row(row: Mapping[str, Any], voice: Voice) -> list[str]:
    arrow = "↑" if row["better"] == "higher" else "↓"
    verdicts = {
        True: "console-yes",
        False: "console-evaluations-unproven",
        None: "console-evaluations-unsaid",
    }
    low, high = row.get("low"), row.get("high")
    return [
        voice.name("task", row["task"]),
        f"{voice.name('measure', row['metric'])}\u00a0{arrow}",
        voice.fixed(row["value"], 3),
        "" if low is None or high is None else f"{voice.fixed(low, 3)} – {voice.fixed(high, 3)}",
        f"{voice.name('baseline', row['baseline'])}: {voice.fixed(row['baseline_value'], 3)}",
        voice.say(verdicts[row.get("beats_baseline")]),
        voice.number(row["n"]),
        " – ".join(voice.day(day) for day in str(row["period"]).split("/")),
    ]
