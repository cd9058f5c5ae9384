"""What customers are expected to be worth."""

from itertools import pairwise
from typing import Any

from mindgap.console.blocks import Chart, Figure, Section, Series
from mindgap.console.sections.figures import first, total
from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_TENTHS = 10


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Expected orders and revenue in total and by tenths of customers; what the model cannot say."""
    columns = ["expected_orders", "expected_revenue", "expected_profit", "horizon_days", "method"]
    table = workspace.table("customer_value", purpose=Purpose.ANALYTICS, columns=columns)
    days = first(table, "horizon_days") or 0
    revenue = sorted((worth or 0.0 for worth in table["expected_revenue"].to_pylist()), reverse=True)
    profit = [worth for worth in table["expected_profit"].to_pylist() if worth is not None]
    method = voice.name("method", str(first(table, "method") or ""))
    figures = [
        _figure("orders", voice.number(total(table, "expected_orders")), days, voice=voice),
        *([_figure("revenue", voice.money(sum(revenue)), days, voice=voice)] if sum(revenue) else []),
    ]
    if profit:
        figures.append(_figure("profit", voice.money(sum(profit)), days, voice=voice))
    return Section(
        key="value",
        title=voice.say("console-value-title"),
        lead=voice.say("console-value-lead", n=table.num_rows, days=days, method=method),
        figures=figures,
        charts=[_tenths(revenue, voice)] if sum(revenue) > 0 else [],
        missing=_notes(workspace, voice),
    )


def _figure(name: str, value: str, days: int, *, voice: Voice) -> Figure:
    note = voice.say("console-value-horizon", days=days)
    return Figure(label=voice.say(f"console-value-{name}"), value=value, note=note)


def _tenths(revenue: list[float], voice: Voice) -> Chart:
    """The share of expected revenue that each tenth of customers brings, best first."""
    n, whole = len(revenue), sum(revenue)
    edges = [round(n * i / _TENTHS) for i in range(_TENTHS + 1)]
    parts = [sum(revenue[a:b]) / whole for a, b in pairwise(edges)]
    return Chart(
        key="value-tenths",
        kind="columns",
        title=voice.say("console-value-tenths"),
        summary=voice.say("console-value-tenths-summary", share=voice.percent(parts[0] + parts[1])),
        axis=voice.say("console-value-tenth"),
        labels=[voice.say("console-value-tenth-label", i=i + 1) for i in range(_TENTHS)],
        series=[Series(name=voice.say("console-value-share"), values=parts)],
        unit="percent",
        digits=1,
    )


def _notes(workspace: Workspace, voice: Voice) -> list[str]:
    try:
        rows: list[dict[str, Any]] = workspace.table("value_model", purpose=Purpose.ANALYTICS).to_pylist()
    except (CannotSay, UnknownError):
        return []  # the notes explain the values above; where there is no model there are none
    return [note for row in rows for note in voice.reasons(row.get("notes"))]
