"""Fit the recommender: pairs, neighbours, product factors; then the blend and rates on a validation window.

The validation window is the last HORIZON_DAYS of the history that is given; the parts are fitted on what came
before it and judged on it, and then refitted on the whole. Nothing after the history is ever seen.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.rng import generator
from mindgap.personalize.history import History, Pairs, among, distinct, pair
from mindgap.personalize.model import (
    HORIZON_DAYS,
    POPULAR_DAYS,
    RECENT_CAP,
    Recommender,
    again_parts,
    crowd,
    discover_scores,
    profile,
)
from mindgap.personalize.names import pack
from mindgap.personalize.ranking import best, gains, logistic_line
from mindgap.personalize.recommenders.neighbours import interests, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

BLEND = 0.5
"""Weight of the neighbours where validation cannot say; chosen on Complete Journey's weeks 44-48."""
BLENDS = (0.0, 0.125, 0.25, 1.0, 2.0, 4.0, 8.0)
"""Other weights tried on the validation window."""
LIFT_PRIOR = 10.0
"""Expected repetitions that a product must have before its own lift counts for half."""
MIN_BUYERS = 3
"""A product is widely bought from this many customers on ..."""
ALWAYS_SHARED = 2_000
"""... or when there are few products anyway."""
MOST_SHARED = 10_000
"""At most this many products are scored for discovery; 30,000 found no more on the validation window."""
VALIDATION_CUSTOMERS = 600
"""Customers drawn for the validation window."""
MIN_VALIDATION = 50
"""Fewer customers with a purchase in the window say too little; the defaults stay."""
MIN_HITS = 30
"""Fewer hits in a list and its rates are not calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One validation customer's scores and what came true.

    Attributes:
        own: The customer's repetition, per product bought before.
        near: The neighbours' term, per product bought before.
        own_hit: Whether it was bought again in the window.
        found: Discovery scores of the best unbought products.
        found_hit: Whether they were bought in the window.
        outcomes: Distinct products bought in the window.
    """

    own: "NDArray[np.float64]"
    near: "NDArray[np.float64]"
    own_hit: "NDArray[np.bool_]"
    found: "NDArray[np.float64]"
    found_hit: "NDArray[np.bool_]"
    outcomes: int


def fit(
    history: History,
    *,
    seed: int,
    labels: "Mapping[str, str] | None" = None,
    rows: "NDArray[np.int64] | None" = None,
) -> Recommender:
    """A trained recommender.

    Args:
        history: Purchases up to the as-of time.
        seed: For the draws of validation customers and of the neighbour pool.
        labels: Product names by id.
        rows: The customers that will be scored, ascending; all by default.
    """
    model = fit_parts(history, seed=seed, labels=labels or {}, rows=rows)
    earlier = history.before(HORIZON_DAYS)
    if len(earlier.customers) < MIN_VALIDATION:
        return model
    drawn = generator(seed, "recommender", "validation").permutation(len(earlier.customers))
    judges = np.sort(drawn[:VALIDATION_CUSTOMERS])
    trials = _trials(fit_parts(earlier, seed=seed, labels={}, rows=judges), earlier, history, rows=judges)
    if sum(trial.outcomes > 0 for trial in trials) < MIN_VALIDATION:
        return model
    blend = choose_blend(trials)
    return replace(model, blend=np.array([blend]), rate=_rates(trials, blend))


def fit_parts(
    history: History,
    *,
    seed: int,
    labels: "Mapping[str, str]",
    rows: "NDArray[np.int64] | None" = None,
) -> Recommender:
    """Everything but the blend and the rates, which keep their defaults."""
    pairs = pair(history)
    shared = _shared(pairs)
    interest = interests(pairs, shared)
    neighbour, similarity = nearest(pairs, interest, seed=seed, rows=rows)
    activity = np.bincount(pairs.customer, pairs.decayed, minlength=len(history.customers))
    customers, products = pack(history.customers), pack(history.products)
    named = pack(labels.get(product) or product for product in history.products)
    return Recommender(
        customer_blob=customers.blob,
        customer_offsets=customers.offsets,
        product_blob=products.blob,
        product_offsets=products.offsets,
        label_blob=named.blob,
        label_offsets=named.offsets,
        row_start=pairs.row_start,
        shared_end=_shared_end(pairs, shared),
        product=pairs.product,
        decayed=pairs.decayed,
        times=pairs.times,
        last_days=pairs.last_days,
        interest=interest,
        neighbour=neighbour,
        similarity=similarity,
        activity=((activity / max(activity.mean(), 1e-12)) ** 0.25).astype(np.float32),
        lift=repeat_lift(history),
        **_product_factors(pairs, len(history.customers), shared),
        blend=np.array([BLEND]),
        rate=np.full((2, 2), np.nan),
    )


def _shared(pairs: Pairs) -> int:
    """Number of products, from the most bought, that neighbours can speak for."""
    buyers = np.bincount(pairs.product)
    enough = int((buyers >= MIN_BUYERS).sum())
    return min(max(enough, min(len(buyers), ALWAYS_SHARED)), MOST_SHARED)


def _shared_end(pairs: Pairs, shared: int) -> "NDArray[np.int64]":
    within = np.concatenate([[0], np.cumsum(pairs.product < shared)])
    return pairs.row_start[:-1] + np.diff(within[pairs.row_start])


