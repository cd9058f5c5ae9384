"""A small business for the console and the server: every table filled, through the Workspace protocol."""

import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from console_fake_identity import FakeIdentity
from console_fake_quality import fake_quality, no_quality
from console_fake_sources import fake_arrivals, fake_arrived, fake_client_examples

from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.process.features.catalogue import entries
from mindgap.store.suppression import Erasure
from mindgap.workspace.arrivals import Arrivals
from mindgap.workspace.face import Happening
from mindgap.workspace.features import FeatureFigures
from mindgap.workspace.tail import Arrived

AS_OF = datetime(2018, 1, 1, 5, 0)
CATEGORIES = (
    "Fluid milk",
    "Fresh bread",
    "Yogurt",
    "Infant care",
    "Coffee & tea",
    "Cheese",
    "Frozen pizza",
    "Pet food",
)
SEGMENTS = ((1, 812, 0.47), (2, 640, 0.31), (3, 571, 0.16), (4, 446, 0.06))


@dataclass(frozen=True)
class FakeSettings:
    name: str = "Corner Grocer"
    language: str = "en"
    currency: str = "USD"
    time_zone: str = "America/New_York"


@dataclass(frozen=True)
class FakeRecommended:
    product_id: str
    product_name: str | None
    rank: int
    score: float
    kind: str
    reasons: tuple[dict[str, Any], ...]


def _reason(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params}


