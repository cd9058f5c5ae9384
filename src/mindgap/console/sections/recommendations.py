"""How good the recommendations are."""

from mindgap.console.blocks import Figure, Section
from mindgap.console.sections.evaluations import unevaluated
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace


def tell(workspace: Workspace, voice: Voice) -> Section:
    """The recommender's held-out figures; other models stand in the section on evaluations."""
    rows = [row for row in workspace.evaluate() if str(row["task"]).startswith("recommend")]
    figures = [row for row in rows if row.get("value") is not None]
    return Section(
        key="recommendations",
        title=voice.say("console-recommendations-title"),
        lead=voice.say("console-recommendations-lead"),
        figures=[
            Figure(
                label=f"{voice.name('task', row['task'])}, {voice.name('measure', row['metric'])}",
                value=voice.fixed(row["value"], 3),
                note=voice.say(
                    "console-recommendations-note",
                    baseline=voice.fixed(row["baseline_value"], 3),
                    interval=voice.interval(row.get("low"), row.get("high")),
                    n=row["n"],
                ),
                tone="good" if row.get("beats_baseline") else "plain",
            )
            for row in figures
        ],
        missing=unevaluated(rows, voice) or ([] if figures else [voice.say("console-not-built")]),
    )
