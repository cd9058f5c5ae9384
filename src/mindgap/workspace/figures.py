"""What Prometheus may know of sources and of the worker: counts and times, never whose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from mindgap.store.streams import StreamRecord, Streams
from mindgap.workspace.heartbeat import Heartbeat, has_worker, read_heartbeat

_OUTCOMES = ("received", "stored", "duplicates", "refused")
"""What only grows: a replay takes messages out of quarantine again."""


@dataclass(frozen=True)
class StreamFigures(Collector):
    """Read from the state whenever somebody asks.

    Attributes:
        folder: The workspace folder.
        streams: What became of events.
    """

    folder: Path
    streams: Streams

    def collect(self) -> Iterator[Metric]:
        """All figures."""
        yield from _of_sources(self.streams.records())
        worker = GaugeMetricFamily("mindgap_worker_up", "Whether a worker is at work.")
        worker.add_metric([], float(has_worker(self.folder)))
        yield worker
        beat = read_heartbeat(self.folder)
        if beat is not None:
            yield from _of_worker(beat)


def _of_sources(records: Sequence[StreamRecord]) -> Iterator[Metric]:
    events = CounterMetricFamily(
        "mindgap_source_events",
        "Messages worked up, by what became of them; `mindgap_source_quarantined` has those set aside.",
        labels=["source", "outcome"],
    )
    reasons = GaugeMetricFamily(
        "mindgap_source_quarantined", "Messages set aside, by reason.", labels=["source", "reason"]
    )
    latest = GaugeMetricFamily(
        "mindgap_source_latest_timestamp_seconds", "When the latest message arrived.", labels=["source"]
    )
    failing = GaugeMetricFamily(
        "mindgap_source_failing", "Whether its connector failed last.", labels=["source"]
    )
    for one in records:
        for outcome in _OUTCOMES:
            events.add_metric([one.source, outcome], getattr(one.tally, outcome))
        for reason, messages in one.reasons.items():
            reasons.add_metric([one.source, reason], messages)
        if one.received_at is not None:
            latest.add_metric([one.source], _seconds(one.received_at))
        failing.add_metric([one.source], float(bool(one.error)))
    yield from (events, reasons, latest, failing)


def _of_worker(beat: Heartbeat) -> Iterator[Metric]:
    seconds = GaugeMetricFamily(
        "mindgap_worker_chore_seconds", "How long a chore took last.", labels=["chore"]
    )
    ended = GaugeMetricFamily(
        "mindgap_worker_chore_ended_timestamp_seconds", "When a chore ended last.", labels=["chore"]
    )
    failing = GaugeMetricFamily(
        "mindgap_worker_chore_failing", "Whether a chore failed last.", labels=["chore"]
    )
    for name, state in beat.chores.items():
        seconds.add_metric([name], state.seconds)
        if state.ended_at is not None:
            ended.add_metric([name], _seconds(state.ended_at))
        failing.add_metric([name], float(bool(state.error)))
    yield from (seconds, ended, failing)


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
