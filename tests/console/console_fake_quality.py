"""Figures of quality for the console's tests: a bot, a test order, a price that became a text."""

from datetime import date, datetime, timedelta

LAST = date(2017, 12, 31)
AS_OF = datetime(2018, 1, 1, 5, 0)


def _figure(table, source, dimension, about, value, *, status="ok", code="quality-fine", **params):
    days = [LAST - timedelta(days=90 - n) for n in range(91)]
    history = [[day, value * (1 - 0.02 * (n % 3))] for n, day in enumerate(days)]
    return {
        "table_name": table, "source": source, "dimension": dimension, "about": about, "day": LAST,
        "value": value, "n": 1_200, "usual": 0.99, "warn_at": 0.9, "bad_at": 0.8, "status": status,
        "code": code, "params": params, "history": history,
    }  # fmt: skip


def _rule(code, table, dropped=0, *, is_on=True, **options):
    examples = [{"source": "web", "row_id": 77 + n, "at": AS_OF} for n in range(min(dropped, 3))]
    by_source = {"web": dropped} if dropped else {}
    return {
        "rule": code, "table": table, "is_on": is_on, "options": options, "dropped": dropped,
        "by_source": by_source, "examples": examples,
    }  # fmt: skip


def fake_quality():
    late = _figure(
        "orders",
        "till",
        "freshness",
        "newest_row",
        6.0,
        status="bad",
        code="quality-late",
        days=6.0,
        usual=1.0,
    )
    texts = {
        "event": "Product Viewed",
        "property": "price",
        "usual": "number",
        "now": "text",
        "at": "2017-12-30 12:00",
    }
    changed = _figure(
        "events", "web", "validity", "properties:Product Viewed.price", 0.5, status="bad",
        code="quality-type-changed", **texts,
    )  # fmt: skip
    figures = [
        late,
        _figure("orders", "till", "completeness", "customer_id", 0.97),
        _figure("orders", "till", "completeness", "amount", 0.99),
        _figure("events", "web", "validity", "kept", 0.93),
        _figure("orders", "till", "drift", "channel", 0.03),
    ]
    return {
        "as_of": AS_OF,
        "rules": [
            _rule("bot-user-agent", "events", 1_204),
            _rule("test-order", "orders", 2),
            _rule("outlier-amount", "orders", is_on=False, deviations=10.0),
        ],
        "figures": figures,
        "notices": [late, changed],
        "scale": {
            "volume": {"rows": 1_561_638, "bytes": 48_200_000},
            "velocity": {
                "rows_a_day": 4_025.0,
                "events_a_second": 0.031,
                "waiting_bytes": 0,
                "behind_s": 4.0,
            },
            "variety": {"sources": 3, "tables": 3, "event_names": 12, "properties": 31},
            "veracity": {"valid": 0.9998, "kept": 0.9992},
        },
        "clocks": [{"source": "web", "said_early": 2, "said_late": 1}],
        "later": [{"source": "web", "events": 3, "latest_at": AS_OF}],
        "reasons": [],
    }


def no_quality():
    """A business before its first run."""
    unknown = {"rows_a_day": None, "events_a_second": None, "waiting_bytes": 0, "behind_s": None}
    return {
        "as_of": None,
        "rules": [_rule("bot-user-agent", "events")],
        "figures": [],
        "notices": [],
        "scale": {
            "volume": {"rows": 0, "bytes": 0},
            "velocity": unknown,
            "variety": {"sources": 0, "tables": 0, "event_names": 0, "properties": 0},
            "veracity": {"valid": None, "kept": None},
        },
        "clocks": [],
        "later": [],
        "reasons": [{"code": "quality-no-data", "params": {}}],
    }
