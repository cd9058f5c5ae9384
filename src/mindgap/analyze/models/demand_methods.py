"""Ways to forecast the purchase lines of categories, four weeks ahead.

Each takes the history as it stood at an origin and answers shape (categories, 4). All but the naive ones
work on demand freed from the calendar (people buy more in the first days of a month) and are put back on
the calendar of the weeks they forecast.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lightgbm
import numpy as np

from mindgap.analyze.models.category_series import HORIZON, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Method = Callable[[Series, int], "Numbers"]
FALL_BACK = "four-week-mean"

_LAGS = 8
_TRAINING_ORIGINS = 32
_RIDGE_WEIGHT = 1.0
_CALENDAR_WEIGHT = 0.02
_SMOOTHING = tuple(np.linspace(0.1, 0.9, 9))
_ROUNDS = 60
_BOOSTED = {
    "objective": "l1",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What the learning methods learn from: one row per category, past origin and weeks ahead.

    Attributes:
        features: Shape (rows, features); demand relative to `scale`.
        target: Demand relative to `scale`, minus the mean of the last four weeks.
        scale: Mean of the last eight weeks, which is also the row's weight.
        ahead: Weeks ahead, 0 to 3.
    """

    features: "Numbers"
    target: "Numbers"
    scale: "Numbers"
    ahead: "NDArray[np.int64]"


def naive(history: Series, seed: int) -> "Numbers":
    """The last week again."""
    del seed
    return np.repeat(history.lines[:, -1:], HORIZON, axis=1)


def four_week_mean(history: Series, seed: int) -> "Numbers":
    """The mean of the last four weeks; hard to beat, and what every other method is held against."""
    del seed
    return np.repeat(history.lines[:, -4:].mean(axis=1, keepdims=True), HORIZON, axis=1)


def calendar_mean(history: Series, seed: int) -> "Numbers":
    """The mean of the last four weeks, moved to the calendar of the weeks ahead."""
    del seed
    level, calendar = _level(history)
    return level[:, -4:].mean(axis=1, keepdims=True) * calendar


def smoothing(history: Series, seed: int) -> "Numbers":
    """Simple exponential smoothing, one constant for all categories, the best one over the history."""
    del seed
    level, calendar = _level(history)
    state = np.repeat(level[:, :4].mean(axis=1)[None], len(_SMOOTHING), axis=0)
    constant = np.array(_SMOOTHING)[:, None]
    error = np.zeros(len(_SMOOTHING))
    for week in range(4, level.shape[1]):
        ahead = level[:, week : week + HORIZON]
        error += np.abs(state[:, :, None] - ahead[None]).sum(axis=(1, 2))
        state += constant * (level[:, week] - state)
    return state[int(np.argmin(error))][:, None] * calendar


def ridge(history: Series, seed: int) -> "Numbers":
    """Ridge regression, one for each week ahead, on lags, longer means, discount and the market's trend."""
    del seed
    level, calendar = _level(history)
    past, now, scale = _examples(history, level)
    out = np.empty((len(level), HORIZON))
    for ahead in range(HORIZON):
        rows = past.ahead == ahead
        features, weight = past.features[rows], past.scale[rows]
        middle = np.average(features, axis=0, weights=weight)
        spread = np.sqrt(np.average((features - middle) ** 2, axis=0, weights=weight)) + 1e-9
        standard = (features - middle) / spread
        square = (standard * weight[:, None]).T @ standard
        square += _RIDGE_WEIGHT * weight.sum() * np.eye(len(square))
        # the mean of past errors is left out: it is the trend of that time, not of the time ahead
        error = past.target[rows] - np.average(past.target[rows], weights=weight)
        slope = np.linalg.solve(square, (standard * weight[:, None]).T @ error)
        out[:, ahead] = now[:, :4].mean(axis=1) + ((now - middle) / spread) @ slope
    return np.maximum(out, 0.0) * scale[:, None] * calendar


