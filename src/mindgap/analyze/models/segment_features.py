"""What customers are grouped by: a few figures on comparable scales."""

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a figure is brought to the common scale.

    Attributes:
        middle: The median.
        spread: What is one on the common scale.
    """

    middle: float
    spread: float


def traits(features: "pa.Table", scales: Mapping[str, Scale] | None = None) -> Traits:
    """The figures from `customer_features`.

    - recency, tenure: days since the last and the first purchase
    - frequency: orders per 28 days since the first purchase
    - pace: orders in the last 84 days over those to expect from the whole record; 1 is as usual
    - basket: spend per order
    - discount: share of the price taken off (0-1)
    - categories: number of categories bought
    - weekend: share of orders at weekends (0-1)

    Args:
        features: The rows.
        scales: Of the figures, where these rows are a part of many; by default those of the rows themselves.
    """
    plain = _plain(features)
    found = scales_of(features) if scales is None else scales
    return Traits(
        customers=features["customer_id"],
        spend=np.nan_to_num(_column(features, "spend")),
        plain={name: plain[name] for name in found},
        scaled={name: _scaled(_even(name, plain[name]), scale) for name, scale in found.items()},
    )


def scales_of(features: "pa.Table") -> dict[str, Scale]:
    """The scale of each figure that differs among these rows."""
    scales = {name: _scale(_even(name, values)) for name, values in _plain(features).items()}
    return {name: scale for name, scale in scales.items() if scale is not None}


def _plain(features: "pa.Table") -> dict[str, "Numbers"]:
    orders, tenure = _column(features, "orders"), np.maximum(_column(features, "tenure_days"), 1.0)
    expected = orders * np.minimum(_RECENT_DAYS, tenure) / tenure
    return {
        "recency": _column(features, "recency_days"),
        "tenure": tenure,
        "frequency": orders * _MONTH_DAYS / np.maximum(tenure, _MONTH_DAYS),
        "pace": (_column(features, "orders_84d") + 1.0) / (expected + 1.0),
        "basket": _column(features, "avg_order_value"),
        "discount": _column(features, "discount_share"),
        "categories": _column(features, "categories"),
        "weekend": _column(features, "weekend_share"),
    }


def _column(features: "pa.Table", name: str) -> "Numbers":
    return features[name].to_numpy().astype(np.float64)


def _even(name: str, values: "Numbers") -> "Numbers":
    """The values with their long tail drawn in, where they have one."""
    if name in _LOGARITHMIC:
        return np.log1p(np.maximum(values, 0.0))
    return np.log(values) if name == "pace" else values


def _scale(values: "Numbers") -> Scale | None:
    """The scale of the values; None when they do not differ."""
    known = values[np.isfinite(values)]
    if not len(known) or float(np.ptp(known)) < 1e-9:  # noqa: PLR2004 - rounding of floats
        return None
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    spread = max(float(high - low) / _NORMAL_IQR, float(known.std()) / 2.0)
    return Scale(middle=float(middle), spread=spread)


def _scaled(values: "Numbers", scale: Scale) -> "Numbers":
    """The values on the common scale. A missing value counts as typical."""
    return np.clip(np.nan_to_num((values - scale.middle) / scale.spread), -_FARTHEST, _FARTHEST)
