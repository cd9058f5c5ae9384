"""Taste as a few numbers: factors of products by alternating least squares on what was bought.

A purchase says that a customer likes a product, the surer the larger its weight; what was not bought says the
opposite, with weight 1 (Hu, Koren and Volinsky 2008). Shrinkage grows with the number of purchases (Zhou et
al. 2008). MLlib's ALS minimises the same sum.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]

RANK = 32
"""Numbers to a taste. This, rounds, shrinkage and sureness were chosen on Complete Journey's weeks 44-48."""
ROUNDS = 8
"""Five find new products as well, but from different starts they come to lists that are less alike."""
SHRINKAGE = 0.02
SURENESS = 0.5
"""How much surer one purchase of today makes that the product is liked (alpha of Hu, Koren and Volinsky)."""
_BLOCK_ROWS = 256


def product_factors(bought: sp.csr_matrix, *, seed: int) -> "Floats":
    """Factors of products, shape (products, RANK).

    Args:
        bought: Customers by products; the weight of each product that a customer bought, above 0.
        seed: Of the start.
    """
    tastes = generator(seed, "recommender", "factors").normal(size=(len(bought.indptr) - 1, RANK))
    tastes /= np.linalg.norm(tastes, axis=1, keepdims=True)
    by_product = sp.csr_matrix(bought.T)
    factors = least_squares(by_product, tastes)
    for _ in range(ROUNDS - 1):
        factors = least_squares(by_product, least_squares(bought, factors))
    return factors


def least_squares(bought: sp.csr_matrix, factors: "Floats") -> "Floats":
    """The taste of each row, given the factors of what it may have bought: the other half of the sum.

    Args:
        bought: One row for each who bought, one column for each row of `factors`; weights above 0.
        factors: What is held fixed.

    >>> least_squares(sp.csr_matrix([[1.0, 0.0]]), np.array([[1.0], [0.0]])).round(4).tolist()
    [[0.9901]]
    """
    single = factors.astype(np.float32)  # half the work, and the same NDCG@10 to five digits
    shared = single.T @ single
    found = np.empty((len(bought.indptr) - 1, factors.shape[1]))
    for start in range(0, len(found), _BLOCK_ROWS):
        found[start : start + _BLOCK_ROWS] = _solved(bought[start : start + _BLOCK_ROWS], single, shared)
    return found


def _solved(bought: sp.csr_matrix, factors: "Singles", shared: "Singles") -> "Singles":
    rows, rank = len(bought.indptr) - 1, factors.shape[1]
    left, right = np.tile(shared, (rows, 1, 1)), np.empty((rows, rank, 1), np.float32)
    weights, held = bought.data.astype(np.float32), factors[bought.indices]
    weighed, liked = held * weights[:, None], 1.0 + weights
    for row, (start, end) in enumerate(pairwise(bought.indptr)):
        own = held[start:end]
        left[row] += weighed[start:end].T @ own
        right[row, :, 0] = liked[start:end] @ own
    diagonal = np.arange(rank)
    left[:, diagonal, diagonal] += SHRINKAGE * np.maximum(np.diff(bought.indptr), 1)[:, None]
    return np.linalg.solve(left, right)[..., 0]
