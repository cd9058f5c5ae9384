"""How live sources are: what became of what they sent, how far behind they are, what arrived by the hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mindgap.collect.connector import FEED_KINDS, event_connector
from mindgap.collect.files.table_options import TABLE_FEEDS
from mindgap.kernel.clock import DAY, now
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.settings import SourceSettings
from mindgap.kernel.tables import EVENTS
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema
from mindgap.store.state import SourceRecord
from mindgap.store.steady import steady
from mindgap.store.streams import StreamRecord, Tally
from mindgap.workspace import live
from mindgap.workspace.heartbeat import Heartbeat, has_worker, read_heartbeat

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_COUNTED = """
-- one row per hour, source and type of event; market figures, nobody's own
select date_trunc('hour', occurred_at) as hour, source, type, count(*) as events
from events
where occurred_at > $since
group by all
order by all
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How many events happened in an hour.

    Attributes:
        hour: Its beginning, naive UTC.
        source: Of which source.
        type: track, identify, page, ...
        events: How many.
    """

    hour: datetime
    source: str
    type: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a live source is.

    Attributes:
        name: Its name.
        kind: How it delivers; empty when it is no longer in mindgap.toml.
        enabled: Whether it is taken from.
        record: What became of its messages, as of the last compaction.
        last_day: Its events of the last 24 hours.
        behind_s: Seconds since its latest message; None before the first.
        waiting: Messages that its connector has not fetched yet; None where nobody knows.
    """

    name: str
    kind: str
    enabled: bool
    record: StreamRecord
    last_day: int
    behind_s: float | None
    waiting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """All live sources.

    Attributes:
        sources: How each is, by name.
        hours: Events of the last 24 hours.
        log_bytes: What lies in the log and is not worked up yet.
        worker: Whether a worker is at work.
        heartbeat: What the worker said last of itself; None when it never did.
    """

    sources: Sequence[SourceState]
    hours: Sequence[HourCount] = ()
    log_bytes: int = 0
    worker: bool = False
    heartbeat: Heartbeat | None = field(default=None)


def arrivals(workspace: "Desk", *, at: datetime | None = None) -> Arrivals:
    """How live sources are at this moment."""
    moment = at or now()
    stores = workspace.stores
    declared = live.live_sources(workspace)
    records = {one.source: one for one in stores.streams.records()}
    records |= {
        name: _imported(name, records.get(name), stores.ledger.sources())
        for name, settings in declared.items()
        if settings.kind in TABLE_FEEDS
    }
    hours = hour_counts(workspace, since=moment - DAY)
    day: dict[str, int] = {}
    for one in hours:
        day[one.source] = day.get(one.source, 0) + one.events
    return Arrivals(
        sources=[
            _state(name, declared.get(name), records.get(name), last_day=day.get(name, 0), at=moment)
            for name in sorted({*declared, *records})
        ],
        hours=hours,
        log_bytes=stores.log.size_bytes(stores.streams.consumed()),
        worker=has_worker(workspace.folder),
        heartbeat=read_heartbeat(workspace.folder),
    )


def _imported(name: str, known: StreamRecord | None, imports: Sequence[SourceRecord]) -> StreamRecord:
    """A source of tables: its rows as they were imported, its files together."""
    own = [one for one in imports if one.name == name or one.name.startswith(f"{name}/")]
    tallies = (
        Tally(
            received=one.rows_read,
            stored=one.rows_used,
            quarantined=one.rows_quarantined,
            duplicates=one.rows_duplicate,
        )
        for one in own
    )
    return replace(
        known or StreamRecord(source=name),
        tally=sum(tallies, Tally()),
        received_at=max((one.read_at for one in own if one.read_at is not None), default=None),
    )


def _state(
    name: str,
    settings: SourceSettings | None,
    record: StreamRecord | None,
    *,
    last_day: int,
    at: datetime,
) -> SourceState:
    known = record or StreamRecord(source=name)
    behind = None if known.received_at is None else max(0.0, (at - known.received_at).total_seconds())
    return SourceState(
        name=name,
        kind=settings.kind if settings else "",
        enabled=settings is not None and live.is_enabled(settings),
        record=known,
        last_day=last_day,
        behind_s=behind,
        waiting=_waiting(settings, known.cursor),
    )


def _waiting(settings: SourceSettings | None, cursor: str) -> int | None:
    if settings is None or settings.kind not in FEED_KINDS or not cursor:
        return None
    try:
        return event_connector(settings.kind).lag(cursor)
    except (MindgapError, ValueError):  # a cursor of another version
        return None


@steady
def hour_counts(workspace: "Desk", *, since: datetime) -> Sequence[HourCount]:
    """Events after a moment, by hour, source and type; what is not worked up yet is not in it."""
    parts, _ = workspace.stores.streams.snapshot()
    recent = {part.path for part in parts if part.max_time is None or part.max_time > since}
    if not recent:
        return []
    relation = Relation(
        paths=[workspace.stores.lake.path(path) for path in sorted(recent)], schema=arrow_schema(EVENTS)
    )
    with workspace.stores.lookups.session({"events": relation}) as session:
        rows = session.table(_COUNTED, parameters={"since": since}).to_pylist()
    return [HourCount(**row) for row in rows]


def reasons_of(workspace: "Desk", source: str = "") -> Mapping[str, Mapping[str, int]]:
    """Quarantined messages by source and reason, most frequent first."""
    return {
        one.source: dict(sorted(one.reasons.items(), key=lambda item: (-item[1], item[0])))
        for one in workspace.stores.streams.records()
        if one.reasons and source in ("", one.source)
    }
