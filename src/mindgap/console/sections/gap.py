"""The information gap: what is uncertain, what the data is worth, what could be left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from mindgap.console.blocks import Chart, Figure, Section, Series
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace


def tell(workspace: Workspace, voice: Voice) -> Section:
    """H0, G and A with the interval, by week and by source, and what cannot be said."""
    found = workspace.gap()
    missing = voice.reasons(found.get("reasons"))
    title = voice.say("console-gap-title")
    if found.get("advantage_bits") is None:
        return Section(key="gap", title=title, missing=missing or [voice.say("console-not-built")])
    weeks, sources = list(found.get("by_week") or ()), list(found.get("sources") or ())
    charts = [
        *([_by_week(weeks, voice)] if weeks else []),
        *([_by_source(sources, voice)] if sources else []),
    ]
    return Section(
        key="gap",
        title=title,
        lead=voice.sentences([_verdict(found, voice), *_less(found, voice)]),
        figures=_figures(found, voice),
        charts=charts,
        missing=missing,
    )


def _verdict(found: Mapping[str, Any], voice: Voice) -> str:
    verdicts = {True: "console-gap-pays", False: "console-gap-pays-not", None: "console-gap-pays-unknown"}
    factor = 2 ** float(found["advantage_bits"])
    return voice.say(verdicts[found.get("pays")], factor=voice.fixed(factor, 2))


def _less(found: Mapping[str, Any], voice: Voice) -> list[str]:
    names = [voice.name("source", str(_source_name(row))) for row in found.get("collect_less") or ()]
    return [voice.say("console-gap-less", sources=voice.listed(names))] if names else []


def _source_name(row: Any) -> Any:
    return row["source"] if isinstance(row, Mapping) else row


def _figures(found: Mapping[str, Any], voice: Voice) -> list[Figure]:
    n = voice.say("console-gap-n", outcomes=found["n_outcomes"], customers=found["n_customers"])
    interval = voice.interval(found.get("advantage_low"), found.get("advantage_high"))
    figures = [
        _bits("console-gap-market", found["market_bits"], n, voice=voice),
        _bits(
            "console-gap-remaining",
            found["remaining_bits"],
            voice.say("console-gap-remaining-note"),
            voice=voice,
        ),
        _bits("console-gap-advantage", found["advantage_bits"], interval, voice=voice),
    ]
    potential, null = found.get("potential_bits"), found.get("potential_null_bits")
    if potential is not None:
        note = voice.say("console-gap-potential-note", null=voice.fixed(null, 3)) if null is not None else ""
        figures.append(_bits("console-gap-potential", potential, note, voice=voice))
    return figures


def _bits(label: str, value: float, note: str, *, voice: Voice) -> Figure:
    return Figure(
        label=voice.say(label), value=voice.say("console-bits", value=voice.fixed(value, 3)), note=note
    )


def _by_week(weeks: Sequence[Mapping[str, Any]], voice: Voice) -> Chart:
    first, last = weeks[0]["advantage_bits"], weeks[-1]["advantage_bits"]
    return Chart(
        key="gap-weeks",
        kind="between",
        title=voice.say("console-gap-weeks"),
        summary=voice.say(
            "console-gap-weeks-summary",
            trend="up" if last > first else "down",
            first=voice.fixed(first, 3),
            last=voice.fixed(last, 3),
            n=len(weeks),
        ),
        axis=voice.say("console-week"),
        labels=[voice.short_day(week["week_start"]) for week in weeks],
        series=[
            Series(name=voice.say("console-gap-market"), values=[week["market_bits"] for week in weeks]),
            Series(
                name=voice.say("console-gap-remaining"), values=[week["remaining_bits"] for week in weeks]
            ),
        ],
        unit="bits",
        digits=3,
    )


def _by_source(sources: Sequence[Mapping[str, Any]], voice: Voice) -> Chart:
    ordered = sorted(sources, key=lambda row: -row["bits"])
    best = ordered[0]
    return Chart(
        key="gap-sources",
        kind="bars",
        title=voice.say("console-gap-sources"),
        summary=voice.say(
            "console-gap-sources-summary",
            source=voice.name("source", best["source"]),
            bits=voice.fixed(best["bits"], 3),
            n=len(ordered),
        ),
        axis=voice.say("console-source"),
        labels=[voice.name("source", row["source"]) for row in ordered],
        series=[
            Series(
                name=voice.say("console-gap-worth"),
                values=[row["bits"] for row in ordered],
                lows=[row.get("low") for row in ordered],
                highs=[row.get("high") for row in ordered],
            )
        ],
        unit="bits",
        digits=3,
    )