@dataclass
class FakeWorkspace:
    """Fills every table; `missing` maps a table to the reason why it cannot be said."""

    settings: FakeSettings = field(default_factory=FakeSettings)
    as_of: datetime | None = AS_OF
    missing: dict[str, tuple[str, dict[str, Any]]] = field(
        default_factory=lambda: {"satisfaction": ("no-feedback", {})}
    )
    seen: list[tuple[str, str]] = field(default_factory=list)
    live: bool = True
    asked: int = 0
    forgotten: dict[str, Erasure] = field(default_factory=dict)
    identity: FakeIdentity = field(default_factory=FakeIdentity)

    def table(self, name: str, *, purpose: Any, columns: Any = ()) -> pa.Table:
        self.seen.append((name, str(purpose)))
        self._check(name)
        maker = TABLES.get(name)
        if maker is None:
            raise UnknownError(f"There is no table {name!r}.")
        table = pa.Table.from_pylist(maker())
        return table.select(list(columns)) if columns else table

    def read_customer(self, name: str, customer_id: str, *, purpose: Any) -> pa.Table:
        table = self.table(name, purpose=purpose)
        rows = [row for row in table.to_pylist() if row["customer_id"] == customer_id]
        return pa.Table.from_pylist(rows, schema=table.schema)

    def _check(self, name: str) -> None:
        if name in self.missing:
            code, params = self.missing[name]
            raise CannotSay(code, **params)

    def evaluate(self) -> list[dict[str, Any]]:
        names = sorted(name for name in TABLES if name.startswith("evaluation_"))
        missing = {"task": "segments", "value": None, "reason": _reason("no-customers")}
        return [row for name in names for row in TABLES[name]()] + [missing]

    def suppress(self, customer_id: str) -> Erasure:
        self.forgotten[customer_id] = Erasure(
            id=f"request{len(self.forgotten)}",
            subject="digest",
            stage="done",
            requested_at=AS_OF,
            suppressed_at=AS_OF,
            done_at=AS_OF,
            receipt={
                "removed": {"events": 7, "tables": {"orders.csv": 2}, "models": 0},
                "recipients": [
                    {"recipient": "out.csv", "audience": "risk:high", "latest_at": AS_OF.isoformat()}
                ],
                "copies": [],
            },
        )
        return self.forgotten[customer_id]

    def erasure_request(self, request_id: str) -> Erasure:
        for one in self.forgotten.values():
            if one.id == request_id:
                return one
        raise UnknownError("There is no such request.")

    def find_customers(self, text: str, limit: int) -> list[str]:
        self._check("customer_features")
        return [found for found in _customer_ids() if text in found][:limit]

    def recommend(self, customer_id: str, *, k: int = 10, kind: str = "mixed") -> tuple[FakeRecommended, ...]:
        self.customer(customer_id)
        names = (
            "Whole milk 1 gal",
            "Sourdough loaf",
            "Greek yogurt",
            "Ground coffee",
            "Cheddar, sharp",
            None,
        )
        return tuple(
            FakeRecommended(
                f"p{i}",
                name,
                i + 1,
                1 / (i + 1),
                "repeat" if i % 2 == 0 else "discover",
                (_reason("analyze-reason-recency", value=4 + i),),
            )
            for i, name in enumerate(names[:k])
        )

    def features(self) -> tuple[FeatureFigures, ...]:
        return tuple(
            FeatureFigures(
                entry=one, used_by=("segments",), rows=9, coverage=0.5, quantiles=(0, 1, 2, 3, 1234.5)
            )
            if place % 7
            else FeatureFigures(entry=one, used_by=())
            for place, one in enumerate(entries())
        )

    def quality(self) -> dict[str, Any]:
        return fake_quality() if self.live else no_quality()

    def gap(self, customer_id: str | None = None) -> dict[str, Any]:
        if "gap_weeks" in self.missing:
            code, params = self.missing["gap_weeks"]
            return {
                "advantage_bits": None,
                "sources": None,
                "by_week": None,
                "reasons": [_reason(code, **params)],
            }
        return {
            "outcome": "category",
            "as_of": AS_OF.isoformat(),
            "n_outcomes": 118_204,
            "n_customers": 2_231,
            "market_bits": 7.019,
            "remaining_bits": 6.521,
            "advantage_bits": 0.498,
            "advantage_low": 0.477,
            "advantage_high": 0.519,
            "pays": True,
            "sources": [
                {"source": "purchases", "bits": 0.431, "low": 0.412, "high": 0.450},
                {"source": "campaigns", "bits": 0.052, "low": 0.041, "high": 0.063},
                {"source": "demographics", "bits": 0.015, "low": -0.002, "high": 0.031},
            ],
            "collect_less": ["demographics"],
            "potential_bits": 0.61,
            "potential_null_bits": 0.04,
            "by_week": [
                {
                    "week_start": (AS_OF - timedelta(weeks=5 - i)).isoformat(),
                    "market_bits": 7.03 + 0.02 * math.sin(i),
                    "remaining_bits": 6.55 - 0.015 * i,
                    "advantage_bits": 0.48 + 0.02 * math.sin(i) + 0.015 * i,
                    "n_outcomes": 24_000 - 300 * i,
                }
                for i in range(5)
            ],
            "reasons": [],
        }

    def customer(self, customer_id: str, *, purpose: Any = None) -> dict[str, Any]:
        if customer_id not in _customer_ids():
            raise UnknownError("There is no such customer.")
        return {
            "customer_id": customer_id,
            "features": {**_features()[0], "customer_id": customer_id},
            "segment": {**_segment_profiles()[0], "fit": 0.82},
            "risk": {
                "horizon_days": 56,
                "risk": 0.31,
                "band": "medium",
                "reasons": [
                    _reason("analyze-reason-recency", value=31),
                    _reason("analyze-reason-frequency", value=3),
                ],
            },
            "value": {
                "horizon_days": 365,
                "expected_orders": 41.2,
                "expected_revenue": 1_284.5,
                "expected_profit": None,
                "p_alive": None,
                "method": "bg_nbd",
            },
            "categories": [
                {
                    "category": name,
                    "lines": 60 - 7 * i,
                    "spend": 210.0 - 20 * i,
                    "line_share": 0.24 - 0.03 * i,
                }
                for i, name in enumerate(CATEGORIES[:6])
            ],
            "orders": [
                {
                    "order_id": f"b{i}",
                    "ordered_at": AS_OF - timedelta(days=4 + 6 * i),
                    "lines": 5 + i % 7,
                    "amount": 24.5 + 9 * (i % 5),
                    "channel": "store",
                }
                for i in range(18)
            ],
            "gap": {
                "difference_bits": 1.42,
                "significant": True,
                "advantage_bits": 0.52,
                "reducible_bits": 0.11,
                "n_outcomes": 64,
                "terms": [
                    {
                        "value": "Infant care",
                        "share": 0.14,
                        "market_share": 0.033,
                        "ratio": 4.2,
                        "bits": 0.29,
                    },
                    {
                        "value": "Coffee & tea",
                        "share": 0.09,
                        "market_share": 0.04,
                        "ratio": 2.25,
                        "bits": 0.105,
                    },
                    {
                        "value": "Frozen pizza",
                        "share": 0.01,
                        "market_share": 0.05,
                        "ratio": 0.2,
                        "bits": -0.023,
                    },
                ],
            },
            "consent": {"marketing": False, "personalization": True},
            "reasons": [],
        }

    def arrivals(self) -> Arrivals:
        return fake_arrivals() if self.live else Arrivals(sources=())

    def latest(self) -> "FakeWorkspace":
        return self

    def messages(self, limit: int) -> list[Arrived]:
        self.asked += 1
        return fake_arrived(limit, self.asked) if self.live else []

    def client_examples(self, address: str) -> dict[str, Any]:
        return fake_client_examples(address) if self.live else {}

    def timeline(self, customer_id: str, *, limit: int) -> tuple[Happening, ...]:
        found = (
            Happening(at=AS_OF, kind="exposure", name="Product Viewed", source="web", product_id="p1"),
            Happening(at=AS_OF, kind="order", source="till", channel="store", order_id="o1", amount=12.5),
        )  # fmt: skip
        return found[:limit]

    def status(self) -> dict[str, Any]:
        built = (AS_OF + timedelta(hours=3)).isoformat()
        tables = [
            {"name": name, "built_at": built, "rows": len(make()), "reason": None}
            for name, make in TABLES.items()
            if name not in self.missing
        ]
        gone = [
            {"name": name, "built_at": None, "rows": 0, "reason": {"code": code, "params": params}}
            for name, (code, params) in self.missing.items()
        ]
        return {"as_of": AS_OF.isoformat(), "tables": tables + gone, "sources": _sources()}


