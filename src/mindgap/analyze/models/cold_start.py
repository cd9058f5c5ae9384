"""How well product vectors place products that nobody has bought yet: a held-out test.

A customer's taste is the mean vector of what they bought, weighed by age, less the mean of all customers'.
Products first sold in the held-out weeks are ranked for each customer by it. The baseline ranks them by how
much of the customer's shopping is of their category, which needs no text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from mindgap.analyze.models.product_vectors import read_vectors, unit
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Trial, bootstrap_means, evaluation_table
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HORIZON_DAYS = 35
HALF_LIFE_DAYS = 84.0
MIN_COLD = 20
MIN_CUSTOMERS = 50
_MOST_CUSTOMERS = 5_000
_TOP = 10
_LISTED = ("product_id", "category")
_DISCOUNT = 1.0 / np.log2(np.arange(2, _TOP + 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """Who had bought what before the cut, and which new products they bought after it.

    Attributes:
        weight: Purchases before the cut, weighed by age; sparse, (customers, products).
        cold: Products first sold after the cut.
        bought: Which of these each customer bought, (customers, cold products).
    """

    weight: sparse.csr_matrix
    cold: "NDArray[np.int64]"
    bought: "NDArray[np.bool_]"


@derivation(
    "evaluation_product_vectors",
    grain="one row: new products ranked for customers by their vectors, held out",
    purpose=Purpose.PERSONALIZATION,
    inputs={
        "vectors": At(table="product_vectors"),
        "catalogue": At(table="catalogue", columns=_LISTED),
        "purchases": At(table="purchases", columns=("customer_id", "product_id", "ordered_at")),
    },
    weight=4.0,
)
def evaluation_product_vectors(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """NDCG@10 of products first sold in the last 35 days, for customers who bought any of them.

    Raises:
        CannotSay: Too few new products were sold, or to too few known customers.
    """
    cut = as_of_lag(moment.as_of, HORIZON_DAYS, moment.time_zone)
    products, vectors = read_vectors(tables["vectors"])
    world = _world(tables["purchases"], products, cut, seed=moment.seed)
    taste = unit(world.weight @ vectors)
    ours = _ndcg((taste - taste.mean(axis=0)) @ vectors[world.cold].T, world.bought)
    category = dict(zip(*(tables["catalogue"][name].to_pylist() for name in _LISTED), strict=True))
    theirs = _ndcg(_by_category(world, [category.get(product) for product in products]), world.bought)
    draws = bootstrap_means(np.column_stack([ours, theirs]), seed=moment.seed, name="cold-start")
    trial = Trial(
        task="product-vectors",
        data=moment.workspace,
        baseline="category-share",
        n=len(ours),
        period=f"{cut:%Y-%m-%d}/{cut + timedelta(days=HORIZON_DAYS):%Y-%m-%d}",
    )
    values = (float(ours.mean()), float(theirs.mean()))
    return evaluation_table([trial.figure("ndcg@10-new-products", values, draws)])


def _world(purchases: pa.Table, products: list[str], cut: "datetime", *, seed: int) -> _World:
    known = purchases.filter(pc.field("customer_id").is_valid() & pc.field("product_id").is_valid())
    place = {product: at for at, product in enumerate(products)}
    sold: Any = known["product_id"].combine_chunks().dictionary_encode()
    places = np.array([place.get(product, -1) for product in sold.dictionary.to_pylist()] or [-1])
    product = places[sold.indices.to_numpy()]
    customers: Any = known["customer_id"].combine_chunks().dictionary_encode()
    # numbered by their ids, whatever the order of the rows
    rank = np.argsort(np.argsort(np.array(customers.dictionary.to_pylist(), dtype=np.str_)))
    customer = rank[customers.indices.to_numpy()]
    age_days = (np.datetime64(cut, "us") - known["ordered_at"].to_numpy()) / np.timedelta64(1, "D")
    customer, product, age_days = (rows[product >= 0] for rows in (customer, product, age_days))
    shape = (len(customers.dictionary), len(products))
    old, new = age_days > 0, age_days <= 0
    is_cold = np.zeros(len(products), dtype=np.bool_)
    is_cold[product[new]] = True
    is_cold[product[old]] = False
    cold = np.flatnonzero(is_cold)
    weight = sparse.csr_matrix(
        (0.5 ** (age_days[old] / HALF_LIFE_DAYS), (customer[old], product[old])), shape
    )
    after: Any = sparse.csr_matrix((np.ones(int(new.sum())), (customer[new], product[new])), shape)[:, cold]
    told = np.flatnonzero((np.diff(after.indptr) > 0) & (np.diff(weight.indptr) > 0))
    if len(cold) < MIN_COLD or len(told) < MIN_CUSTOMERS:
        raise CannotSay("analyze-few-new-products", products=len(cold), customers=len(told))
    if len(told) > _MOST_CUSTOMERS:
        told = np.sort(generator(seed, "cold-start").choice(told, _MOST_CUSTOMERS, replace=False))
    return _World(weight=weight[told], cold=cold, bought=after[told].toarray() > 0)


def _by_category(world: _World, categories: list[str | None]) -> "Floats":
    names, at = np.unique(np.array([name or "" for name in categories], dtype=object), return_inverse=True)
    member = sparse.csr_matrix((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), len(names)))
    spent: Any = world.weight @ member
    spent = spent.toarray()
    share = spent / spent.sum(axis=1, keepdims=True)
    return (share + 1e-6 * share.mean(axis=0))[:, at[world.cold]]


def _ndcg(scores: "Floats", bought: "NDArray[np.bool_]") -> "Floats":
    top = np.array([_first(row) for row in scores])
    found = np.take_along_axis(bought, top, axis=1) @ _DISCOUNT[: top.shape[1]]
    ideal = np.cumsum(_DISCOUNT)[np.minimum(bought.sum(axis=1), _TOP) - 1]
    return found / ideal


def _first(scores: "Floats") -> "NDArray[np.int64]":
    """Places of the _TOP highest scores, highest first; ties go to the earlier place."""
    least = np.partition(scores, max(len(scores) - _TOP, 0))[max(len(scores) - _TOP, 0)]
    able = np.flatnonzero(scores >= least)
    return able[np.argsort(-scores[able], kind="stable")[:_TOP]]
