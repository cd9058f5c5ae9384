"""The answers of the last run as a person reads them on a terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mindgap.cli.output import cell, console, head, print_dicts
from mindgap.cli.words import Speaker

if TYPE_CHECKING:
    from mindgap.workspace import Workspace

_DAY = len("2024-01-01")


def print_summary(workspace: "Workspace", sections: Mapping[str, Any]) -> None:
    """What the run found out: one line or two a section, and what could not be said."""
    speak = Speaker(workspace)
    lines: list[tuple[str, str]] = []
    silent: list[tuple[str, str]] = []
    for name, section in sections.items():
        title = speak(f"cli-section-{name}")
        if isinstance(section, Mapping) and "reason" in section:
            silent.append((title, speak.reason(section["reason"])))
        elif name in _SAY:
            lines += [
                (title if nth == 0 else "", text) for nth, text in enumerate(_SAY[name](speak, section))
            ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for title, text in lines:
        grid.add_row(title, text)
    title = Text(speak("cli-summary-title", name=workspace.settings.name))
    console.print(Panel(grid, title=title, title_align="left"))
    if silent:
        console.print(speak("cli-cannot-say"), style="bold")
        for title, text in silent:
            console.print(speak("cli-section-missing", section=title, reason=text), style="dim")


def _say_customers(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    said = [speak("cli-customers", known=section["known"], orders=section["orders"], lines=section["lines"])]
    if section["lines_without_customer"]:
        said.append(speak("cli-lines-without-customer", lines=section["lines_without_customer"]))
    return said


def _say_gap(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    if section["advantage_bits"] is None:
        return [speak("cli-gap-unknown")]
    figures = {
        "market": section["market_bits"],
        "remaining": section["remaining_bits"],
        "advantage": section["advantage_bits"],
        "low": section["advantage_low"],
        "high": section["advantage_high"],
    }
    verdict = {True: "cli-gap-pays", False: "cli-gap-does-not-pay", None: "cli-gap-unknown"}[section["pays"]]
    return [_with_interval(speak, "cli-gap", figures), speak(verdict)]


def _with_interval(speak: Speaker, code: str, figures: Mapping[str, Any]) -> str:
    """The message with its interval, or its other wording where no interval can be given."""
    if figures["low"] is not None and figures["high"] is not None:
        return speak(code, **figures)
    known = {name: value for name, value in figures.items() if name not in {"low", "high"}}
    return speak(f"{code}-without-interval", **known)


def _say_segments(speak: Speaker, section: Any) -> Sequence[str]:
    return [
        speak(
            "cli-segment" if row["spend_share"] else "cli-segment-without-spend",
            name=speak.named(row),
            customers=row["customers"],
            share=row["share"] * 100,
            **({"spend": row["spend_share"] * 100} if row["spend_share"] else {}),
        )
        for row in section
    ]


def _say_inactivity(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    return [
        speak(
            "cli-inactivity",
            high=section["high"],
            customers=section["customers"],
            days=section["horizon_days"],
        )
    ]


def _say_value(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    days, currency = section["horizon_days"], section["currency"]
    if section["expected_revenue"] is None:
        return [speak("cli-value-orders", orders=section["expected_orders"], days=days)]
    share = (section["top_fifth_share"] or 0.0) * 100
    said = [
        speak("cli-value", revenue=section["expected_revenue"], currency=currency, days=days, share=share)
    ]
    if section["expected_profit"] is not None:
        said.append(speak("cli-value-profit", profit=section["expected_profit"], currency=currency))
    return said


def _say_demand(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    return [
        speak(
            "cli-demand",
            lines=section["lines"],
            weeks=section["weeks_ahead"],
            categories=section["categories"],
        )
    ]


def _say_rules(speak: Speaker, section: Mapping[str, Any]) -> Sequence[str]:
    said = [speak("cli-rules", rules=section["rules"], confirmed=section["confirmed"])]
    for row in section["top"][:2]:
        bought = " + ".join(row["antecedent"])
        said.append(speak("cli-rule", bought=bought, also=row["consequent"], lift=row["lift"]))
    return said


def _say_satisfaction(speak: Speaker, section: Any) -> Sequence[str]:
    said: list[str] = []
    for row in section:
        figures = {name: row[name] for name in ("value", "low", "high", "n")}
        figures["metric"] = speak.reason({"code": f"analyze-metric-{row['metric']}"})
        said.append(_with_interval(speak, "cli-satisfaction", figures))
    return said


def _say_recommendations(speak: Speaker, section: Any) -> Sequence[str]:
    rows = {row["task"]: row for row in section}
    row = rows.get("recommend-next")
    if row is None:
        return []
    figures = {
        "value": row["value"],
        "baseline": row["baseline_value"],
        "name": speak.name("baseline", row["baseline"]),
        "n": row["n"],
    }
    return [speak("cli-recommendations", **figures)]


_SAY = {
    "customers": _say_customers,
    "gap": _say_gap,
    "segments": _say_segments,
    "inactivity": _say_inactivity,
    "value": _say_value,
    "demand": _say_demand,
    "rules": _say_rules,
    "satisfaction": _say_satisfaction,
    "recommendations": _say_recommendations,
}


def print_segments(workspace: "Workspace", profiles: Sequence[Mapping[str, Any]]) -> None:
    """Every segment with its size and what makes it special."""
    speak = Speaker(workspace)
    for row in sorted(profiles, key=lambda row: -row["customers"]):
        console.print(_say_segments(speak, [row])[0], style="bold")
        for word in json.loads(row["words"]):
            console.print(f"  · {speak.reason(word)}")


def print_gap(workspace: "Workspace", answer: Mapping[str, Any]) -> None:
    """The business's information gap."""
    speak = Speaker(workspace)
    for text in _say_gap(speak, answer):
        console.print(text)
    if answer.get("sources"):
        sources = [{**row, "source": speak.name("source", row["source"])} for row in answer["sources"]]
        print_dicts(sources, title=speak("cli-gap-sources"), wished=speak.language)
    if answer.get("by_week"):
        weeks = [{**row, "week_start": str(row["week_start"])[:_DAY]} for row in answer["by_week"]]
        print_dicts(weeks, title=speak("cli-gap-weeks"), wished=speak.language)
    print_reasons(speak, answer)


def print_reasons(speak: Speaker, answer: Mapping[str, Any]) -> None:
    """Why something in an answer cannot be said."""
    for reason in answer.get("reasons") or []:
        console.print(f"  {speak.reason(reason)}", style="dim")


def print_evaluations(workspace: "Workspace", figures: Sequence[Mapping[str, Any]]) -> None:
    """Every evaluation beside its baseline."""
    speak = Speaker(workspace)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("task", "metric", "value", "95 %", "baseline", "", "n", "beats it"):
        table.add_column(head(column, speak.language), overflow="fold", no_wrap=column == "task")
    for row in figures:
        if row.get("reason"):
            continue
        arrow = "↑" if row["better"] == "higher" else "↓"
        spread = "–" if row["low"] is None else f"{row['low']:.4g} – {row['high']:.4g}"
        table.add_row(
            str(row["task"]),
            f"{row['metric']} {arrow}",
            f"{row['value']:.4g}",
            spread,
            speak.name("baseline", str(row["baseline"])),
            cell(row["baseline_value"]),
            cell(row["n"]),
            cell(row["beats_baseline"], speak.language),
        )
    if table.row_count:
        console.print(table)
    for row in figures:
        if row.get("reason"):
            console.print(
                speak("cli-evaluation-missing", task=row["task"], reason=speak.reason(row["reason"]))
            )
