"""Customers who buy alike: for each customer, the few others whose baskets resemble theirs most.

Interest in a product is ln(1 + times bought) times ln(customers / customers who bought it), so that what
everybody buys says little about taste; two customers are as similar as the cosine of their interests.
"""

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.personalize.history import Pairs

NEIGHBOURS = 100
"""Neighbours kept; on the validation window 50 to 400 differ by less than .0005 NDCG@10."""
POOL = 20_000
"""At most this many customers are candidates for neighbours, drawn by seed."""
LEAST_POOL = 2_500
"""So many candidates there always are; Complete Journey, where the method was chosen, has 2,469 customers."""
SIMILARITIES = 500_000_000
"""Between these bounds the pool shrinks as customers grow in number, so that time grows with them only."""
BLOCK_CELLS = 12_000_000
"""Similarities held at once, about 50 MB."""
WIDELY = 5_000
"""A product that more customers of the pool bought than this tells no two of them apart; it is left out."""


def neighbourhood_prediction(ratings: "NDArray[np.float64]", similarity: "NDArray[np.float64]") -> float:
    """The neighbourhood formula r_ui = sum_j(r_uj sim_ij) / sum_j(sim_ij).

    Read with j over items it is item-based, with j over customers user-based collaborative filtering
    (Sarwar et al. 2001, without absolute values: similarities here are >= 0).

    Args:
        ratings: r_uj; NaN where u has not rated j.
        similarity: sim_ij >= 0, in the same order.

    Returns:
        The predicted rating; NaN where no rated neighbour resembles at all.

    >>> neighbourhood_prediction(np.array([5.0, 3.0, np.nan]), np.array([0.75, 0.25, 0.9]))
    4.5
    """
    rated = ~np.isnan(ratings)
    weight = float(similarity[rated].sum())
    return float(ratings[rated] @ similarity[rated] / weight) if weight > 0 else float("nan")


def interests(pairs: "Pairs", shared: int) -> "NDArray[np.float32]":
    """Each pair's part of its customer's interest vector of length 1; zero beyond the shared products.

    Args:
        pairs: The history by customer and product.
        shared: Number of products, from the first, that count.
    """
    customers = len(pairs.row_start) - 1
    buyers = np.bincount(pairs.product, minlength=max(shared, 1))
    rarity = np.log(customers / np.maximum(buyers, 1.0))
    raw = np.log1p(pairs.times) * rarity[pairs.product] * (pairs.product < shared)
    squares = np.bincount(pairs.customer, raw * raw, minlength=customers)
    length = np.sqrt(np.maximum(squares, 1e-12))
    return (raw / length[pairs.customer]).astype(np.float32)


def nearest(
    pairs: "Pairs",
    interest: "NDArray[np.float32]",
    *,
    seed: int,
    rows: "NDArray[np.int64] | None" = None,
) -> tuple["NDArray[np.int32]", "NDArray[np.float32]"]:
    """Each customer's nearest neighbours.

    Args:
        pairs: The history by customer and product.
        interest: Each pair's part of its customer's interest vector.
        seed: For the draw of the pool.
        rows: The customers who need neighbours, ascending; all by default.

    Returns:
        Customer rows and similarities (0-1), each (customers, k) with k <= NEIGHBOURS; a similarity of
        zero fills up rows that have fewer, or need none.
    """
    customers = len(pairs.row_start) - 1
    wanted = np.arange(customers) if rows is None else rows
    width = int(pairs.product.max(initial=0)) + 1
    vectors = sp.csr_matrix((interest, pairs.product, pairs.row_start), shape=(customers, width))
    pool = _pool(customers, seed)
    chosen = vectors[pool]
    tells = np.bincount(chosen.indices, minlength=width) <= WIDELY
    columns = sp.csr_matrix(chosen @ sp.diags_array(tells.astype(np.float32))).T.tocsr()
    k = min(NEIGHBOURS, len(pool) - 1)
    neighbour = np.zeros((customers, k), np.int32)
    similarity = np.zeros((customers, k), np.float32)
    step = max(1, BLOCK_CELLS // len(pool))
    for start in range(0, len(wanted), step):
        some = wanted[start : start + step]
        block = (vectors[some] @ columns).toarray()
        here = np.searchsorted(pool, some)
        inside = pool[np.minimum(here, len(pool) - 1)] == some
        block[np.flatnonzero(inside), here[inside]] = 0.0
        top = np.argpartition(block, len(pool) - k, axis=1)[:, len(pool) - k :]
        neighbour[some] = pool[top]
        similarity[some] = np.maximum(np.take_along_axis(block, top, axis=1), 0.0)
    return neighbour, similarity


def _pool(customers: int, seed: int) -> "NDArray[np.int64]":
    size = min(POOL, max(LEAST_POOL, SIMILARITIES // max(customers, 1)))
    if customers <= size:
        return np.arange(customers)
    return np.sort(generator(seed, "recommender", "pool").choice(customers, size, replace=False))
