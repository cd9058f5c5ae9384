"""Customer segments: groups of customers who buy alike, with names and words.

k-means (Lloyd 1982) on robustly scaled recency, tenure, frequency and basket; the number of groups is chosen
by silhouette (Rousseeuw 1987) and by stability over halves of the customers.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.clustering import Clustering, cluster
from mindgap.analyze.models.segment_features import Traits, traits
from mindgap.analyze.models.segment_words import describe
from mindgap.analyze.models.segments_large import LEAST_CUSTOMERS, LEAST_KINDS, large_segments
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import (
    Evaluation,
    Trial,
    bootstrap_means,
    bootstrap_statistic,
    evaluation_table,
    interval,
)
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

_HELD_OUT_DAYS = 35
_FOLDS = 5
_MEANS = (
    "recency_days", "tenure_days", "orders", "spend", "avg_order_value", "orders_84d", "spend_84d",
    "discount_share", "categories", "weekend_share",
)  # fmt: skip


@derivation(
    "segments",
    grain="one row per customer with a purchase",
    purpose=Purpose.ANALYTICS,
    inputs={"features": "customer_features"},
    large=large_segments,
    customer_level=True,
    weight=2.0,
)
def segments(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """The segment of each customer (0 spends most in total) and how clearly the customer belongs (0-1).

    Raises:
        CannotSay: Fewer than 30 customers, or all alike.
    """
    known = _known(tables["features"])
    made = cluster(known.matrix, seed=moment.seed)
    order = _by_spend(made.group, known.spend)
    table = pa.table({"customer_id": known.customers, "segment": order[made.group], "fit": made.fit})
    card = {
        "intended_use": "Grouping customers who buy alike, for description and for planning campaigns.",
        "training_data": "customer_features",
        "as_of": moment.as_of.isoformat(),
        "groups": len(made.centers),
        "silhouette": made.silhouette,
        "stability": float(made.stability.mean()),
        "limits": "Groups describe; a customer near the edge of two may fall into either.",
    }
    centers = {"centers": made.centers[np.argsort(order)]}
    return Built(table=table, models=(FittedModel(name="segments", card=card, arrays=centers),))


@derivation(
    "segment_profiles",
    grain="one row per segment",
    purpose=Purpose.ANALYTICS,
    inputs={"features": "customer_features", "segments": "segments"},
    weight=0.3,
)
def segment_profiles(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Name, size, words and means of each segment.

    `share` and `spend_share` are shares (0-1) of all customers and of all spend. `words` is a JSON list of
    codes with figures, each comparing the segment's middle customer with the middle customer of all.
    """
    del moment
    features = tables["features"]
    group = _segment_of(features["customer_id"], tables["segments"])
    features = features.filter(pa.array(group >= 0))
    group = group[group >= 0]
    known = _known(features)
    words = describe(known, group)
    rows = range(len(words))
    spend = np.bincount(group, weights=known.spend, minlength=len(words))
    size = np.bincount(group, minlength=len(words))
    means = {name: _means(features[name].to_numpy().astype(np.float64), group) for name in _MEANS}
    return pa.table(
        {
            "segment": pa.array(rows, pa.int64()),
            "name_code": [words[g].name_code for g in rows],
            "name_params": [json.dumps(words[g].name_params) for g in rows],
            "customers": pa.array(size, pa.int64()),
            "share": size / size.sum(),
            "spend_share": spend / max(float(spend.sum()), 1e-9),
            "words": [json.dumps(words[g].words) for g in rows],
            **{name: pa.array(values, from_pandas=True) for name, values in means.items()},
        }
    )


