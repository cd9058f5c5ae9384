"""Live sources of the made-up business: one of each state, a day of events, and messages that arrive."""

from datetime import datetime, timedelta

from mindgap.collect.events.masking import masked
from mindgap.store.streams import StreamRecord, Tally
from mindgap.workspace.arrivals import Arrivals, HourCount, SourceState
from mindgap.workspace.tail import Arrived

LAST_HOUR = datetime(2024, 5, 1, 12)
SNIPPET = '<script src="{address}/mindgap.js" data-write-key="wk_a" defer></script>'


def fake_arrivals():
    return Arrivals(
        sources=[
            _state("app", received=0, behind_s=None),
            _state("crm", kind="webhook", received=812, behind_s=7_300.0, enabled=False),
            _state("old-shop", kind="", received=10, behind_s=300_000.0),
            _state(
                "queue", kind="kafka", received=52_000, behind_s=90.0, error="The broker does not answer."
            ),
            _state(
                "web-shop",
                received=182_400,
                quarantined=3,
                refused=4_210,
                duplicates=95,
                behind_s=2.0,
                last_day=24_000,
                reasons={"no-id": 2, "duplicate-key": 1},
                observed={"Order Completed": 7},
            ),
        ],
        hours=_hours(),
        log_bytes=420_000_000,
        worker=False,
    )


def _state(name, *, received, behind_s, **given):
    counts = {key: given.get(key, 0) for key in ("quarantined", "refused", "duplicates")}
    record = StreamRecord(
        source=name,
        tally=Tally(received=received, stored=received - sum(counts.values()), **counts),
        reasons=given.get("reasons", {}),
        observed=given.get("observed", {}),
        error=given.get("error", ""),
    )
    return SourceState(
        name=name,
        kind=given.get("kind", "http"),
        enabled=given.get("enabled", True),
        record=record,
        last_day=given.get("last_day", 0),
        behind_s=behind_s,
    )


def _hours():
    return [
        HourCount(
            hour=LAST_HOUR - timedelta(hours=back),
            source=source,
            type=kind,
            events=(back * 37 % 23 + 5) * factor,
        )
        for back in range(24)
        for source, kind, factor in (
            ("web-shop", "page", 20),
            ("web-shop", "track", 14),
            ("queue", "track", 9),
            ("crm", "identify", 2),
            ("crm", "group", 1),
            ("app", "screen", 1),
        )
        if back % 5 or source != "queue"
    ]


def fake_arrived(limit, moments):
    """Messages whose times go on, so that a page that renews itself can be told from one that does not."""
    at = LAST_HOUR + timedelta(seconds=moments)
    message = {
        "type": "track",
        "event": f"Product Viewed {moments}",
        "userId": "household-1042",
        "properties": {"product_id": "p1", "note": "ask ada@example.com", "long": "word " * 40},
    }
    broken = Arrived(source="web-shop", received_at=at, message={})
    page = Arrived(source="web-shop", received_at=at, message={"type": "page", "anonymousId": "ab-77"})
    return [broken, page, Arrived(source="web-shop", received_at=at, message=masked(message))][-limit:]


def fake_client_examples(address):
    curl = f"curl -u wk_a: -d '{{}}' {address}/v1/track"
    return {
        "crm": {"endpoint": f"{address}/webhook/v1/wk_b"},
        "web-shop": {
            "endpoint": f"{address}/v1/batch",
            "curl": curl,
            "snippet": SNIPPET.replace("{address}", address),
        },
    }
