"""The market forecast q0: the best guess about the next purchase that uses nothing about the customer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells

#: Lines that each value, OTHER included, is given for free (Krichevsky and Trofimov 1981): no value gets
#: zero probability, and values never seen before share the half line of OTHER.
FREE_LINES = 0.5
#: Half-lives tried, in weeks.
HALF_LIVES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 13.0, 26.0, float("inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A market forecast.

    Attributes:
        half_life_weeks: How fast popularity is forgotten.
        share: Probability of each value; sums to 1, none is 0.
    """

    half_life_weeks: float
    share: "NDArray[np.float64]"


def popularity(cells: "Cells", age: int, half_life: float) -> "NDArray[np.float64]":
    """Share of each value among the lines known at `age` weeks before the cut, recent ones weighing more."""
    lines = cells.totals(age, half_life) + FREE_LINES
    return lines / lines.sum()


def bits_per_line(share: "NDArray[np.float64]", lines: "NDArray[Any]") -> float:
    """Mean of -log2 share over lines counted by value."""
    return float(-(lines @ np.log2(share)) / lines.sum())


def best_half_life(cells: "Cells", *, horizon: int, folds: int = 3) -> float:
    """The half-life that forecast the last weeks before the cut best.

    Each fold forecasts `horizon` weeks from what was known before them; the youngest ends at the cut.

    Args:
        cells: Evidence; entries after the cut are not looked at.
        horizon: Weeks forecast in a fold.
        folds: How many stretches, as far as the history reaches.
    """
    cost = np.zeros(len(HALF_LIVES))
    for fold in range(folds):
        oldest = (fold + 1) * horizon - 1
        target = cells.bought(fold * horizon, oldest)
        if cells.oldest <= oldest or target.sum() == 0:
            continue
        cost += [bits_per_line(popularity(cells, oldest + 1, life), target) for life in HALF_LIVES]
    return HALF_LIVES[int(cost.argmin())] if cost.any() else float("inf")


def market_forecast(cells: "Cells", age: int, half_life: float) -> Market:
    """The market forecast as known at `age` weeks before the cut."""
    return Market(half_life_weeks=half_life, share=popularity(cells, age, half_life))