def _customer_ids() -> list[str]:
    return [f"household-{i}" for i in range(1, 41)]


def _features() -> list[dict[str, Any]]:
    return [
        {
            "customer_id": name,
            "recency_days": 4.0 + i,
            "tenure_days": 330.0,
            "orders": 48 + i,
            "lines": 410,
            "spend": 1_420.5 + 31 * i,
            "avg_order_value": 29.6,
            "orders_28d": 4,
            "orders_prev_28d": 5,
            "spend_28d": 118.0 + i,
            "spend_prev_28d": 131.0,
            "demand_trend": -0.1,
            "discount_share": 0.18,
            "top_category": CATEGORIES[i % len(CATEGORIES)],
            "top_category_share": 0.24,
            "main_channel": "store",
            "mean_gap_days": 6.9,
        }
        for i, name in enumerate(_customer_ids())
    ]


def _segment_profiles() -> list[dict[str, Any]]:
    total = sum(size for _, size, _ in SEGMENTS)
    return [
        {
            "segment": number,
            "name_code": f"Segment {number}",
            "name_params": "{}",
            "customers": size,
            "share": size / total,
            "spend_share": spend,
            "words": json.dumps(
                [
                    _reason("analyze-reason-recency", value=6 * number),
                    _reason("analyze-reason-rhythm", value=number + 4),
                ]
            ),
            "recency_days": 6.0 * number,
            "orders": 90.0 / number,
            "spend": 3_300.0 / number,
        }
        for number, size, spend in SEGMENTS
    ]


