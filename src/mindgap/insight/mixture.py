"""A likelihood-weighted mixture of forecasts: weights by expectation maximisation."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def mixture_weights(
    probability: "NDArray[np.floating]", lines: "NDArray[np.floating]", *, steps: int = 200
) -> "NDArray[np.float64]":
    """The weights under which the outcomes are most likely (Dempster, Laird and Rubin 1977).

    Args:
        probability: What each forecast gave to each outcome; shape (outcomes, forecasts).
        lines: How often each outcome happened; shape (outcomes,).
        steps: Rounds of expectation and maximisation; the likelihood is concave, so they cannot go astray.

    Returns:
        Weights >= 0 that sum to 1, shape (forecasts,). Equal weights when there are no outcomes.
    """
    n = probability.shape[1]
    weight = np.full(n, 1 / n)
    total = lines.sum()
    if total <= 0:
        return weight
    table = probability.astype(np.float64)
    for _ in range(steps):
        responsible = table.T @ (lines / (table @ weight))
        weight = weight * responsible / total
        weight /= weight.sum()
    return weight


def mixed(parts: "Sequence[NDArray[np.float32]]", weight: "NDArray[np.float64]") -> "NDArray[np.float32]":
    """The weighted sum of forecasts of the same shape."""
    out = np.zeros_like(parts[0])
    for part, share in zip(parts, weight, strict=True):
        if share > 0:
            out += np.float32(share) * part
    return out
