"""What the page of live sources shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from mindgap.console.blocks import Chart, Figure, Grid, Series
from mindgap.console.visit import Visit
from mindgap.console.voice import Voice
from mindgap.workspace.arrivals import Arrivals, SourceState
from mindgap.workspace.tail import Arrived

_HOURS = 24
_LINES = 3
_DETAIL_LENGTH = 90
_TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})
_LATE_S = 3_600.0
_BACKLOG_BYTES = 200_000_000
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Messages that were set aside for one reason.

    Attributes:
        source: Of which source.
        messages: How many, formatted.
        why: The reason, in words.
        what_to_do: What to do about it.
    """

    source: str
    messages: str
    why: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """How clients of a source send to it.

    Attributes:
        source: Which.
        parts: What to copy, by what it is: endpoint, curl, snippet.
    """

    source: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message that arrived.

    Attributes:
        time: When, formatted.
        source: From where.
        what: What happened, in words.
        who: Whose it is, masked.
        detail: A part of what it says, masked.
    """

    time: str
    source: str
    what: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSources:
    """What the page shows.

    Attributes:
        figures: Key figures.
        table: Sources with what became of what they sent; None when there are none.
        alerts: What needs somebody's attention now.
        charts: Events by the hour.
        set_aside: What was set aside and why.
        snippets: How clients send.
    """

    figures: Sequence[Figure]
    table: Grid | None
    alerts: Sequence[str]
    charts: Sequence[Chart] = field(default_factory=tuple)
    set_aside: Sequence[SetAside] = ()
    snippets: Sequence[Snippet] = ()


def context(visit: Visit, *, address: str) -> LiveSources:
    """Put the page together.

    Args:
        visit: The visit.
        address: Where clients reach the server.
    """
    found, voice = visit.workspace.arrivals(), visit.voice
    return LiveSources(
        figures=_figures(found, voice) if found.sources else (),
        table=_table(found.sources, voice) if found.sources else None,
        alerts=_alerts(found, voice),
        charts=[chart for by in ("source", "type") if (chart := _chart(found, by, voice))],
        set_aside=[row for one in found.sources for row in _set_aside(one, voice)],
        snippets=[
            Snippet(source=name, parts=parts)
            for name, parts in visit.workspace.client_examples(address).items()
        ],
    )


def lines(arrived: Sequence[Arrived], voice: Voice) -> Sequence[Line]:
    """Messages, the newest first."""
    return [_line(one, voice) for one in reversed(arrived)]


def _line(one: Arrived, voice: Voice) -> Line:
    message = one.message
    rest = message.get("properties") or message.get("traits") or {}
    detail = msgspec.json.encode(rest).decode() if rest else ""
    kind, said = str(message.get("type") or ""), str(message.get("event") or message.get("name") or "")
    word = voice.say(f"console-event-{kind if kind in _TYPES else 'unreadable'}")
    return Line(
        time=f"{voice.local(one.received_at):%H:%M:%S}",
        source=one.source,
        what=f"{word}: {said}" if said else word,
        who=str(message.get("userId") or message.get("anonymousId") or ""),
        detail=detail if len(detail) <= _DETAIL_LENGTH else detail[:_DETAIL_LENGTH] + "…",
    )


def _figures(found: Arrivals, voice: Voice) -> list[Figure]:
    received = sum(one.record.tally.received for one in found.sources)
    refused = sum(one.record.tally.refused for one in found.sources)
    aside = sum(one.record.tally.quarantined for one in found.sources)
    return [
        Figure(
            label=voice.say("console-live-day"),
            value=voice.number(sum(one.last_day for one in found.sources)),
            note=voice.say("console-live-day-note", received=received),
        ),
        Figure(
            label=voice.say("console-live-aside"),
            value=voice.number(aside),
            note=voice.say("console-live-aside-note", received=received),
            tone="warn" if aside else "plain",
        ),
        Figure(
            label=voice.say("console-live-refused"),
            value=voice.number(refused),
            note=voice.say("console-live-refused-note"),
        ),
    ]


def _alerts(found: Arrivals, voice: Voice) -> list[str]:
    alerts = [
        voice.say("console-live-failing", source=one.name, error=one.record.error)
        for one in found.sources
        if one.record.error
    ]
    if found.sources and not found.worker:
        alerts.append(voice.say("console-live-no-worker"))
    if found.log_bytes > _BACKLOG_BYTES:
        alerts.append(voice.say("console-live-backlog", megabytes=round(found.log_bytes / 1e6)))
    for one in found.sources:
        against = sum(one.record.observed.values())
        if against:
            alerts.append(voice.say("console-live-observed", source=one.name, n=against))
    return alerts


def _table(sources: Sequence[SourceState], voice: Voice) -> Grid:
    names = (
        "source",
        "kind",
        "state",
        "latest",
        "day",
        "received",
        "stored",
        "aside",
        "duplicates",
        "refused",
    )
    return Grid(
        caption=voice.say("console-live-caption"),
        columns=[voice.say(f"console-live-column-{name}") for name in names],
        rows=[_row(one, voice) for one in sources],
        numeric=frozenset(range(4, 10)),
    )


def _row(one: SourceState, voice: Voice) -> list[str]:
    tally = one.record.tally
    counts = (tally.received, tally.stored, tally.quarantined, tally.duplicates, tally.refused)
    return [
        one.name,
        voice.say(f"console-live-kind-{one.kind or 'gone'}"),
        voice.say(f"console-live-state-{_state(one)}"),
        ago(one.behind_s, voice),
        *(voice.number(count) for count in (one.last_day, *counts)),
    ]


def _state(one: SourceState) -> str:
    if one.record.error:
        return "failing"
    if not one.enabled:
        return "off"
    if one.behind_s is None:
        return "waiting"
    return "well" if one.behind_s < _LATE_S else "quiet"


def ago(seconds: float | None, voice: Voice) -> str:
    """How long ago, roughly, in words."""
    if seconds is None:
        return voice.say("console-live-never")
    for unit, length in _UNITS:
        if seconds >= length:
            return voice.say(f"console-live-ago-{unit}", n=int(seconds // length))
    return voice.say("console-live-ago-now")


def _chart(found: Arrivals, by: Literal["source", "type"], voice: Voice) -> Chart | None:
    """Events in each of the last 24 hours, by source or by type: the three largest, and all others."""
    counts = {(one.hour, getattr(one, by)): 0 for one in found.hours}
    for one in found.hours:
        counts[one.hour, getattr(one, by)] += one.events
    if not counts:
        return None
    last = max(hour for hour, _ in counts)
    hours = [last - timedelta(hours=back) for back in range(_HOURS - 1, -1, -1)]
    series, largest = _series(counts, hours, lambda name: _word(by, name, voice), voice=voice)
    total = sum(counts.values())
    return Chart(
        key=f"hours-by-{by}",
        kind="lines",
        title=voice.say(f"console-live-hours-{by}"),
        summary=voice.say(
            "console-live-hours-summary", n=total, name=series[0].name, share=voice.percent(largest / total)
        ),
        axis=voice.say("console-live-hour"),
        labels=[f"{voice.local(hour):%H:%M}" for hour in hours],
        series=series,
    )


def _word(by: str, name: str, voice: Voice) -> str:
    return name if by == "source" else voice.say(f"console-event-{name}")


def _series(
    counts: Mapping[tuple[datetime, str], int],
    hours: Sequence[datetime],
    word: Callable[[str], str],
    *,
    voice: Voice,
) -> tuple[list[Series], int]:
    """The three largest and all others by the hour, and the sum of the largest."""
    sums: dict[str, int] = {}
    for (_, name), events in counts.items():
        sums[name] = sums.get(name, 0) + events
    ordered = sorted(sums, key=lambda name: (-sums[name], name))
    groups = [({name}, word(name)) for name in ordered[:_LINES]]
    if ordered[_LINES:]:
        groups.append((set(ordered[_LINES:]), voice.say("console-live-others")))
    series = [
        Series(
            name=said, values=[float(sum(counts.get((hour, name), 0) for name in names)) for hour in hours]
        )
        for names, said in groups
    ]
    return series, sums[ordered[0]]


def _set_aside(one: SourceState, voice: Voice) -> list[SetAside]:
    ordered = sorted(one.record.reasons.items(), key=lambda item: (-item[1], item[0]))
    return [
        SetAside(
            source=one.name,
            messages=voice.number(messages),
            why=voice.reason({"code": f"event-reason-{reason}"}),
            what_to_do=voice.reason({"code": f"event-reason-{reason}-do"}),
        )
        for reason, messages in ordered
        if messages
    ]
