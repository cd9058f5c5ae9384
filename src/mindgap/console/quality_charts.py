"""Figures of quality over time: one chart for each table, source and dimension that changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mindgap.console.blocks import Chart, Series, Unit
from mindgap.console.voice import NONE, Voice

_MOST_CHARTS = 12
_MOST_SERIES = 4
_SHOWN_DAYS = 91
_FEWEST_DAYS = 2
_NUMBERS = frozenset({"freshness", "drift"})
_DIGITS: Mapping[str, int] = {"freshness": 0, "drift": 2}
Row = Mapping[str, Any]


def charts(figures: Sequence[Row], voice: Voice) -> list[Chart]:
    """The charts, what is not well first; at most four lines each, the least well ones."""
    grouped: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in figures:
        if len(row["history"]) >= _FEWEST_DAYS:
            grouped[row["table_name"], row["source"], row["dimension"]].append(row)
    ordered = sorted(grouped.items(), key=lambda item: (min(map(_rank, item[1])), item[0]))
    return [
        _chart(
            number, key, sorted(rows, key=lambda row: (_rank(row), row["about"]))[:_MOST_SERIES], voice=voice
        )
        for number, (key, rows) in enumerate(ordered[:_MOST_CHARTS])
    ]


def _rank(row: Row) -> int:
    return ("bad", "warn", "ok", "cannot-say").index(row["status"])


def _chart(number: int, key: tuple[str, str, str], rows: Sequence[Row], *, voice: Voice) -> Chart:
    table, name, dimension = key
    source = voice.source(name)
    days = sorted({day for row in rows for day, _ in row["history"]})[-_SHOWN_DAYS:]
    told = [dict(map(tuple, row["history"])) for row in rows]
    unit: Unit = "number" if dimension in _NUMBERS else "percent"
    title = voice.say(f"console-quality-chart-{dimension}")
    return Chart(
        key=f"quality-{number}",
        kind="lines",
        title=f"{title} · {source}",
        summary=voice.say(
            "console-quality-chart-summary",
            table=voice.name("table", table),
            source=source,
            n=len(rows),
            day=voice.day(days[-1]),
        ),
        axis=voice.say("console-quality-day"),
        labels=[_label(day, voice) for day in days],
        series=[
            Series(name=voice.name("about", row["about"]), values=[values.get(day) for day in days])
            for row, values in zip(rows, told, strict=True)
        ],
        unit=unit,
        digits=_DIGITS.get(dimension, 1),
    )


def _label(day: date, voice: Voice) -> str:
    return voice.day(day)


def value_text(row: Row, value: float | None, voice: Voice) -> str:
    """A figure's value as its dimension writes it."""
    if value is None:
        return NONE
    if row["dimension"] in _NUMBERS:
        return voice.number(value, _DIGITS[row["dimension"]])
    return voice.percent(value, 1)
