"""What is bought together."""

from typing import Any

from mindgap.console.blocks import Grid, Section
from mindgap.console.voice import Voice
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_SHOWN = 12


def tell(workspace: Workspace, voice: Voice) -> Section:
    """The strongest rules, those confirmed on held-out weeks first."""
    rows: list[dict[str, Any]] = workspace.table("rules", purpose=Purpose.ANALYTICS).to_pylist()
    confirmed = sum(1 for row in rows if row["confirmed"])
    best = sorted(rows, key=lambda row: (not row["confirmed"], -row["lift"]))[:_SHOWN]
    return Section(
        key="rules",
        title=voice.say("console-rules-title"),
        lead=voice.say("console-rules-lead", n=len(rows), confirmed=confirmed),
        grids=[_grid(best, voice)] if best else [],
    )


def _grid(rows: list[dict[str, Any]], voice: Voice) -> Grid:
    names = ("if", "then", "support", "confidence", "lift", "holdout", "confirmed")
    return Grid(
        caption=voice.say("console-rules-best", n=len(rows)),
        columns=[voice.say(f"console-rules-{name}") for name in names],
        rows=[
            [
                voice.listed([str(item) for item in row["antecedent"]]),
                str(row["consequent"]),
                voice.percent(row["support"], 2),
                voice.percent(row["confidence"], 0),
                voice.fixed(row["lift"], 2),
                voice.fixed(row.get("holdout_lift"), 2),
                voice.say("console-yes" if row["confirmed"] else "console-no"),
            ]
            for row in rows
        ],
        numeric=frozenset({2, 3, 4, 5}),
    )
