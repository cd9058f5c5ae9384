"""What differs between customers: the divergence of each one's own shares from the market's."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Free market lines tried for the shrunk posterior mean.
FREE_LINES = np.array([5, 10, 20, 40, 80, 160, 320, 640], dtype=np.float64)
#: Draws of the null per number of outcomes.
NULL_DRAWS = 1000
#: Chance that a customer who is like the market is called different.
ALPHA = 0.05
#: Numbers of outcomes at which the null is drawn: each up to 16, then four per doubling.
EXACT_COUNTS = 16
STEPS_PER_DOUBLING = 4


def divergence(lines: "NDArray[Any]", market: "NDArray[np.float64]", free: float) -> "NDArray[np.float64]":
    """D = KL(p || q0) in bits, p the shrunk posterior mean; one figure per row of `lines`.

    Args:
        lines: Lines per customer and value.
        market: Market share of each value.
        free: Free market lines that p is shrunk by.
    """
    share = (lines + free * market) / (lines.sum(axis=1, keepdims=True) + free)
    return np.einsum("cv,cv->c", share, np.log2(share / market))


def null_threshold(
    n_outcomes: "NDArray[np.float64]", market: "NDArray[np.float64]", *, free: float, rng: np.random.Generator
) -> "NDArray[np.float64]":
    """The 95 % point of D among customers who draw the same number of outcomes from the market.

    Drawn at a ladder of numbers and interpolated between them on a log scale.
    """
    most = int(max(n_outcomes.max(initial=1), 1))
    ladder = _ladder(most)
    points = np.empty(len(ladder))
    for place, n in enumerate(ladder):
        drawn = rng.multinomial(n, market, size=NULL_DRAWS)
        points[place] = np.quantile(divergence(drawn, market, free), 1 - ALPHA)
    return np.interp(np.log(np.maximum(n_outcomes, 1)), np.log(ladder), points)


def _ladder(most: int) -> "NDArray[np.int64]":
    steps = int(np.ceil(np.log2(max(most / EXACT_COUNTS, 1)) * STEPS_PER_DOUBLING)) + 1
    beyond = np.ceil(EXACT_COUNTS * 2 ** (np.arange(steps) / STEPS_PER_DOUBLING)).astype(np.int64)
    return np.unique(np.concatenate([np.arange(1, EXACT_COUNTS + 1), beyond]))


def best_free_lines(lines: "NDArray[Any]", market: "NDArray[np.float64]") -> float:
    """The number of free market lines under which all customers' lines are most likely together.

    The likelihood is Dirichlet-multinomial (Minka 2000); the more alike customers are, the more free lines.
    """
    n = lines.sum(axis=1)
    customer, value = np.nonzero(lines)
    bought, share = lines[customer, value], market[value]
    gains = [
        float(
            (gammaln(bought + free * share) - gammaln(free * share)).sum()
            + (gammaln(free) - gammaln(n + free)).sum()
        )
        for free in FREE_LINES
    ]
    return float(FREE_LINES[int(np.argmax(gains))])
