"""How active each customer has been up to a day: the evidence that inactivity is judged by.

The same function makes it for training cut-offs in the past and for scoring now.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.analyze.models.order_history import OrderHistory

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Theme = Literal["recency", "frequency", "rhythm", "trend", "spend", "tenure"]
_HALF_LIVES_DAYS = (14, 28, 56, 112)
_WINDOWS_DAYS = (14, 28, 56, 84)
LONG_GAP_DAYS = 28
_ACTIVE_WEEKS = 12
_MONTH_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Features of all customers of a history at one day; rows of customers unseen until then are zero.

    Attributes:
        names: The features, in order of the columns.
        themes: What each feature is about, for the reasons.
        matrix: One row per customer; NaN where a customer is too new to say.
    """

    names: tuple[str, ...]
    themes: tuple[Theme, ...]
    matrix: "Floats"

    def column(self, name: str) -> "Floats":
        """One feature over all customers."""
        return self.matrix[:, self.names.index(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ages:
    """Purchase days as ages in days before the cut, with sums per customer."""

    customer: "Integers"
    age: "Floats"
    spend: "Floats"
    size: int

    def total(self, weights: "Floats") -> "Floats":
        return np.bincount(self.customer, weights=weights, minlength=self.size).astype(np.float64)


def activity_at(history: "OrderHistory", end: int) -> Activity:
    """Features of each customer from all purchase days before the day `end`."""
    past = history.between(history.first_day, end)
    ages = _Ages(
        customer=past.customer,
        age=(end - past.day).astype(np.float64),
        spend=past.spend,
        size=len(history.customer_ids),
    )
    recency, tenure = _recency(ages)
    gaps = _gaps(ages)
    features: dict[tuple[str, Theme], Floats] = {
        ("recency_days", "recency"): recency,
        ("recency_to_mean_gap", "recency"): recency / np.maximum(gaps["mean_gap_days"], 1.0),
        ("recency_to_longest_gap", "recency"): recency / np.maximum(gaps["longest_gap_days"], 1.0),
        ("tenure_days", "tenure"): tenure,
        **{(name, "rhythm"): column for name, column in gaps.items()},
        **_frequency(ages, tenure),
        **_spend(ages),
    }
    return Activity(
        names=tuple(name for name, _ in features),
        themes=tuple(theme for _, theme in features),
        matrix=np.column_stack(list(features.values())),
    )


def _recency(ages: _Ages) -> tuple["Floats", "Floats"]:
    recency, tenure = np.full(ages.size, np.inf), np.zeros(ages.size)
    np.minimum.at(recency, ages.customer, ages.age)
    np.maximum.at(tenure, ages.customer, ages.age)
    return np.where(np.isfinite(recency), recency, 0.0), tenure


def _gaps(ages: _Ages) -> dict[str, "Floats"]:
    """Days between purchases; NaN for customers with a single one."""
    same = ages.customer[1:] == ages.customer[:-1]
    gap, owner = (ages.age[:-1] - ages.age[1:])[same], ages.customer[1:][same]
    number = np.bincount(owner, minlength=ages.size).astype(np.float64)
    number[number == 0] = np.nan
    mean = np.bincount(owner, weights=gap, minlength=ages.size) / number
    square = np.bincount(owner, weights=gap**2, minlength=ages.size) / number
    longest = np.zeros(ages.size)
    np.maximum.at(longest, owner, gap)
    long = np.bincount(owner, weights=(gap > LONG_GAP_DAYS).astype(np.float64), minlength=ages.size)
    return {
        "mean_gap_days": mean,
        "sd_gap_days": np.sqrt(np.maximum(square - mean**2, 0.0)),
        "longest_gap_days": np.where(np.isnan(mean), np.nan, longest),
        "long_gaps": long.astype(np.float64),
    }


def _frequency(ages: _Ages, tenure: "Floats") -> dict[tuple[str, Theme], "Floats"]:
    purchases = ages.total(np.ones_like(ages.age))
    rate = purchases / np.maximum(tenure, 1.0)
    recent = {days: ages.total((ages.age <= days).astype(np.float64)) for days in _WINDOWS_DAYS}
    week = ages.age.astype(np.int64) // 7
    opens = np.ones(len(week), dtype=np.bool_)  # days are sorted: the first purchase day of its week
    opens[1:] = (ages.customer[1:] != ages.customer[:-1]) | (week[1:] != week[:-1])
    last_weeks = ages.customer[opens & (week < _ACTIVE_WEEKS)]
    return {
        ("purchases", "frequency"): purchases,
        ("purchases_per_day", "frequency"): rate,
        **{(f"purchases_{days}d", "frequency"): count for days, count in recent.items()},
        **{
            (f"purchases_half_life_{days}d", "frequency"): ages.total(0.5 ** (ages.age / days))
            for days in _HALF_LIVES_DAYS
        },
        ("active_weeks_12", "frequency"): np.bincount(last_weeks, minlength=ages.size).astype(np.float64),
        ("trend_28d", "trend"): np.log((recent[28] + 1) / (recent[56] - recent[28] + 1)),
        ("trend_84d", "trend"): np.log((recent[84] + 1) / (84 * rate + 1)),
    }


def _spend(ages: _Ages) -> dict[tuple[str, Theme], "Floats"]:
    spent = ages.total(ages.spend)
    return {
        ("spend", "spend"): spent,
        ("spend_per_purchase", "spend"): spent / np.maximum(ages.total(np.ones_like(ages.age)), 1.0),
        ("spend_28d", "spend"): ages.total(ages.spend * (ages.age <= _MONTH_DAYS)),
        **{
            (f"spend_half_life_{days}d", "spend"): ages.total(ages.spend * 0.5 ** (ages.age / days))
            for days in (28, 112)
        },
    }
