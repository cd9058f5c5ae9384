"""Data quality: what was dropped and why, figures over time, what to look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.console.blocks import Chart, Figure, Grid
from mindgap.console.page import Page
from mindgap.console.quality_charts import charts, value_text
from mindgap.console.visit import Visit, show, visit_of
from mindgap.console.voice import NONE, Voice

_MB = 1e6
_MOST_NOTICES = 20
_MOST_EXAMPLES = 20
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to look at.

    Attributes:
        what: Which figure of which source and day.
        why: What is wrong, and what to do.
        tone: warn or bad.
        state: The tone in words.
    """

    what: str
    why: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the page shows.

    Attributes:
        figures: Volume, velocity, variety and veracity.
        n_notices: How many notices there are, those not shown too.
        notices: The most urgent ones.
        dropped: What rules dropped; None when nothing.
        examples: A few dropped rows; None when nothing.
        rules: Every rule.
        charts: Figures over time.
        latest: Figures of the last day; None without any.
        clocks: What became of events whose clocks are wrong, and of those that the tables do not reach.
        missing: Why there is none.
    """

    figures: Sequence[Figure]
    n_notices: int
    notices: Sequence[Notice]
    dropped: Grid | None
    examples: Grid | None
    rules: Grid
    charts: Sequence[Chart] = ()
    latest: Grid | None = None
    clocks: Sequence[str] = ()
    missing: Sequence[str] = field(default_factory=tuple)


def context(visit: Visit) -> Quality:
    """Put the page together."""
    voice, found = visit.voice, visit.workspace.quality()
    notices = list(found["notices"])
    dropped = [rule for rule in found["rules"] if rule["dropped"]]
    return Quality(
        figures=scale_figures(found["scale"], voice),
        n_notices=len(notices),
        notices=[_notice(row, voice) for row in notices[:_MOST_NOTICES]],
        dropped=_dropped(dropped, voice) if dropped else None,
        examples=_examples(dropped, voice) if dropped else None,
        rules=_rules(found["rules"], voice),
        charts=charts(found["figures"], voice),
        latest=_latest(found["figures"], voice) if found["figures"] else None,
        clocks=[*_clocks(found, voice)],
        missing=voice.reasons(found["reasons"]),
    )


def scale_figures(scale: Row, voice: Voice) -> list[Figure]:
    """Volume, velocity, variety and veracity as key figures."""
    volume, velocity = scale["volume"], scale["velocity"]
    variety, veracity = scale["variety"], scale["veracity"]
    counts = {name: voice.number(variety[name]) for name in ("tables", "properties")}
    told = {
        "volume": (voice.number(volume["rows"]), {"bytes": voice.number(volume["bytes"] / _MB, 1)}),
        "velocity": (
            voice.number(velocity["rows_a_day"]),
            {"events": voice.number(velocity["events_a_second"], 3)},
        ),
        "variety": (
            voice.number(variety["sources"]),
            {**counts, "names": voice.number(variety["event_names"])},
        ),
        "veracity": (voice.percent(veracity["kept"], 2), {"valid": voice.percent(veracity["valid"], 2)}),
    }
    notes = {name: voice.say(f"console-quality-{name}-note", **params) for name, (_, params) in told.items()}
    if veracity["kept"] is None:
        notes["veracity"] = voice.say("console-quality-veracity-unknown")
    return [
        Figure(label=voice.say(f"console-quality-{name}"), value=value, note=notes[name])
        for name, (value, _) in told.items()
    ]


def _notice(row: Row, voice: Voice) -> Notice:
    about = f"{voice.name('table', row['table_name'])} · {_about(row, voice)}"
    return Notice(
        what=voice.say(
            "console-quality-notice",
            source=voice.source(row["source"]),
            about=about,
            day=voice.day(row["day"]),
        ),
        why=voice.reason(row),
        tone=row["status"],
        state=voice.say(f"console-quality-status-{row['status']}"),
    )


def _about(row: Row, voice: Voice) -> str:
    if row["about"].startswith("properties:"):
        return str(row["about"].removeprefix("properties:"))
    return voice.listed(
        [voice.say(f"console-quality-dimension-{row['dimension']}"), voice.name("about", row["about"])]
    )


def _clocks(found: Row, voice: Voice) -> Iterator[str]:
    for row in found["clocks"]:
        yield voice.say("quality-clocks", **row)
    for row in found["later"]:
        moments = {"as_of": voice.moment(found["as_of"]), "latest": voice.moment(row["latest_at"])}
        yield voice.say("quality-later", source=row["source"], n=row["events"], **moments)


def _dropped(dropped: Sequence[Row], voice: Voice) -> Grid:
    return Grid(
        caption=voice.say("console-quality-dropped"),
        columns=[voice.say(f"console-quality-{name}") for name in ("why", "of", "rows", "sources", "rule")],
        rows=[
            [
                voice.say(f"process-rule-{rule['rule']}"),
                voice.name("table", rule["table"]),
                voice.number(rule["dropped"]),
                voice.listed(
                    [f"{voice.source(source)} ({voice.number(n)})" for source, n in rule["by_source"].items()]
                ),
                rule["rule"],
            ]
            for rule in sorted(dropped, key=lambda one: -one["dropped"])
        ],
        numeric=frozenset({2}),
    )


def _examples(dropped: Sequence[Row], voice: Voice) -> Grid:
    rows = [
        [
            rule["rule"],
            voice.name("table", rule["table"]),
            voice.source(one["source"]),
            voice.moment(one["at"]),
            str(one["row_id"]),
        ]
        for rule in dropped
        for one in rule["examples"]
    ]
    return Grid(
        caption=voice.say("console-quality-examples"),
        columns=[voice.say(f"console-quality-{name}") for name in ("rule", "of", "sources", "at", "row")],
        rows=rows[:_MOST_EXAMPLES],
        numeric=frozenset({4}),
    )


def _rules(rules: Sequence[Row], voice: Voice) -> Grid:
    return Grid(
        caption=voice.say("console-quality-switch"),
        columns=[
            voice.say(f"console-quality-{name}") for name in ("rule", "of", "state", "figures-column", "why")
        ],
        rows=[
            [
                rule["rule"],
                voice.name("table", rule["table"]),
                voice.say("console-quality-on" if rule["is_on"] else "console-quality-off"),
                voice.listed([f"{name} {figure:g}" for name, figure in rule["options"].items()]) or NONE,
                voice.say(f"process-rule-{rule['rule']}"),
            ]
            for rule in rules
        ],
    )


def _latest(figures: Sequence[Row], voice: Voice) -> Grid:
    names = ("sources", "of", "dimension", "about", "value", "usual", "n", "state")
    return Grid(
        caption=voice.say("console-quality-latest"),
        columns=[voice.say(f"console-quality-{name}") for name in names],
        rows=[
            [
                voice.source(row["source"]),
                voice.name("table", row["table_name"]),
                voice.say(f"console-quality-dimension-{row['dimension']}"),
                voice.name("about", row["about"]),
                value_text(row, row["value"], voice),
                value_text(row, row["usual"], voice),
                voice.number(row["n"]),
                voice.say(f"console-quality-state-{row['status']}"),
            ]
            for row in figures
        ],
        numeric=frozenset({4, 5, 6}),
    )


def view(request: Request) -> Response:
    """The page."""
    visit = visit_of(request)
    return show(visit, "quality.html", {"quality": context(visit)}, page="quality")


PAGE = Page(name="quality", path="/quality", order=6, routes=[Route("/quality", view)])
