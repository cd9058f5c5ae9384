"""The derived table and kept model of the recommender."""

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.purposes import Purpose
from mindgap.personalize.fitting import fit
from mindgap.personalize.history import HALF_LIFE_DAYS, PURCHASE_COLUMNS, History, read_history
from mindgap.personalize.model import HORIZON_DAYS, Recommender

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL_NAME = "recommender"
"""Its name in the Vault."""


@derivation(
    "recommender_model",
    grain="one row: the recommender as it was trained",
    purpose=Purpose.PERSONALIZATION,
    inputs={
        "purchases": At(table="purchases", columns=PURCHASE_COLUMNS),
        "product_stats": At(table="product_stats", columns=("product_id", "product_name"), optional=True),
    },
    weight=4.0,
)
def recommender_model(tables: "Mapping[str, pa.Table]", moment: Moment) -> Built:
    """Train the recommender on all purchases of products in the catalogue."""
    catalogue = tables.get("product_stats")
    history = read_history(_listed(tables["purchases"], catalogue), moment.as_of)
    model = fit(history, seed=moment.seed, labels=_labels(catalogue))
    summary = _summary(model, history)
    card = {
        "use": "rank products for one customer to buy again or to discover; not for prices or eligibility",
        "data": "order lines of known customers and products; no attributes of persons",
        "as_of": moment.as_of.isoformat(),
        "half_life_days": HALF_LIFE_DAYS,
        "horizon_days": HORIZON_DAYS,
        "evaluation": "table evaluation_recommend",
        "limits": "what is not bought in the data is never listed; rates hold for the horizon only",
        **summary,
    }
    kept = FittedModel(name=MODEL_NAME, card=card, arrays=model.arrays())
    return Built(table=pa.Table.from_pylist([summary], schema=_SCHEMA), models=(kept,))


_SCHEMA = pa.schema(
    [
        ("customers", pa.int64()),
        ("products", pa.int64()),
        ("discoverable_products", pa.int64()),
        ("order_lines", pa.int64()),
        ("neighbours", pa.int64()),
        ("neighbour_weight", pa.float64()),
        ("rates_known", pa.bool_()),
        ("bytes", pa.int64()),
    ]
)


def _summary(model: Recommender, history: History) -> dict[str, Any]:
    return {
        "customers": len(history.customers),
        "products": len(history.products),
        "discoverable_products": len(model.owners),
        "order_lines": len(history.customer),
        "neighbours": int(model.neighbour.shape[1]),
        "neighbour_weight": float(model.blend[0]),
        "rates_known": bool((model.rate == model.rate).all()),
        "bytes": sum(array.nbytes for array in model.arrays().values()),
    }


def _listed(purchases: pa.Table, catalogue: pa.Table | None) -> pa.Table:
    """Purchases of products that the catalogue lists; all of them where there is no catalogue."""
    if catalogue is None or not len(catalogue):
        return purchases
    ids = catalogue["product_id"].combine_chunks().cast(purchases["product_id"].type)
    return purchases.filter(pc.field("product_id").isin(ids))


def _labels(catalogue: pa.Table | None) -> dict[str, str]:
    if catalogue is None or "product_name" not in catalogue.column_names:
        return {}
    named = catalogue.filter(catalogue["product_name"].is_valid())
    return dict(zip(named["product_id"].to_pylist(), named["product_name"].to_pylist(), strict=True))
