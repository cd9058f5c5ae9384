"""Products that customers never bought and that suit their taste, for all customers at once.

Tastes are factors (`recommenders/factors.py`). Where there are more purchases than memory holds,
`discovering_large.py` does the same where they are.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from mindgap.kernel.derivation import At, Built, Moment, derivation
from mindgap.kernel.purposes import Purpose
from mindgap.personalize.discovering_large import large_discoveries
from mindgap.personalize.history import PURCHASE_COLUMNS, History, pair, read_history
from mindgap.personalize.model import HORIZON_DAYS
from mindgap.personalize.recommenders.factors import SURENESS, product_factors
from mindgap.personalize.tastes import (
    MIN_BUYERS,
    MOST_PRODUCTS,
    check_offer,
    discoveries,
    suited,
    tastes_model,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What may be offered, and what was bought of it.

    Attributes:
        product: Rows of the history's products, the most bought of late first.
        bought: Customers by products on offer; weights.
    """

    product: "NDArray[np.int64]"
    bought: sp.csr_matrix


@derivation(
    "customer_discoveries",
    grain="one row per known customer and one of the ten products never bought that suit the taste best",
    purpose=Purpose.PERSONALIZATION,
    inputs={"purchases": At(table="purchases", columns=PURCHASE_COLUMNS)},
    large=large_discoveries,
    customer_level=True,
    weight=4.0,
)
def customer_discoveries(tables: "Mapping[str, pa.Table]", moment: Moment) -> Built:
    """The ten products for each customer who bought any of those on offer.

    Raises:
        CannotSay: Too few purchases, or too few products on offer.
    """
    history = read_history(tables["purchases"], moment.as_of)
    offer = offered(history)
    check_offer(len(offer.product))
    factors = product_factors(offer.bought, seed=moment.seed)
    products = history.products[offer.product].tolist()
    model = tastes_model(factors, products, moment, by="alternating least squares in memory")
    found = discoveries(_lists(history, offer.bought), products=products, factors=factors)
    return Built(table=found, models=(model,))


def offered(history: History) -> Offer:
    """The products that some customers bought of late, and what each customer ever bought of them."""
    pairs = pair(history)
    lately = np.bincount(pairs.product[pairs.last_days < HORIZON_DAYS], minlength=len(history.products))
    order = np.argsort(-lately, kind="stable")[:MOST_PRODUCTS]
    product = order[lately[order] >= MIN_BUYERS]
    shape = (len(history.customers), len(history.products))
    weight = SURENESS * pairs.decayed.astype(np.float64)
    all_bought = sp.csr_matrix((weight, pairs.product, pairs.row_start), shape=shape)
    return Offer(product=product, bought=sp.csr_matrix(all_bought[:, product]))


def taste_lists(history: History, rows: "NDArray[np.int64]", *, seed: int) -> "list[NDArray[np.int64]]":
    """Product rows for some customers, best first."""
    offer = offered(history)
    if not len(offer.product):
        return [offer.product for _ in rows]
    places, scores = suited(sp.csr_matrix(offer.bought[rows]), product_factors(offer.bought, seed=seed))
    return [offer.product[own[score > 0.0]] for own, score in zip(places, scores, strict=True)]


def _lists(history: History, bought: sp.csr_matrix) -> pa.Table:
    """The customers who bought any product on offer, each with a list of what."""
    held = pa.StructArray.from_arrays(
        [pa.array(bought.indices.astype(np.int64)), pa.array(bought.data)], ["item", "weight"]
    )
    lists = pa.ListArray.from_arrays(pa.array(bought.indptr.astype(np.int32)), held)
    table = pa.table({"customer_id": pa.array(history.customers, pa.string()), "bought": lists})
    return table.filter(pa.array(np.diff(bought.indptr) > 0))
