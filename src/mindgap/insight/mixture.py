"""A likelihood-weighted mixture of forecasts: the weights under which what happened was most likely."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Smallest probability that a logarithm is taken of.
TINY = 1e-300


def mixture_weights(
    probability: "NDArray[np.floating]", lines: "NDArray[np.floating]"
) -> "NDArray[np.float64]":
    """The weights under which the outcomes are most likely.

    The likelihood is concave in the weights, so there is one maximum: the one that expectation
    maximisation climbs to (Dempster, Laird and Rubin 1977). Forecasts that are much alike keep it climbing
    for thousands of rounds; sequential quadratic programming is there in twenty.

    Args:
        probability: What each forecast gave to each outcome; shape (outcomes, forecasts).
        lines: How often each outcome happened; shape (outcomes,).

    Returns:
        Weights >= 0 that sum to 1, shape (forecasts,). Equal weights when there are no outcomes.
    """
    n = probability.shape[1]
    equal = np.full(n, 1 / n)
    total = float(lines.sum())
    if total <= 0 or n == 1:
        return equal
    table = probability.astype(np.float64)
    share = lines / total

    def cost(weight: "NDArray[np.float64]") -> "tuple[float, NDArray[np.float64]]":
        mixed = np.maximum(table @ weight, TINY)
        return -float(share @ np.log(mixed)), -(table.T @ (share / mixed))

    ones = np.ones(n)
    found = minimize(
        cost,
        equal,
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * n,
        constraints=[{"type": "eq", "fun": lambda weight: weight.sum() - 1, "jac": lambda _: ones}],
        options={"ftol": 1e-10, "maxiter": 300},
    )
    weight = np.maximum(found.x, 0)
    return weight / weight.sum()
