"""Ranked lists: their quality against what was bought, the chance of a purchase, and how lists are merged."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, assert_never

import numpy as np

from mindgap.personalize.model import (
    Crowd,
    Profile,
    Recommender,
    again_scores,
    crowd,
    discover_scores,
    expected_rates,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["repeat", "discover", "mixed"]
"""What a list holds: products bought before, products never bought, or both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Products in order, best first.

    Attributes:
        product: Product rows.
        score: The score within the product's own list (`again` or `discover`).
        rate: Chance (0-1) of a purchase within the horizon; NaN when not calibrated.
        again: Whether the customer bought it before.
    """

    product: "NDArray[np.int64]"
    score: "NDArray[np.float64]"
    rate: "NDArray[np.float64]"
    again: "NDArray[np.bool_]"


def rank(model: Recommender, customer: Profile, near: Crowd | None = None, *, k: int, kind: Kind) -> Ranked:
    """The best k products of a kind for one customer.

    Args:
        model: The recommender.
        customer: The customer.
        near: The purchases of the customer's neighbours, where the caller has them already.
        k: Length of the list.
        kind: Which list.
    """
    near = crowd(model, customer) if near is None else near
    match kind:
        case "repeat":
            return repeat_list(model, customer, near, k=k)
        case "discover":
            return discover_list(model, customer, near, k=k)
        case "mixed":
            repeat = repeat_list(model, customer, near, k=k)
            return merge(repeat, discover_list(model, customer, near, k=k), k=k)
        case _:
            assert_never(kind)


def repeat_list(model: Recommender, customer: Profile, near: Crowd, *, k: int) -> Ranked:
    """The best k products that the customer bought before."""
    scores = again_scores(model, customer, near)
    top = best(scores, k)
    return _ranked(
        customer.product[top], scores[top], expected_rates(model, scores[top], again=True), again=True
    )


def discover_list(model: Recommender, customer: Profile, near: Crowd, *, k: int) -> Ranked:
    """The best k products that the customer never bought."""
    scores = discover_scores(model, customer, near)
    top = best(scores, k)
    return _ranked(top, scores[top], expected_rates(model, scores[top], again=False), again=False)


def _ranked(
    product: "NDArray[np.integer]", score: "NDArray[np.float64]", rate: "NDArray[np.float64]", *, again: bool
) -> Ranked:
    return Ranked(
        product=product.astype(np.int64),
        score=score,
        rate=rate,
        again=np.full(len(product), again, dtype=bool),
    )


def merge(repeat: Ranked, discover: Ranked, *, k: int) -> Ranked:
    """The best k of both lists by expected rate; where rates are not known, repetition comes first."""
    rate = np.concatenate([repeat.rate, discover.rate])
    order = np.argsort(-rate, kind="stable") if np.isfinite(rate).all() else np.arange(len(rate))
    top = order[:k]
    return Ranked(
        product=np.concatenate([repeat.product, discover.product])[top],
        score=np.concatenate([repeat.score, discover.score])[top],
        rate=rate[top],
        again=np.concatenate([repeat.again, discover.again])[top],
    )


def best(scores: "NDArray[np.float64]", k: int) -> "NDArray[np.int64]":
    """Positions of the k highest positive scores, highest first; ties go to the earlier position.

    >>> best(np.array([0.2, 0.9, 0.0, 0.9]), 3).tolist()
    [1, 3, 0]
    """
    if len(scores) > 4 * k:
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero(scores >= max(floor, 0.0))
    else:
        candidates = np.arange(len(scores))
    ordered = candidates[np.argsort(-scores[candidates], kind="stable")][:k]
    return ordered[scores[ordered] > 0.0]


def gains(hits: "NDArray[np.bool_]", outcomes: int, k: int = 10) -> tuple[float, float]:
    """NDCG@k and recall@k of one list.

    The ideal list is cut at min(k, outcomes); recall is over all outcomes.

    Args:
        hits: Whether each listed product was bought, best first, at most k.
        outcomes: Distinct products bought; > 0.
        k: Length of the list.

    >>> gains(np.array([True, False]), 1)
    (1.0, 1.0)
    """
    discounts = _discounts(k)
    ideal = discounts[: min(k, outcomes)].sum()
    return float((hits * discounts[: len(hits)]).sum() / ideal), float(hits.sum() / outcomes)


@cache
def _discounts(k: int) -> "NDArray[np.float64]":
    return 1.0 / np.log2(np.arange(2, k + 2))


def logistic_line(x: "NDArray[np.float64]", hit: "NDArray[np.bool_]") -> tuple[float, float]:
    """Intercept and slope (>= 0) of logit P(hit) on x, by Newton's method with a weak prior on the slope.

    A negative slope would turn the list around; it is replaced by zero and the overall rate.
    """
    design = np.column_stack([np.ones_like(x), x])
    rate = min(max(float(hit.mean()), 1e-6), 1.0 - 1e-6)
    beta = np.array([np.log(rate / (1.0 - rate)), 0.0])
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30.0, 30.0)))
        gradient = design.T @ (hit - p) - np.array([0.0, 1e-3 * beta[1]])
        hessian = (design * (p * (1.0 - p))[:, None]).T @ design + np.diag([1e-9, 1e-3])
        step = np.clip(np.linalg.solve(hessian, gradient), -2.0, 2.0)  # separable data would overshoot
        beta = beta + step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 - converged
            break
    return (float(beta[0]), float(beta[1])) if beta[1] > 0 else (float(np.log(rate / (1.0 - rate))), 0.0)