def _product_factors(pairs: Pairs, customers: int, shared: int) -> "dict[str, NDArray[Any]]":
    """What the market as a whole says of the widely bought products."""

    def total(weight: "NDArray[np.floating] | NDArray[np.bool_]") -> "NDArray[np.float64]":
        return np.bincount(pairs.product, weight.astype(np.float64), minlength=shared)[:shared].astype(
            np.float64
        )

    owners = total(np.ones(len(pairs.product)))
    lately = total(pairs.last_days < HORIZON_DAYS)
    observed = max(float(pairs.first_days.max(initial=0.0)) / HORIZON_DAYS, 1.0)
    fresh = np.sqrt(np.minimum((lately + 0.1) / (5.0 * owners / observed + 0.25), 1.0))
    return {
        "recent": (total(np.minimum(pairs.decayed, RECENT_CAP)) / customers).astype(np.float32),
        "owners": (owners / customers).astype(np.float32),
        "fresh": fresh.astype(np.float32),
        "buyers": total(pairs.last_days < POPULAR_DAYS).astype(np.int32),
        "first_buyers": total(pairs.first_days < HORIZON_DAYS).astype(np.int32),
    }


def repeat_lift(history: History) -> "NDArray[np.float32]":
    """How much more than average each product was bought again in the last HORIZON_DAYS (square root).

    Customers who had bought it before the window and did so again, over the number expected from how often
    and how lately they had; shrunk to the average by LIFT_PRIOR, so that a product without a past has 1.
    """
    width = max(len(history.products), 1)
    now = history.age_days < HORIZON_DAYS
    keys = history.customer * width + history.product
    before = pair(replace_ages(history, ~now))
    expected = 1.0 - np.exp(-0.5 * before.decayed.astype(np.float64))
    again = among(before.customer * width + before.product, distinct(keys[now]))
    hoped = np.bincount(before.product, expected, minlength=len(history.products))
    seen = np.bincount(before.product, again.astype(np.float64), minlength=len(history.products))
    if not seen.sum():
        return np.ones(len(history.products), np.float32)
    average = seen.sum() / hoped.sum()
    return np.sqrt((seen + LIFT_PRIOR * average) / (hoped + LIFT_PRIOR) / average).astype(np.float32)


def replace_ages(history: History, known: "NDArray[np.bool_]") -> History:
    """The entries that were known HORIZON_DAYS ago, aged as they were then; numbering kept."""
    return replace(
        history,
        customer=history.customer[known],
        product=history.product[known],
        age_days=history.age_days[known] - HORIZON_DAYS,
    )


def _trials(
    model: Recommender, earlier: History, history: History, *, rows: "NDArray[np.int64]"
) -> list[Trial]:
    """Score some customers as of HORIZON_DAYS ago and look at what they bought since."""
    bought = _bought_since(earlier, history)
    return [_trial(model, int(row), bought.get(int(row), np.empty(0, np.int64))) for row in rows]


def _bought_since(earlier: History, history: History) -> "dict[int, NDArray[np.int64]]":
    """Distinct products (rows of `earlier`) bought in the window, by customer row of `earlier`."""
    since = history.age_days < HORIZON_DAYS
    customer = _places(history.customers, earlier.customers)[history.customer[since]]
    product = _places(history.products, earlier.products)[history.product[since]]
    known = (customer >= 0) & (product >= 0)
    width = len(earlier.products)
    keys = distinct(customer[known] * width + product[known])
    rows, starts = np.unique(keys // width, return_index=True)
    return dict(zip(rows.tolist(), np.split(keys % width, starts[1:]), strict=True)) if len(keys) else {}


def _places(names: "NDArray[np.object_]", among: "NDArray[np.object_]") -> "NDArray[np.int64]":
    """The place of each name among others; -1 where it is not there."""
    wanted = pc.SetLookupOptions(value_set=pa.array(among, pa.string()))
    found = pc.call_function("index_in", [pa.array(names, pa.string())], wanted)
    return found.fill_null(-1).to_numpy().astype(np.int64)


def _trial(model: Recommender, row: int, outcomes: "NDArray[np.int64]") -> Trial:
    customer = profile(model, row)
    near = crowd(model, customer)
    own, ours = again_parts(model, customer, near)
    scores = discover_scores(model, customer, near)
    top = np.argpartition(-scores, min(100, len(scores) - 1))[:100]
    top = top[np.isfinite(scores[top])]
    return Trial(
        own=own,
        near=ours,
        own_hit=among(customer.product, outcomes),
        found=scores[top],
        found_hit=among(top, outcomes),
        outcomes=len(outcomes),
    )


def choose_blend(trials: list[Trial]) -> float:
    """The weight of the neighbours with the best NDCG@10 of the repeat list on the validation window.

    The default stays unless another weight is better by more than two standard errors of the paired
    difference, so that noise does not choose.
    """
    scored = [trial for trial in trials if trial.outcomes]

    def qualities(blend: float) -> "NDArray[np.float64]":
        ranked = ((best(t.own + blend * t.near, 10), t) for t in scored)
        return np.array([gains(t.own_hit[top], t.outcomes)[0] for top, t in ranked])

    usual = qualities(BLEND)
    chosen, most = BLEND, 0.0
    for blend in BLENDS:
        difference = qualities(blend) - usual
        gain = float(difference.mean())
        if gain > max(most, 2.0 * float(difference.std()) / np.sqrt(len(difference))):
            chosen, most = blend, gain
    return chosen


def _rates(trials: list[Trial], blend: float) -> "NDArray[np.float64]":
    again = (
        np.concatenate([t.own + blend * t.near for t in trials]),
        np.concatenate([t.own_hit for t in trials]),
    )
    found = np.concatenate([t.found for t in trials]), np.concatenate([t.found_hit for t in trials])
    return np.array(
        [
            logistic_line(np.log(np.maximum(scores, 1e-9)), hits)
            if hits.sum() >= MIN_HITS
            else (np.nan, np.nan)
            for scores, hits in (again, found)
        ]
    )
