"""The parts of the report, in order; pages show some of them too. None holds a row about one customer."""

from collections.abc import Callable

from mindgap.console.blocks import Section, told
from mindgap.console.sections import (
    data_quality,
    demand,
    evaluations,
    gap,
    overview,
    recommendations,
    risk,
    rules,
    satisfaction,
    segments,
    value,
)
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace

Tell = Callable[[Workspace, Voice], Section]

SECTIONS: dict[str, Tell] = {
    "overview": overview.tell,
    "gap": gap.tell,
    "segments": segments.tell,
    "rules": rules.tell,
    "demand": demand.tell,
    "risk": risk.tell,
    "value": value.tell,
    "satisfaction": satisfaction.tell,
    "recommendations": recommendations.tell,
    "evaluations": evaluations.tell,
    "data-quality": data_quality.tell,
}


def section(key: str, workspace: Workspace, voice: Voice) -> Section:
    """One part, or in its place the reason why there is nothing to say."""
    return told(
        lambda: SECTIONS[key](workspace, voice), key=key, title=voice.say(f"console-{key}-title"), voice=voice
    )
