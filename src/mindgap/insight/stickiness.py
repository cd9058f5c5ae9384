"""How loyal customers are to their own habit, value by value.

A customer's forecast for value y is (N + s_y prior_y) / (n + s_y), put back to sum to 1: own lines N of n
against s_y free lines of a prior. Customers stick to cigarettes or baby food (few free lines), hardly to
greeting cards (many). This is the Dirichlet-multinomial forecast with a concentration per value; s_y is
chosen by the likelihood of what followed in earlier weeks.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.cells import Matrix

#: Free lines tried.
GRID = np.array([3, 6, 12, 25, 50, 100, 200, 400, 800, 3200], dtype=np.float32)
#: Lines of a customer are not independent; their likelihood counts for this much.
TEMPER = 0.3
#: Lines added to observed and expected alike when a value's trend is taken out.
TREND_LINES = 20.0


def likelihood(history: "Matrix", prior: "Matrix", outcomes: "Matrix") -> "NDArray[np.float64]":
    """Poisson log likelihood of each value's outcomes under each number of free lines, trend taken out.

    Args:
        history: Decayed lines per customer and value before the outcomes.
        prior: What the history is shrunk to; rows sum to 1.
        outcomes: Lines that followed.

    Returns:
        Nats, shape (len(GRID), values).
    """
    n_history = history.sum(axis=1, keepdims=True)
    n_outcomes = outcomes.sum(axis=1, keepdims=True)
    bought = outcomes.sum(axis=0)
    happened = outcomes > 0
    table = np.empty((len(GRID), history.shape[1]))
    for row, free in enumerate(GRID):
        expected = (history + free * prior) * (n_outcomes / (n_history + free))
        total = expected.sum(axis=0)
        trend = (bought + TREND_LINES) / (total + TREND_LINES)
        logs = np.log(np.maximum(expected, 1e-12), where=happened, out=np.zeros_like(expected))
        table[row] = np.einsum("cv,cv->v", outcomes, logs) + bought * np.log(trend) - trend * total
    return table


def free_lines(table: "NDArray[np.float64]") -> "Matrix":
    """The number of free lines of each value: a geometric posterior mean.

    The prior over GRID is what all values together show (empirical Bayes), so that a rarely bought value
    leans on the others.

    Args:
        table: Log likelihoods as `likelihood` gives them, summed over the weeks looked at.
    """
    relative = np.exp(TEMPER * (table - table.max(axis=0)))
    prior = np.full(len(GRID), 1 / len(GRID))
    posterior = relative
    for _ in range(30):
        posterior = relative * prior[:, None]
        posterior /= posterior.sum(axis=0)
        prior = posterior.mean(axis=1)
    return np.exp(np.log(GRID) @ posterior).astype(np.float32)


def sticky_forecast(history: "Matrix", prior: "Matrix", free: "Matrix") -> "Matrix":
    """Own history shrunk to a prior, value by value; rows sum to 1."""
    share = (history + free * prior) / (history.sum(axis=1, keepdims=True) + free)
    share /= share.sum(axis=1, keepdims=True)
    return share