def _risk() -> list[dict[str, Any]]:
    bands = ("low", "low", "low", "medium", "high")
    return [
        {
            "customer_id": name,
            "horizon_days": 56,
            "risk": min(0.97, 0.02 + 0.024 * i),
            "band": bands[min(4, i // 8)],
            "reasons": json.dumps([_reason("analyze-reason-recency", value=i)]),
        }
        for i, name in enumerate(_customer_ids())
    ]


def _value() -> list[dict[str, Any]]:
    return [
        {
            "customer_id": name,
            "horizon_days": 365,
            "expected_orders": 40.0 / (1 + i / 6),
            "expected_revenue": 1_900.0 / (1 + i / 6),
            "expected_profit": None,
            "p_alive": None,
            "method": "bg_nbd",
        }
        for i, name in enumerate(_customer_ids())
    ]


def _evaluation(task: str, metric: str, value: float, baseline: float, better: str) -> list[dict[str, Any]]:
    return [
        {
            "task": task,
            "data": "Corner Grocer",
            "metric": metric,
            "value": value,
            "low": value - 0.012,
            "high": value + 0.012,
            "baseline": "simple",
            "baseline_value": baseline,
            "n": 2_078,
            "better": better,
            "beats_baseline": abs(value - baseline) > 0.012,
            "period": "2017-11-27/2018-01-01",
        }
    ]


def _sources() -> list[dict[str, Any]]:
    return [
        {
            "name": "transactions",
            "table": "orders",
            "read": 1_469_307,
            "used": 1_468_952,
            "quarantined": 355,
            "duplicates": 0,
            "read_at": AS_OF.isoformat(),
        },
        {
            "name": "products",
            "table": "products",
            "read": 92_331,
            "used": 92_331,
            "quarantined": 0,
            "duplicates": 0,
            "read_at": AS_OF.isoformat(),
        },
    ]


TABLES: dict[str, Any] = {
    "gap_weeks": lambda: [{"week_start": AS_OF, "market_bits": 7.0}],
    "category_week": lambda: [
        {
            "category": name,
            "week": week,
            "units": 880.0 - 92 * i,
            "spend": 1_800.0 - 120 * i + 140 * math.sin(week / 2 + i),
        }
        for i, name in enumerate(CATEGORIES)
        for week in range(52)
    ],
    "customer_features": _features,
    "segment_profiles": _segment_profiles,
    "segments": lambda: [
        {"customer_id": name, "segment": SEGMENTS[i % 4][0], "fit": 0.5 + i / 100}
        for i, name in enumerate(_customer_ids())
    ],
    "rules": lambda: [
        {
            "antecedent": [CATEGORIES[i]],
            "consequent": CATEGORIES[i + 1],
            "baskets": 4_200 - 300 * i,
            "support": 0.027 - 0.002 * i,
            "confidence": 0.61 - 0.04 * i,
            "lift": 3.4 - 0.3 * i,
            "p_value": 1e-9,
            "q_value": 1e-8,
            "holdout_lift": 3.2 - 0.3 * i,
            "confirmed": i < 5,
        }
        for i in range(7)
    ],
    "demand_forecast": lambda: [
        {
            "category": name,
            "week_ahead": week,
            "units": 900.0 - 90 * i,
            "low": 820.0 - 90 * i,
            "high": 990.0 - 80 * i,
            "method": "mean4",
        }
        for i, name in enumerate(CATEGORIES)
        for week in (1, 2, 3, 4)
    ],
    "inactivity_risk": _risk,
    "customer_value": _value,
    "value_model": lambda: [
        {
            "method": "bg_nbd",
            "parameters": "{}",
            "log_likelihood": -9582.4,
            "boundary": True,
            "spend_frequency_correlation": 0.11,
            "notes": json.dumps([_reason("analyze-value-spend-depends", correlation=0.11)]),
        }
    ],
    "satisfaction": lambda: [
        {"metric": "csat", "scope": "all", "key": "", "value": 4.2, "low": 4.1, "high": 4.3, "n": 812},
        {"metric": "nps", "scope": "all", "key": "", "value": 31.0, "low": 25.0, "high": 37.0, "n": 812},
        *(
            {
                "metric": "csat",
                "scope": "week",
                "key": f"2017-1{i // 4}-0{1 + i % 4 * 2}",
                "value": 4.1 + i / 50,
                "low": 3.9,
                "high": 4.4,
                "n": 90,
            }
            for i in range(8)
        ),
    ],
    "customer_gap": lambda: [
        {
            "customer_id": name,
            "n_outcomes": 40 + i,
            "difference_bits": 2.4 - i / 30,
            "significant": i < 30,
            "advantage_bits": 0.5,
            "reducible_bits": 0.1,
            "terms": json.dumps(
                [{"value": CATEGORIES[i % 8], "share": 0.2, "market_share": 0.05, "ratio": 4.0, "bits": 0.4}]
            ),
        }
        for i, name in enumerate(_customer_ids())
    ],
    "evaluation_recommend": lambda: _evaluation("recommend-next", "ndcg@10", 0.451, 0.429, "higher"),
    "evaluation_inactivity": lambda: _evaluation("inactivity", "auc", 0.861, 0.751, "higher"),
    "evaluation_demand": lambda: _evaluation("demand", "wape", 0.149, 0.1504, "lower"),
}
