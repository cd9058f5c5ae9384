"""What customers are grouped by: a few figures on comparable scales."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_NORMAL_IQR = 1.349
_FARTHEST = 3.0
_RECENT_DAYS = 84.0
_MONTH_DAYS = 28.0

#: Used to form the groups.
GROUPED_BY = ("recency", "tenure", "frequency", "basket")
#: Used to describe them as well. More figures to group by make groups less repeatable and say less on spend.
DESCRIBED_BY = (*GROUPED_BY, "pace", "discount", "categories", "weekend")
_LOGARITHMIC = ("recency", "tenure", "frequency", "basket", "categories")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Figures of customers; a figure that nobody has, or all have alike, is left out.

    Attributes:
        customers: Their ids, in the order of the rows.
        spend: Spend so far, per customer.
        plain: Each figure as people read it.
        scaled: Each figure with median 0 and, were it normal, deviation 1; cut at 3.
    """

    customers: "pa.ChunkedArray"
    spend: "Numbers"
    plain: dict[str, "Numbers"]
    scaled: dict[str, "Numbers"]

    @property
    def matrix(self) -> "Numbers":
        """The scaled figures that form the groups, shape (customers, figures)."""
        columns = [self.scaled[name] for name in GROUPED_BY if name in self.scaled]
        return np.column_stack(columns) if columns else np.zeros((len(self.spend), 1))


def traits(features: "pa.Table") -> Traits:
    """The figures from `customer_features`.

    - recency, tenure: days since the last and the first purchase
    - frequency: orders per 28 days since the first purchase
    - pace: orders in the last 84 days over those to expect from the whole record; 1 is as usual
    - basket: spend per order
    - discount: share of the price taken off (0-1)
    - categories: number of categories bought
    - weekend: share of orders at weekends (0-1)
    """
    orders, tenure = _column(features, "orders"), np.maximum(_column(features, "tenure_days"), 1.0)
    expected = orders * np.minimum(_RECENT_DAYS, tenure) / tenure
    plain = {
        "recency": _column(features, "recency_days"),
        "tenure": tenure,
        "frequency": orders * _MONTH_DAYS / np.maximum(tenure, _MONTH_DAYS),
        "pace": (_column(features, "orders_84d") + 1.0) / (expected + 1.0),
        "basket": _column(features, "avg_order_value"),
        "discount": _column(features, "discount_share"),
        "categories": _column(features, "categories"),
        "weekend": _column(features, "weekend_share"),
    }
    scaled = {name: _scaled(name, values) for name, values in plain.items()}
    told = {name: values for name, values in scaled.items() if values is not None}
    return Traits(
        customers=features["customer_id"],
        spend=np.nan_to_num(_column(features, "spend")),
        plain={name: plain[name] for name in told},
        scaled=told,
    )


def _column(features: "pa.Table", name: str) -> "Numbers":
    return features[name].to_numpy().astype(np.float64)


def _scaled(name: str, values: "Numbers") -> "Numbers | None":
    """The values on the common scale; None when they do not differ. A missing value counts as typical."""
    if name in _LOGARITHMIC:
        values = np.log1p(np.maximum(values, 0.0))
    elif name == "pace":
        values = np.log(values)
    known = values[np.isfinite(values)]
    if not len(known) or float(np.ptp(known)) < 1e-9:  # noqa: PLR2004 - rounding of floats
        return None
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    spread = max(float(high - low) / _NORMAL_IQR, float(known.std()) / 2.0)
    return np.clip(np.nan_to_num((values - middle) / spread), -_FARTHEST, _FARTHEST)
