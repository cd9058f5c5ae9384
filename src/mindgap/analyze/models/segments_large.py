"""Segments of more customers than memory holds.

Scales, the number of groups and its marks come from a sample of the customers, drawn by the hash of their
ids; k-means then runs over all of them, and each is given the group of the nearest centre.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.clustering import cluster
from mindgap.analyze.models.hashed_sample import hashed
from mindgap.analyze.models.segment_features import GROUPED_BY, Scale, scales_of, traits
from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.large_models import Clusters, LargeBuilt, LargeModels, Mapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LEAST_CUSTOMERS = 30
LEAST_KINDS = 3
_SAMPLED_CUSTOMERS = 200_000
_ALL = "select * from features"
_SEGMENTS = pa.schema([("customer_id", pa.string()), ("segment", pa.int64()), ("fit", pa.float64())])


def large_segments(models: LargeModels, moment: Moment) -> LargeBuilt:
    """What the table `segments` is, worked out where the customers are.

    Raises:
        CannotSay: Fewer than 30 customers, or all alike.
    """
    customers = int(models.table("select count(*) as n from features")["n"][0].as_py())
    if customers < LEAST_CUSTOMERS:
        raise CannotSay("analyze-few-customers", customers=customers, needed=LEAST_CUSTOMERS)
    sample = models.table(f"{_ALL} where {hashed('customer_id', of=customers, wanted=_SAMPLED_CUSTOMERS)}")
    known = traits(sample)
    if len(np.unique(known.matrix, axis=0)) < LEAST_KINDS:
        raise CannotSay("analyze-customers-alike", customers=customers)
    tried = cluster(known.matrix, seed=moment.seed)
    scales = scales_of(sample)
    columns = [name for name in GROUPED_BY if name in scales]
    places = pa.schema([(name, pa.float64()) for name in (*columns, "spend")])
    rows = Mapped(sql=_ALL, function=partial(placed, scales=scales), schema=places)
    found = models.cluster(rows, columns, groups=len(tried.centers), seed=moment.seed, total="spend")
    centers = found.centers[np.argsort(-found.totals, kind="stable")]
    card = {
        "intended_use": "Grouping customers who buy alike, for description and for planning campaigns.",
        "training_data": "customer_features",
        "as_of": moment.as_of.isoformat(),
        "groups": len(centers),
        "silhouette": tried.silhouette,
        "stability": float(tried.stability.mean()),
        **_how(found, customers=customers, sampled=sample.num_rows),
        "limits": "Groups describe; a customer near the edge of two may fall into either. Scales, the"
        " number of groups and its marks are those of the sampled customers.",
    }
    table = Mapped(sql=_ALL, function=partial(assigned, scales=scales, centers=centers), schema=_SEGMENTS)
    model = FittedModel(name="segments", card=card, arrays={"centers": centers})
    return LargeBuilt(table=table, models=(model,))


def placed(features: pa.Table, *, scales: Mapping[str, Scale]) -> pa.Table:
    """The scaled figures of customers, and their spend."""
    known = traits(features, scales)
    return pa.table({**known.scaled, "spend": known.spend})


def assigned(features: pa.Table, *, scales: Mapping[str, Scale], centers: "Numbers") -> pa.Table:
    """The segment of each customer, and how clearly the customer belongs (see clustering.Clustering.fit)."""
    known = traits(features, scales)
    apart = [np.square(known.matrix - center).sum(axis=1) for center in centers]
    distance = np.sqrt(np.column_stack(apart))
    ordered = np.sort(distance, axis=1)
    fit = 1.0 - ordered[:, 0] / np.maximum(ordered[:, 1], 1e-12)
    return pa.table({"customer_id": known.customers, "segment": distance.argmin(axis=1), "fit": fit})


def _how(found: Clusters, *, customers: int, sampled: int) -> dict[str, float | int | str]:
    """What the card says of the training.

    `median_rank_error`: half the 95 % interval of the rank, as a share of customers, of a sample's median.
    """
    return {
        "trained_by": "k-means over all customers on Spark",
        "customers": customers,
        "sampled_customers": sampled,
        "median_rank_error": 0.0 if sampled == customers else 1.96 * 0.5 / sampled**0.5,
        "inertia_per_customer": found.inertia / customers,
    }
