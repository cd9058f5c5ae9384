"""The recommender's parameters, and what it says of one customer: sums over that customer's own purchases.

For customer u and product i, with the neighbours v of u:

    again(u, i)    = lift_i * decayed_ui + blend * activity_u * recent(u, i)
    discover(u, i) = fresh_i * bought(u, i) + FIRST_WEIGHT * first_i
    recent(u, i)   = (sum_v sim_uv * min(decayed_vi, 3) + PRIOR * recent_i) / (sum_v sim_uv + PRIOR)
    bought(u, i)   = (sum_v sim_uv * [v bought i]       + PRIOR * owners_i) / (sum_v sim_uv + PRIOR)

Who has few or weak neighbours is thereby shrunk to what everybody buys. sim_uv = sum_j x_uj x_vj is itself
a sum over the products j that u bought, so each score splits exactly into the customer's own events.
"""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mindgap.personalize.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_Value = TypeVar("_Value", bound=np.generic)

PRIOR = 0.25
"""Weight of the whole market beside the neighbours, in units of similarity."""
RECENT_CAP = 3.0
"""A neighbour's recent purchases of one product count at most this much."""
FIRST_WEIGHT = 2.0
"""Weight of first-time buyers in discovery."""
HORIZON_DAYS = 35
"""An expected rate is the chance of a purchase within this many days."""
POPULAR_DAYS = 28
"""What "popular now" means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommender:
    """All that scoring needs, as arrays. Rows are customers, products or their pairs as in `history`.

    Attributes:
        customer_blob: Customer ids, sorted (see `names`).
        customer_offsets: Their offsets.
        product_blob: Product ids.
        product_offsets: Their offsets.
        label_blob: Product names; the id where there is none.
        label_offsets: Their offsets.
        row_start: Where each customer's pairs begin.
        shared_end: Where each customer's widely bought products end.
        product: Product row, per pair.
        decayed: Decayed orders, per pair.
        times: Orders, per pair.
        last_days: Days since the latest, per pair.
        interest: Part of the interest vector, per pair.
        neighbour: Customer rows, (customers, k).
        similarity: Similarities, (customers, k).
        activity: (decayed orders of all products / their mean) ** .25, per customer.
        lift: How much more than average the product was bought again lately, per product.
        recent: Mean over customers of the capped decayed orders, per widely bought product.
        owners: Share of customers who ever bought it, per widely bought product.
        fresh: 1 while it sells as before, falling to 0 as it disappears, per widely bought product.
        buyers: Customers of the last POPULAR_DAYS, per widely bought product.
        first_buyers: First-time customers of the last HORIZON_DAYS, per widely bought product.
        blend: (weight of the neighbours in `again`,).
        rate: Intercept and slope of logit(rate) on ln(score), for `again` and `discover`; NaN when not known.
    """

    customer_blob: "NDArray[np.uint8]"
    customer_offsets: "NDArray[np.int64]"
    product_blob: "NDArray[np.uint8]"
    product_offsets: "NDArray[np.int64]"
    label_blob: "NDArray[np.uint8]"
    label_offsets: "NDArray[np.int64]"
    row_start: "NDArray[np.int64]"
    shared_end: "NDArray[np.int64]"
    product: "NDArray[np.int32]"
    decayed: "NDArray[np.float32]"
    times: "NDArray[np.int32]"
    last_days: "NDArray[np.float32]"
    interest: "NDArray[np.float32]"
    neighbour: "NDArray[np.int32]"
    similarity: "NDArray[np.float32]"
    activity: "NDArray[np.float32]"
    lift: "NDArray[np.float32]"
    recent: "NDArray[np.float32]"
    owners: "NDArray[np.float32]"
    fresh: "NDArray[np.float32]"
    buyers: "NDArray[np.int32]"
    first_buyers: "NDArray[np.int32]"
    blend: "NDArray[np.float64]"
    rate: "NDArray[np.float64]"

    @property
    def customers(self) -> Names:
        """Customer ids by row."""
        return Names(blob=self.customer_blob, offsets=self.customer_offsets)

    @property
    def products(self) -> Names:
        """Product ids by row."""
        return Names(blob=self.product_blob, offsets=self.product_offsets)

    @property
    def labels(self) -> Names:
        """Product names by row."""
        return Names(blob=self.label_blob, offsets=self.label_offsets)

    @property
    def first_share(self) -> "NDArray[np.float64]":
        """First-time customers of the last HORIZON_DAYS as a share of all customers."""
        return self.first_buyers / max(len(self.activity), 1)

    def arrays(self) -> dict[str, "NDArray[Any]"]:
        """The parameters by name, to be kept in the Vault."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def from_arrays(arrays: "Mapping[str, NDArray[Any]]") -> Recommender:
    """The recommender that was kept as `Recommender.arrays`."""
    return Recommender(**{field.name: arrays[field.name] for field in fields(Recommender)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One customer as the recommender sees them.

    Attributes:
        product: Product rows that the customer bought, ascending.
        decayed: Decayed orders, per product.
        times: Orders, per product.
        last_days: Days since the latest, per product.
        interest: Part of the interest vector, per product.
        neighbour: Rows of the neighbours.
        similarity: Their similarities.
        similarity_sum: What the neighbours' sum is divided by, without the prior.
        activity: The customer's activity factor.
    """

    product: "NDArray[np.int32]"
    decayed: "NDArray[np.float32]"
    times: "NDArray[np.int32]"
    last_days: "NDArray[np.float32]"
    interest: "NDArray[np.float32]"
    neighbour: "NDArray[np.int32]"
    similarity: "NDArray[np.float32]"
    similarity_sum: float
    activity: float


def profile(model: Recommender, row: int) -> Profile:
    """The profile of the customer in a row."""
    pairs = slice(int(model.row_start[row]), int(model.row_start[row + 1]))
    known = model.similarity[row] > 0
    similarity = model.similarity[row][known]
    return Profile(
        product=model.product[pairs],
        decayed=model.decayed[pairs],
        times=model.times[pairs],
        last_days=model.last_days[pairs],
        interest=model.interest[pairs],
        neighbour=model.neighbour[row][known],
        similarity=similarity,
        similarity_sum=float(similarity.sum()),
        activity=float(model.activity[row]),
    )


def without(model: Recommender, customer: Profile, product: int) -> Profile:
    """The profile as if the customer had never bought a product.

    Scale (`similarity_sum`, `activity`) and the choice of neighbours are held, so that the change in a
    score is exactly what the product contributed to it.
    """
    at = int(np.searchsorted(customer.product, product))
    if at == len(customer.product) or customer.product[at] != product:
        return customer
    theirs = np.array([_interest_in(model, int(v), product) for v in customer.neighbour], np.float32)
    left = np.arange(len(customer.product)) != at
    return replace(
        customer,
        product=customer.product[left],
        decayed=customer.decayed[left],
        times=customer.times[left],
        last_days=customer.last_days[left],
        interest=customer.interest[left],
        similarity=np.maximum(customer.similarity - customer.interest[at] * theirs, 0.0).astype(np.float32),
    )


def _interest_in(model: Recommender, row: int, product: int) -> float:
    start, end = int(model.row_start[row]), int(model.row_start[row + 1])
    at = start + int(np.searchsorted(model.product[start:end], product))
    return float(model.interest[at]) if at < end and model.product[at] == product else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What a customer's neighbours bought, one entry per neighbour and widely bought product.

    Attributes:
        spans: Where each neighbour's entries are among the model's pairs.
        product: Product rows.
        decayed: The neighbour's decayed orders, capped.
        weight: The neighbour's similarity.
    """

    spans: list[slice]
    product: "NDArray[np.int32]"
    decayed: "NDArray[np.float32]"
    weight: "NDArray[np.float32]"

    @property
    def member(self) -> "NDArray[np.int64]":
        """Position of the neighbour in the profile."""
        return np.repeat(np.arange(len(self.spans)), [span.stop - span.start for span in self.spans])


def crowd(model: Recommender, customer: Profile) -> Crowd:
    """Gather the purchases of a customer's neighbours."""
    starts, ends = model.row_start[customer.neighbour], model.shared_end[customer.neighbour]
    spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return Crowd(
        spans=spans,
        product=gathered(model.product, spans),
        decayed=np.minimum(gathered(model.decayed, spans), np.float32(RECENT_CAP)),
        weight=np.repeat(customer.similarity, ends - starts),
    )


def gathered(values: "NDArray[_Value]", spans: list[slice]) -> "NDArray[_Value]":
    """Some stretches of an array, one after the other."""
    return np.concatenate([values[span] for span in spans]) if spans else values[:0]


def again_scores(model: Recommender, customer: Profile, near: Crowd) -> "NDArray[np.float64]":
    """`again` of every product that the customer bought, in the profile's order."""
    own, ours = again_parts(model, customer, near)
    return own + float(model.blend[0]) * ours


def again_parts(
    model: Recommender, customer: Profile, near: Crowd
) -> tuple["NDArray[np.float64]", "NDArray[np.float64]"]:
    """The two terms of `again` before the blend: the customer's own repetition, and the neighbours'."""
    width = len(model.recent)
    mean = np.bincount(near.product, near.weight * near.decayed, minlength=width) + PRIOR * model.recent
    mean *= customer.activity / (customer.similarity_sum + PRIOR)
    ours = np.zeros(len(customer.product))
    shared = customer.product < width
    ours[shared] = mean[customer.product[shared]]
    return model.lift[customer.product] * customer.decayed.astype(np.float64), ours


def discover_scores(model: Recommender, customer: Profile, near: Crowd) -> "NDArray[np.float64]":
    """`discover` of every widely bought product; minus infinity for what the customer bought."""
    bought = np.bincount(near.product, near.weight, minlength=len(model.owners)) + PRIOR * model.owners
    scores = model.fresh * bought / (customer.similarity_sum + PRIOR) + FIRST_WEIGHT * model.first_share
    scores[customer.product[customer.product < len(scores)]] = -np.inf
    return scores


def expected_rates(
    model: Recommender, scores: "NDArray[np.float64]", *, again: bool
) -> "NDArray[np.float64]":
    """The chance (0-1) of a purchase within HORIZON_DAYS for scores of one list; NaN when not calibrated."""
    intercept, slope = model.rate[0 if again else 1]
    logit = intercept + slope * np.log(np.maximum(scores, 1e-9))
    return 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))
