"""The risk that customers fall silent."""

import pyarrow as pa

from mindgap.console.blocks import Chart, Figure, Section, Series
from mindgap.console.sections.figures import counted, first, total
from mindgap.console.voice import Voice
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_BANDS = ("low", "medium", "high")
_STEPS = 10


def tell(workspace: Workspace, voice: Voice) -> Section:
    """How the risk is spread over customers; no single customer is shown."""
    columns = ["risk", "band", "horizon_days"]
    everybody = workspace.table("inactivity_risk", purpose=Purpose.ANALYTICS, columns=columns)
    table = everybody.filter(everybody["risk"].is_valid())
    unstated = everybody.num_rows - table.num_rows
    days, bands = first(table, "horizon_days") or 0, counted(table, "band")
    expected = total(table, "risk")
    return Section(
        key="risk",
        title=voice.say("console-risk-title"),
        lead=voice.say("console-risk-lead", days=days, n=table.num_rows, expected=round(expected)),
        figures=[
            Figure(
                label=voice.say(f"console-risk-{band}"),
                value=voice.number(bands.get(band, 0)),
                note=voice.say("console-risk-share", share=voice.percent(_share(bands, band), 1)),
                tone="warn" if band == "high" and bands.get(band) else "plain",
            )
            for band in _BANDS
        ],
        charts=[_spread(table, voice, days)] if table.num_rows else [],
        missing=[voice.say("console-risk-unstated", n=unstated)] if unstated else [],
    )


def _share(bands: dict[str, int], band: str) -> float | None:
    everybody = sum(bands.values())
    return bands.get(band, 0) / everybody if everybody else None


def _spread(table: pa.Table, voice: Voice, days: int) -> Chart:
    counts = [0] * _STEPS
    for risk in table["risk"].to_pylist():
        counts[min(_STEPS - 1, int(risk * _STEPS))] += 1
    below = sum(counts[: _STEPS // 2]) / max(1, sum(counts))
    shown = max(i for i in range(_STEPS) if counts[i] or i == 0) + 1
    return Chart(
        key="risk-spread",
        kind="columns",
        title=voice.say("console-risk-spread", days=days),
        summary=voice.say("console-risk-spread-summary", share=voice.percent(below, 1)),
        axis=voice.say("console-risk-risk"),
        labels=[f"{voice.percent(i / _STEPS)}–{voice.percent((i + 1) / _STEPS)}" for i in range(shown)],
        series=[Series(name=voice.say("console-customers"), values=counts[:shown])],
    )
