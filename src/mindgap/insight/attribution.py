"""Which source is worth what: the exact Shapley value of each source in the information advantage."""

from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def shapley_matrix(sources: "Sequence[str]", sets: "Sequence[frozenset[str]]") -> "NDArray[np.float64]":
    """Coefficients that turn the worth of every set of sources into each source's Shapley value.

    The value of a source is its mean gain over all orders in which sources could be added (Shapley 1953);
    the values add up to the worth of the full set less that of the empty one.

    Args:
        sources: The sources.
        sets: All their subsets.

    Returns:
        Shape (sources, sets).

    >>> shapley_matrix(["a"], [frozenset(), frozenset("a")])
    array([[-1.,  1.]])
    """
    n = len(sources)
    out = np.zeros((n, len(sets)))
    for row, source in enumerate(sources):
        for column, chosen in enumerate(sets):
            size = len(chosen)
            if source in chosen:
                out[row, column] = factorial(size - 1) * factorial(n - size) / factorial(n)
            else:
                out[row, column] = -factorial(size) * factorial(n - size - 1) / factorial(n)
    return out