def boosted(history: Series, seed: int) -> "Numbers":
    """Boosted trees that minimise the absolute error, on the features of `ridge` and the weeks ahead."""
    level, calendar = _level(history)
    past, now, scale = _examples(history, level)
    data = lightgbm.Dataset(
        np.column_stack([past.features, past.ahead]), label=past.target, weight=past.scale, free_raw_data=True
    )
    trees = lightgbm.train({**_BOOSTED, "seed": seed}, data, num_boost_round=_ROUNDS)
    base = now[:, :4].mean(axis=1)
    out = np.column_stack(
        [
            base + np.asarray(trees.predict(np.column_stack([now, np.full(len(now), ahead)])))
            for ahead in range(HORIZON)
        ]
    )
    return np.maximum(out, 0.0) * scale[:, None] * calendar


#: Each method and the fewest weeks of history that it needs.
METHODS: dict[str, tuple[Method, int]] = {
    FALL_BACK: (four_week_mean, 4),
    "naive": (naive, 1),
    "calendar-mean": (calendar_mean, 12),
    "smoothing": (smoothing, 12),
    "ridge": (ridge, 16),
    "boosted": (boosted, 20),
}
BLEND = ("blend", ("ridge", "boosted"))


def forecasts(history: Series, seed: int) -> dict[str, "Numbers"]:
    """The forecast of every method that has enough history, by name, and the mean of the two that learn."""
    made = {
        name: method(history, seed) for name, (method, needed) in METHODS.items() if history.weeks >= needed
    }
    name, parts = BLEND
    if all(part in made for part in parts):
        made[name] = np.mean([made[part] for part in parts], axis=0)
    return made


def _level(history: Series) -> tuple["Numbers", "Numbers"]:
    """Demand freed from the calendar, and the factors that put the four weeks ahead back on it.

    The market's weekly total, relative to the nine weeks around, is regressed on the share of days that
    begin a month. One factor for all categories: a factor of its own for each would be mostly noise.
    """
    total = np.log(np.maximum(history.lines.sum(axis=0), 1.0))
    weeks = len(total)
    around = np.array([total[max(0, i - 4) : i + 5].mean() for i in range(weeks)])
    share = history.month_start - history.month_start[:weeks].mean()
    slope = share[:weeks] @ (total - around) / (share[:weeks] @ share[:weeks] + _CALENDAR_WEIGHT)
    factor = np.exp(slope * share)
    return history.lines / factor[:weeks], factor[weeks : weeks + HORIZON][None]


def _features(level: "Numbers", discount_share: "Numbers", origin: int) -> tuple["Numbers", "Numbers"]:
    """What is known of each category at an origin, and its scale."""
    past = level[:, :origin]
    scale: Numbers = np.maximum(past[:, -_LAGS:].mean(axis=1), 0.5)
    columns = [past[:, -lag] / scale for lag in range(1, _LAGS + 1)]
    columns += [past[:, -13:].mean(axis=1) / scale, past.mean(axis=1) / scale]
    taken_off = discount_share[:, :origin]
    usual = taken_off[:, -13:].mean(axis=1)
    columns += [
        taken_off[:, -1] - usual,
        taken_off[:, -2] - usual,
        taken_off[:, -4:].mean(axis=1) - usual,
        usual,
    ]
    market = past.sum(axis=0)
    month = market[-4:].mean()
    columns += [np.full(len(past), market[-1] / month), np.full(len(past), month / market[-8:].mean())]
    return np.column_stack([*columns, np.log(scale)]), scale


def _examples(history: Series, level: "Numbers") -> tuple[Examples, "Numbers", "Numbers"]:
    """The rows to learn from, and the features and scale of the present."""
    parts: list[tuple[Numbers, Numbers, Numbers, NDArray[np.int64]]] = []
    weeks = history.weeks
    for origin in range(max(_LAGS, weeks - _TRAINING_ORIGINS), weeks):
        features, scale = _features(level, history.discount_share, origin)
        base = features[:, :4].mean(axis=1)
        for ahead in range(min(HORIZON, weeks - origin)):
            target = level[:, origin + ahead] / scale - base
            parts.append((features, target, scale, np.full(len(scale), ahead)))
    past = Examples(
        features=np.concatenate([part[0] for part in parts]),
        target=np.concatenate([part[1] for part in parts]),
        scale=np.concatenate([part[2] for part in parts]),
        ahead=np.concatenate([part[3] for part in parts]),
    )
    return past, *_features(level, history.discount_share, weeks)