@derivation(
    "evaluation_segments",
    grain="one row per figure",
    purpose=Purpose.ANALYTICS,
    inputs={
        "then": At(table="customer_features", lag_days=_HELD_OUT_DAYS),
        "now": At(table="customer_features", columns=("customer_id", "spend")),
    },
    weight=2.0,
)
def evaluation_segments(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How repeatable segments are, and how far those of five weeks ago tell the spend of the weeks since.

    - stability: adjusted Rand index of groupings learnt from two halves of the customers; chance gives 0.
      Its interval is over six pairs of halves.
    - next-spend-r2: share of the variance of log(1 + spend) in the held-out weeks that the segment's mean
      explains, five-fold over customers, beside three equal groups by recency.

    Raises:
        CannotSay: Fewer than 30 customers five weeks ago.
    """
    known = _known(tables["then"])
    made = cluster(known.matrix, seed=moment.seed)
    later = _spend_since(known, tables["now"])
    recency = known.plain.get("recency", np.zeros(len(later)))
    thirds = np.searchsorted(np.quantile(recency, (1 / 3, 2 / 3)), recency)
    folds = generator(moment.seed, "segments", "folds").integers(0, _FOLDS, len(later))
    errors = [(later - _fold_means(later, group, folds)) ** 2 for group in (made.group, thirds)]
    total = (later - _fold_means(later, np.zeros_like(made.group), folds)) ** 2
    start = as_of_lag(moment.as_of, _HELD_OUT_DAYS, moment.time_zone)
    period = f"{start.date().isoformat()}/{moment.as_of.date().isoformat()}"
    return evaluation_table(
        [
            _stability(made, customers=len(later), moment=moment, period=period),
            _usefulness(errors[0], errors[1], total, moment=moment, period=period),
        ]
    )


def _known(features: pa.Table) -> Traits:
    """The traits of enough customers who differ."""
    if features.num_rows < LEAST_CUSTOMERS:
        raise CannotSay("analyze-few-customers", customers=features.num_rows, needed=LEAST_CUSTOMERS)
    known = traits(features)
    if len(np.unique(known.matrix, axis=0)) < LEAST_KINDS:
        raise CannotSay("analyze-customers-alike", customers=features.num_rows)
    return known


def _by_spend(group: "Indices", spend: "Numbers") -> "Indices":
    """The new number of each group: 0 for the highest total spend."""
    total = np.bincount(group, weights=spend)
    order = np.empty(len(total), dtype=np.int64)
    order[np.argsort(-total, kind="stable")] = np.arange(len(total))
    return order


def _segment_of(customers: pa.ChunkedArray, listed: pa.Table) -> "Indices":
    """The segment of each customer; -1 for customers without one."""
    number = dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))
    return np.array([number.get(customer, -1) for customer in customers.to_pylist()], dtype=np.int64)


def _means(values: "Numbers", group: "Indices") -> "Numbers":
    """Mean of the known values of each group; NaN where a group has none."""
    known = np.isfinite(values)
    count = np.bincount(group[known], minlength=int(group.max()) + 1).astype(np.float64)
    total = np.bincount(group[known], weights=values[known], minlength=len(count))
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)


def _spend_since(known: Traits, now: pa.Table) -> "Numbers":
    """log(1 + spend in the held-out weeks): spend so far, then and now."""
    spend = dict(zip(now["customer_id"].to_pylist(), now["spend"].to_pylist(), strict=True))
    total = np.array(
        [spend.get(customer) or 0.0 for customer in known.customers.to_pylist()], dtype=np.float64
    )
    return np.log1p(np.maximum(total - known.spend, 0.0))


def _fold_means(values: "Numbers", group: "Indices", folds: "Indices") -> "Numbers":
    """For each customer the mean of the group's customers in the other folds."""
    out = np.empty(len(values))
    for fold in range(_FOLDS):
        inside = folds == fold
        means = np.full(int(group.max()) + 1, values[~inside].mean())
        known = _means(values[~inside], group[~inside])
        means[: len(known)] = np.where(np.isfinite(known), known, means[: len(known)])
        out[inside] = means[group[inside]]
    return out


def _stability(made: Clustering, *, customers: int, moment: Moment, period: str) -> Evaluation:
    low, high = interval(bootstrap_means(made.stability, seed=moment.seed, name="segments-stability")[:, 0])
    return Evaluation(
        task="segments",
        data=moment.workspace,
        metric="stability",
        value=float(made.stability.mean()),
        low=low,
        high=high,
        baseline="chance",
        baseline_value=0.0,
        n=customers,
        better="higher",
        beats_baseline=low > 0,
        period=period,
    )


def _usefulness(
    ours: "Numbers", base: "Numbers", total: "Numbers", *, moment: Moment, period: str
) -> Evaluation:
    def explained(rows: "Indices") -> tuple[float, float]:
        whole = max(float(total[rows].sum()), 1e-12)
        return 1.0 - float(ours[rows].sum()) / whole, 1.0 - float(base[rows].sum()) / whole

    draws = bootstrap_statistic(len(ours), explained, seed=moment.seed, name="segments-next-spend")
    trial = Trial(
        task="segments", data=moment.workspace, baseline="recency-thirds", n=len(ours), period=period
    )
    return trial.figure("next-spend-r2", explained(np.arange(len(ours))), draws)
