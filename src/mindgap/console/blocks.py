"""What pages and the report are made of: figures, charts, tables, sections. Plain values, no HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError

Unit = Literal["count", "percent", "money", "bits", "number"]
Tone = Literal["plain", "good", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One key figure.

    Attributes:
        label: What it is.
        value: The figure, formatted; a dash when it cannot be said.
        note: Its n, interval and date, or the reason why it cannot be said.
        tone: Whether it is good news or needs attention; the note says so in words too.
    """

    label: str
    value: str
    note: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a chart.

    Attributes:
        name: Its name in the legend.
        values: One value per label; None where there is none.
        lows: Lower ends of 95 % intervals, or empty.
        highs: Upper ends, or empty.
    """

    name: str
    values: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with the sentence that sums it up; the same values are offered as a table.

    Attributes:
        key: Unique on its page.
        kind: Horizontal bars, vertical columns, lines, lines with the area between the first two shaded, or
            one column per moment on a time axis.
        title: Its title.
        summary: What it shows, in one sentence.
        axis: What the labels are.
        labels: One per value.
        series: The series.
        unit: What the values are.
        digits: Decimals shown.
        moments: For a time axis: when each value was, local time, ISO 8601.
    """

    key: str
    kind: Literal["bars", "columns", "lines", "between", "moments"]
    title: str
    summary: str
    axis: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: Unit = "count"
    digits: int = 0
    moments: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table.

    Attributes:
        caption: What it is.
        columns: Column headings.
        rows: Formatted cells.
        numeric: Which columns hold numbers, to be set flush right.
        stacks: Whether on a narrow screen a row stands as lines below each other; cells break elsewhere too.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    stacks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page.

    Attributes:
        key: Its anchor.
        title: Its title.
        lead: One or two sentences that say what follows from it.
        figures: Key figures.
        charts: Charts.
        grids: Tables.
        missing: What cannot be said, and why.
    """

    key: str
    title: str
    lead: str = ""
    figures: Sequence[Figure] = ()
    charts: Sequence[Chart] = ()
    grids: Sequence[Grid] = ()
    missing: Sequence[str] = field(default_factory=tuple)


def formatted(value: float | None, unit: Unit, digits: int, *, voice: Voice) -> str:
    """A chart's value in words."""
    match unit:
        case "percent":
            return voice.percent(value, digits)
        case "money":
            return voice.money(value)
        case "count" | "bits" | "number":
            return voice.fixed(value, digits)


def chart_grid(chart: Chart, voice: Voice) -> Grid:
    """A chart's values as a table."""
    columns = [chart.axis]
    for series in chart.series:
        columns += [
            series.name,
            *([voice.say("console-low"), voice.say("console-high")] if series.lows else []),
        ]
    rows = [
        [label, *(cell for series in chart.series for cell in _cells(chart, series, i, voice=voice))]
        for i, label in enumerate(chart.labels)
    ]
    return Grid(caption=chart.title, columns=columns, rows=rows, numeric=frozenset(range(1, len(columns))))


def _cells(chart: Chart, series: Series, i: int, *, voice: Voice) -> list[str]:
    listed = [series.values[i]]
    if series.lows:
        listed += [series.lows[i], series.highs[i]]
    return [formatted(value, chart.unit, chart.digits, voice=voice) for value in listed]


def chart_json(chart: Chart, voice: Voice) -> str:
    """A chart as data for charts.js, safe inside a script element."""
    document: Mapping[str, Any] = {
        "kind": chart.kind,
        "title": chart.title,
        "summary": chart.summary,
        "labels": list(chart.labels),
        "moments": list(chart.moments),
        "series": [
            {"name": s.name, "values": list(s.values), "lows": list(s.lows), "highs": list(s.highs)}
            for s in chart.series
        ],
        "unit": chart.unit,
        "digits": chart.digits,
        "locale": "zh-CN" if voice.language == "zh" else "en",
        "currency": voice.currency,
    }
    return msgspec.json.encode(document).decode().replace("<", "\\u003c").replace("&", "\\u0026")


def told(make: Callable[[], Section], *, key: str, title: str, voice: Voice) -> Section:
    """A section, or in its place the reason why there is nothing to say."""
    try:
        return make()
    except CannotSay as answer:
        reason = voice.reason({"code": answer.code, "params": answer.params})
        return Section(key=key, title=title, missing=(reason,))
    except UnknownError:
        return Section(key=key, title=title, missing=(voice.say("console-not-built"),))
