"""What suits a taste: of the products on offer, those never bought that come nearest to it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import CannotSay
from mindgap.personalize.history import HALF_LIFE_DAYS
from mindgap.personalize.model import HORIZON_DAYS
from mindgap.personalize.recommenders.factors import RANK, least_squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_BUYERS = 3
"""A product is on offer while so many customers bought it within HORIZON_DAYS."""
MOST_PRODUCTS = 10_000
"""Of more products than this the most bought are taken."""
MIN_PRODUCTS = 20
"""Among fewer products than this there is no taste to tell."""
LISTED = 10
"""Products told of each customer."""
DISCOVERIES = pa.schema(
    [("customer_id", pa.string()), ("rank", pa.int64()), ("product_id", pa.string()), ("score", pa.float64())]
)
_BLOCK_CELLS = 1_000_000


def check_offer(products: int) -> None:
    """Raise CannotSay where too few products are on offer."""
    if products < MIN_PRODUCTS:
        raise CannotSay("few-products-lately", products=products, least=MIN_PRODUCTS)


def discoveries(customers: pa.Table, *, products: "Sequence[str]", factors: "Floats") -> pa.Table:
    """The table `customer_discoveries` of some customers, each by itself.

    Args:
        customers: `customer_id`, and `bought`: a list of {`item`: place in `products`, `weight`}.
        products: Ids of the products on offer.
        factors: Theirs.
    """
    lists: Any = pa.chunked_array([customers["bought"].combine_chunks()]).chunk(0)
    item, weight = (lists.flatten().field(name).to_numpy() for name in ("item", "weight"))
    starts = lists.offsets.to_numpy() - lists.offsets[0].as_py()
    places, scores = suited(sp.csr_matrix((weight, item, starts), shape=(len(lists), len(products))), factors)
    row, nth = np.nonzero(scores > 0.0)
    told = {
        "customer_id": customers["customer_id"].take(pa.array(row)),
        "rank": nth + 1,
        "product_id": pa.array(products, pa.string()).take(pa.array(places[row, nth])),
        "score": scores[row, nth],
    }
    return pa.table(told, schema=DISCOVERIES)


def suited(bought: sp.csr_matrix, factors: "Floats") -> tuple["NDArray[np.int64]", "Floats"]:
    """For each row the LISTED products not bought with the highest scores: their places, and the scores.

    A score is near 1 for what a customer of that taste buys, near 0 for what nobody like that does; one of 0
    or less fills rows up and tells nothing.
    """
    customers, products = len(bought.indptr) - 1, len(factors)
    listed = min(LISTED, products)
    places = np.zeros((customers, listed), dtype=np.int64)
    scores = np.zeros((customers, listed))
    step = max(1, _BLOCK_CELLS // products)
    single = factors.astype(np.float32)
    for start in range(0, customers, step):
        rows = bought[start : start + step]
        all_scores = least_squares(rows, factors).astype(np.float32) @ single.T
        all_scores[rows.nonzero()] = 0.0
        best = np.argpartition(all_scores, products - listed, axis=1)[:, products - listed :]
        found = np.take_along_axis(all_scores, best, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        places[start : start + step] = np.take_along_axis(best, order, axis=1)
        scores[start : start + step] = np.take_along_axis(found, order, axis=1)
    return places, scores


def tastes_model(factors: "Floats", products: "Sequence[str]", moment: Moment, *, by: str) -> FittedModel:
    """The factors of products as the Vault keeps them; nothing in them is of one customer."""
    card = {
        "use": "what to show customers that they never bought; not for prices or eligibility",
        "data": "orders of known customers and products; no attributes of persons",
        "as_of": moment.as_of.isoformat(),
        "trained_by": by,
        "factors": RANK,
        "products": len(products),
        "half_life_days": HALF_LIFE_DAYS,
        "horizon_days": HORIZON_DAYS,
        "evaluation": "table evaluation_recommend, task recommend-taste",
        "limits": f"only products that {MIN_BUYERS} customers bought in the last {HORIZON_DAYS} days; a score"
        " orders products and is no chance",
    }
    return FittedModel(
        name="tastes", card=card, arrays={"factors": factors}, text={"products": "\n".join(products)}
    )
