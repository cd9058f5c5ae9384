"""What Prometheus may know of the collector: counts and times, never whose."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0


class Metrics:
    """Counters of one server. Looking a labelled counter up costs more than counting, so they are kept."""

    def __init__(self, waiting_bytes: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "mindgap_collector_requests",
            "Requests by route and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self._events = Counter(
            "mindgap_collector_events",
            "Events by source: stored durably, or refused for want of a lawful purpose.",
            ["source", "outcome"],
            registry=self.registry,
        )
        self._bytes = Counter(
            "mindgap_collector_body_bytes", "Bytes of bodies as they came.", registry=self.registry
        )
        self._seconds = Histogram(
            "mindgap_collector_request_seconds",
            "From the first look at a request to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        waiting = Gauge(
            "mindgap_collector_waiting_bytes", "What requests in progress hold.", registry=self.registry
        )
        waiting.set_function(waiting_bytes)
        self._log_bytes = Gauge(
            "mindgap_collector_log_bytes", "What lies in the log, not yet worked up.", registry=self.registry
        )
        self._kept: dict[tuple[str, str | int], Counter] = {}
        self._timed: dict[str, Histogram] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._child(self._requests, (route, status)).inc()
        timed = self._timed.get(route)
        if timed is None:
            timed = self._timed[route] = self._seconds.labels(route)
        timed.observe(seconds)

    def stored(self, source: str, *, events: int, refused: int) -> None:
        """Count events that are on disk, and those that were refused with them."""
        self._child(self._events, (source, "stored")).inc(events)
        if refused:
            self._child(self._events, (source, "refused")).inc(refused)

    def read(self, size: int) -> None:
        """Count bytes of a body."""
        self._bytes.inc(size)

    def text(self, log_bytes: int) -> bytes:
        """Everything, in Prometheus' text format."""
        self._log_bytes.set(log_bytes)
        return generate_latest(self.registry)

    def _child(self, counter: Counter, labels: tuple[str, str | int]) -> Counter:
        child = self._kept.get(labels)
        if child is None:
            child = self._kept[labels] = counter.labels(*labels)
        return child
