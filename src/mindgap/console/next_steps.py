"""What to do next: the most useful things that the figures suggest, each with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mindgap.console.at_risk import customers_at_risk
from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.workspace.face import Workspace

_MOST = 3
_QUARANTINE_ALARM = 0.01
_WANTED_DATA: Mapping[str, str] = {
    "no-feedback": "feedback",
    "no-exposures": "exposures",
    "no-customers": "customers",
    "no-products": "products",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One suggestion.

    Attributes:
        text: What to do.
        why: The figure behind it.
        path: Where to do it; "" where it is done elsewhere.
    """

    text: str
    why: str
    path: str = ""


def next_steps(workspace: Workspace, status: Mapping[str, Any], voice: Voice) -> list[Step]:
    """At most three suggestions, most urgent first."""
    found: list[Step] = []
    for suggest in _SUGGESTIONS:
        try:
            step = suggest(workspace, status, voice)
        except (CannotSay, UnknownError):
            continue
        if step is not None:
            found.append(step)
    return found[:_MOST]


def _quarantine(_workspace: Workspace, status: Mapping[str, Any], voice: Voice) -> Step | None:
    for source in status.get("sources") or ():
        read, aside = int(source["read"]), int(source["quarantined"])
        if read and aside / read > _QUARANTINE_ALARM:
            why = voice.say("console-next-quarantine-why", n=aside, share=voice.percent(aside / read, 1))
            return Step(
                text=voice.say("console-next-quarantine", source=voice.source(source["name"])), why=why
            )
    return None


def _valuable_at_risk(workspace: Workspace, _status: Mapping[str, Any], voice: Voice) -> Step | None:
    drifting = customers_at_risk(workspace)
    if not drifting or not any(one.expected_revenue for one in drifting):
        return None
    money = voice.money(sum(one.expected_revenue for one in drifting))
    return Step(
        text=voice.say("console-next-risk", n=len(drifting)),
        why=voice.say("console-next-risk-why", money=money),
        path="/customers",
    )


def _gap(workspace: Workspace, _status: Mapping[str, Any], voice: Voice) -> Step | None:
    found = workspace.gap()
    if found.get("pays"):
        why = voice.say("console-next-gap-pays-why", bits=voice.fixed(found["advantage_bits"], 3))
        return Step(text=voice.say("console-next-gap-pays"), why=why, path="/gap")
    if found.get("pays") is False:
        return Step(text=voice.say("console-next-gap"), why=voice.say("console-next-gap-why"), path="/gap")
    return None


def _more_data(_workspace: Workspace, status: Mapping[str, Any], voice: Voice) -> Step | None:
    codes = {str(row["reason"]["code"]) for row in status.get("tables") or () if row.get("reason")}
    for code, name in _WANTED_DATA.items():
        if code in codes:
            text = voice.say("console-next-data", name=voice.name("table", name))
            return Step(text=text, why=voice.say(f"console-next-data-{name}"))
    return None


_SUGGESTIONS: tuple[Callable[[Workspace, Mapping[str, Any], Voice], Step | None], ...] = (
    _quarantine,
    _valuable_at_risk,
    _more_data,
    _gap,
)
