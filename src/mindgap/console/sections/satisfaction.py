"""How satisfied customers say they are."""

from typing import Any

from mindgap.console.blocks import Chart, Figure, Section, Series
from mindgap.console.voice import Voice
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_LATEST_WEEKS = 26


def tell(workspace: Workspace, voice: Voice) -> Section:
    """CSAT, NPS and CES with intervals and n, and the first of them by week."""
    rows: list[dict[str, Any]] = workspace.table("satisfaction", purpose=Purpose.ANALYTICS).to_pylist()
    whole = [row for row in rows if row["scope"] == "all"]
    weekly = _weekly(rows)
    return Section(
        key="satisfaction",
        title=voice.say("console-satisfaction-title"),
        lead=voice.say("console-satisfaction-lead", n=max((row["n"] for row in whole), default=0)),
        figures=[_figure(row, voice) for row in whole],
        charts=[_by_week(weekly, voice)] if len(weekly) > 1 else [],
    )


def _digits(metric: str) -> int:
    return {"csat": 2, "csat_top_box": 3, "ces": 2}.get(metric, 1)


def _figure(row: dict[str, Any], voice: Voice) -> Figure:
    digits = _digits(row["metric"])
    parts = [voice.interval(row.get("low"), row.get("high"), digits), voice.say("console-n", n=row["n"])]
    return Figure(
        label=voice.name("metric", row["metric"]),
        value=voice.fixed(row["value"], digits),
        note=" · ".join(part for part in parts if part),
    )


def _weekly(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    metric = next((row["metric"] for row in rows if row["scope"] == "week"), None)
    chosen = [row for row in rows if row["scope"] == "week" and row["metric"] == metric]
    return sorted(chosen, key=lambda row: str(row["key"]))[-_LATEST_WEEKS:]


def _by_week(rows: list[dict[str, Any]], voice: Voice) -> Chart:
    metric = rows[0]["metric"]
    digits = _digits(metric)
    name = voice.name("metric", metric)
    return Chart(
        key="satisfaction-weeks",
        kind="lines",
        title=voice.say("console-satisfaction-weeks", metric=name),
        summary=voice.say(
            "console-satisfaction-weeks-summary",
            metric=name,
            first=voice.fixed(rows[0]["value"], digits),
            last=voice.fixed(rows[-1]["value"], digits),
        ),
        axis=voice.say("console-week"),
        labels=[str(row["key"])[:10] for row in rows],
        series=[
            Series(
                name=name,
                values=[row["value"] for row in rows],
                lows=[row.get("low") for row in rows],
                highs=[row.get("high") for row in rows],
            )
        ],
        unit="number",
        digits=digits,
    )
