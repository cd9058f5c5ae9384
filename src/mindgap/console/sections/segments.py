"""Segments: how large, how much of the spend, what makes each special."""

from typing import Any

from mindgap.console.blocks import Chart, Grid, Section, Series
from mindgap.console.voice import Voice, params_of
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace


def profiles(workspace: Workspace, voice: Voice) -> list[dict[str, Any]]:
    """The segments with their names and words, largest first."""
    rows: list[dict[str, Any]] = workspace.table("segment_profiles", purpose=Purpose.ANALYTICS).to_pylist()
    told = [
        {**row, "name": segment_name(row, voice), "words": voice.reasons(row.get("words"))} for row in rows
    ]
    return sorted(told, key=lambda row: -row["customers"])


def segment_name(row: dict[str, Any], voice: Voice) -> str:
    """What people call a segment."""
    return voice.reason({"code": row["name_code"], "params": params_of(row.get("name_params"))})


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Sizes, shares and words of every segment."""
    rows = profiles(workspace, voice)
    return Section(
        key="segments",
        title=voice.say("console-segments-title"),
        lead=voice.say("console-segments-lead", n=len(rows), customers=sum(row["customers"] for row in rows)),
        charts=[shares(rows, voice)] if rows else [],
        grids=[_words(rows, voice)],
    )


def shares(rows: list[dict[str, Any]], voice: Voice) -> Chart:
    """Each segment's share of customers, beside its share of spend where the orders hold amounts."""
    series = [Series(name=voice.say("console-segments-share"), values=[row["share"] for row in rows])]
    largest = rows[0]
    summary = voice.say(
        "console-segments-largest-summary", name=largest["name"], share=voice.percent(largest["share"])
    )
    if spend_is_known(rows):
        top = max(rows, key=lambda row: row.get("spend_share") or 0.0)
        spend = [row.get("spend_share") for row in rows]
        series.append(Series(name=voice.say("console-segments-spend-share"), values=spend))
        summary = voice.say(
            "console-segments-shares-summary",
            name=top["name"],
            share=voice.percent(top["share"]),
            spend=voice.percent(top.get("spend_share")),
        )
    return Chart(
        key="segment-shares",
        kind="bars",
        title=voice.say("console-segments-shares"),
        summary=summary,
        axis=voice.say("console-segment"),
        labels=[row["name"] for row in rows],
        series=series,
        unit="percent",
        digits=1,
    )


def spend_is_known(rows: list[dict[str, Any]]) -> bool:
    """Whether any segment has spent anything; orders without amounts leave it at zero."""
    return any(row.get("spend_share") for row in rows)


def _words(rows: list[dict[str, Any]], voice: Voice) -> Grid:
    return Grid(
        caption=voice.say("console-segments-profiles"),
        columns=[
            voice.say("console-segment"),
            voice.say("console-customers"),
            voice.say("console-segments-share"),
            voice.say("console-segments-spend-share"),
            voice.say("console-segments-words"),
        ],
        rows=[
            [
                row["name"],
                voice.number(row["customers"]),
                voice.percent(row["share"], 1),
                voice.percent(row.get("spend_share") if spend_is_known(rows) else None, 1),
                " · ".join(row["words"]),
            ]
            for row in rows
        ],
        numeric=frozenset({1, 2, 3}),
    )
