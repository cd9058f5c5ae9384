"""How much of each category will be bought in the next four weeks.

The method is chosen by its errors at earlier origins (four, eight and twelve weeks ago); what does not beat
the mean of the last four weeks there is not used. Intervals come from the same earlier errors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.category_series import HORIZON, INPUTS, MOST_CATEGORIES, Series, category_series
from mindgap.analyze.models.demand_methods import FALL_BACK, forecasts
from mindgap.kernel.derivation import Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import (
    Evaluation,
    Trial,
    bootstrap_means,
    bootstrap_statistic,
    evaluation_table,
    interval,
)
from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_ORIGINS = 3
_FIRST_ORIGIN = 8
_RATIO_WEEKS = 13
_SIZE_GROUPS = 3
_ENDS = (0.025, 0.975)
_ERROR_POWER = 0.75

Forecasts = dict[str, "Numbers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast with its 95 % interval, shape (categories, 4) each.

    Attributes:
        method: How it was made.
        lines: Purchase lines.
        units: Units: the lines times the units per line of the last thirteen weeks.
        lines_ends: Lower and upper end of the lines.
        units_ends: Lower and upper end of the units.
        wape: Error of each method at the earlier origins, as a share of demand.
    """

    method: str
    lines: "Numbers"
    units: "Numbers"
    lines_ends: tuple["Numbers", "Numbers"]
    units_ends: tuple["Numbers", "Numbers"]
    wape: Mapping[str, float]


class RollingForecasts:
    """The forecasts of every method at every origin asked for; each is made once."""

    def __init__(self, series: Series, *, seed: int) -> None:
        self.series = series
        self._seed = seed
        self._made: dict[int, Forecasts] = {}

    def at(self, origin: int) -> Forecasts:
        """Forecasts made after `origin` weeks, which see nothing later."""
        if origin not in self._made:
            self._made[origin] = forecasts(self.series.until(origin), self._seed)
        return self._made[origin]


@derivation(
    "demand_forecast",
    grain="one row per category and week ahead",
    purpose=Purpose.OPERATIONS,
    inputs=INPUTS,
    weight=4.0,
)
def demand_forecast(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """Units and purchase lines of the (up to) 200 largest categories, with 95 % intervals.

    Where no category is known, `category` holds products.

    Raises:
        CannotSay: Neither categories nor products are known, or there are fewer than twelve full weeks.
    """
    series = category_series(tables, moment)
    made = forecast_at(RollingForecasts(series, seed=moment.seed), series.weeks)
    count = len(series.categories)
    table = pa.table(
        {
            "category": np.repeat(np.array(series.categories, dtype=object), HORIZON),
            "week_ahead": np.tile(np.arange(1, HORIZON + 1), count),
            "units": made.units.ravel(),
            "low": made.units_ends[0].ravel(),
            "high": made.units_ends[1].ravel(),
            "lines": made.lines.ravel(),
            "lines_low": made.lines_ends[0].ravel(),
            "lines_high": made.lines_ends[1].ravel(),
            "method": [made.method] * (count * HORIZON),
        }
    )
    card = {
        "intended_use": "Weekly demand of product categories, four weeks ahead, for ordering and staffing.",
        "training_data": "category_week",
        "as_of": moment.as_of.isoformat(),
        "method": made.method,
        "validation_wape": dict(made.wape),
        "limits": "One year of history shows no yearly season; planned promotions are not known.",
    }
    return Built(table=table, models=(FittedModel(name="demand", card=card),))


@derivation(
    "evaluation_demand",
    grain="one row per figure",
    purpose=Purpose.OPERATIONS,
    inputs=INPUTS,
    weight=6.0,
)
def evaluation_demand(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Errors at the last three origins (4, 8 and 12 weeks ago), method and categories chosen before each.

    Raises:
        CannotSay: The history is too short for an origin with one to choose the method on.
    """
    origins = _test_origins(category_series(tables, moment).weeks)
    series = category_series(tables, moment, unseen_weeks=HORIZON * len(origins))
    rolling = RollingForecasts(series, seed=moment.seed)
    made = [forecast_at(rolling, origin) for origin in origins]
    base = np.hstack([rolling.at(origin)[FALL_BACK] for origin in origins])
    ours = np.hstack([forecast.lines for forecast in made])
    actual = _actual(series.lines, origins)
    ratio = np.hstack(
        [np.repeat(units_per_line(series.until(origin)), HORIZON, axis=1) for origin in origins]
    )
    means = np.hstack(
        [series.units[:, origin - HORIZON : origin].mean(axis=1, keepdims=True) for origin in origins]
    )
    units = (_actual(series.units, origins), ours * ratio, np.repeat(means, HORIZON, axis=1))
    start = moment.as_of - timedelta(weeks=HORIZON * len(origins))
    period = f"{start.date().isoformat()}/{moment.as_of.date().isoformat()}"
    rows = [
        _error_figure("wape", _pooled, (actual, ours, base), moment=moment, period=period),
        # units of fuel and of yoghurt do not add up: each category counts the same
        _error_figure("mean-wape-units", _average, units, moment=moment, period=period),
        _coverage(made, actual, moment=moment, period=period),
    ]
    return evaluation_table(rows)


def forecast_at(rolling: RollingForecasts, origin: int) -> Forecast:
    """The forecast after `origin` weeks by the method that did best at the origins before it."""
    earlier = [origin - HORIZON * k for k in range(1, _ORIGINS + 1) if origin - HORIZON * k >= _FIRST_ORIGIN]
    series = rolling.series
    actual = _actual(series.lines, earlier)
    known = set.intersection(*(set(rolling.at(past)) for past in earlier))
    wape = {
        name: _wape(actual, np.hstack([rolling.at(past)[name] for past in earlier]))
        for name in rolling.at(origin)
        if name in known
    }
    method = min(wape, key=lambda name: (wape[name], name != FALL_BACK))
    lines = rolling.at(origin)[method]
    rate = units_per_line(series.until(origin))
    past_lines = [rolling.at(past)[method] for past in earlier]
    past_units = [
        units / units_per_line(series.until(past))
        for past, units in zip(earlier, _by_origin(series.units, earlier), strict=True)
    ]
    ends = _ends(lines, past_lines, _by_origin(series.lines, earlier))
    alike = _ends(lines, past_lines, past_units)
    return Forecast(
        method=method,
        lines=lines,
        units=lines * rate,
        lines_ends=ends,
        units_ends=(alike[0] * rate, alike[1] * rate),
        wape=wape,
    )


def units_per_line(history: Series) -> "Numbers":
    """Units per purchase line of each category over its last thirteen weeks, shape (categories, 1)."""
    lines = history.lines[:, -_RATIO_WEEKS:].sum(axis=1, keepdims=True)
    units = history.units[:, -_RATIO_WEEKS:].sum(axis=1, keepdims=True)
    return np.where((lines > 0) & (units > 0), units / np.maximum(lines, 1.0), 1.0)


def _test_origins(weeks: int) -> list[int]:
    """The last origins, in order, that leave room for one to choose the method on."""
    needed = _FIRST_ORIGIN + 2 * HORIZON
    if weeks < needed:
        raise CannotSay("analyze-few-weeks", weeks=weeks, needed=needed)
    return [weeks - HORIZON * k for k in range(_ORIGINS, 0, -1) if weeks - HORIZON * k >= needed - HORIZON]


def _by_origin(values: "Numbers", origins: list[int]) -> "list[Numbers]":
    return [values[:, origin : origin + HORIZON] for origin in origins]


def _actual(values: "Numbers", origins: list[int]) -> "Numbers":
    return np.hstack(_by_origin(values, origins))


def _wape(actual: "Numbers", forecast: "Numbers") -> float:
    """Sum of absolute errors over the sum of demand."""
    return float(np.abs(actual - forecast).sum() / max(float(actual.sum()), 1e-9))


def _ends(forecast: "Numbers", past: "list[Numbers]", actual: "list[Numbers]") -> tuple["Numbers", "Numbers"]:
    """The 95 % interval: quantiles of past errors, by size of category and weeks ahead.

    Errors grow faster than the root of demand (as pure chance would have it) and slower than demand; they
    are compared after division by its power 0.75.
    """
    errors = np.stack([(y - f) / (f + 1.0) ** _ERROR_POWER for y, f in zip(actual, past, strict=True)])
    count = len(forecast)
    group = np.arange(count) * (_SIZE_GROUPS if count >= MOST_CATEGORIES // 4 else 1) // count
    low, high = np.empty_like(forecast), np.empty_like(forecast)
    for one in np.unique(group):
        rows = group == one
        spread = (forecast[rows] + 1.0) ** _ERROR_POWER
        seen = errors[:, rows].reshape(-1, HORIZON)
        low[rows] = forecast[rows] + spread * np.quantile(seen, _ENDS[0], axis=0, method="lower")
        high[rows] = forecast[rows] + spread * np.quantile(seen, _ENDS[1], axis=0, method="higher")
    return np.clip(low, 0.0, forecast), np.maximum(high, forecast)


def _pooled(error: "Numbers", demand: "Numbers") -> float:
    return float(error.sum() / max(float(demand.sum()), 1e-9))


def _average(error: "Numbers", demand: "Numbers") -> float:
    return float(np.minimum(error / np.maximum(demand, 1.0), 1.0).mean())


def _error_figure(
    metric: str,
    figure: Callable[["Numbers", "Numbers"], float],
    demands: tuple["Numbers", "Numbers", "Numbers"],
    *,
    moment: Moment,
    period: str,
) -> Evaluation:
    """An error of our forecast beside that of the four-week mean; bootstrap over categories."""
    actual, ours, base = demands
    demand = actual.sum(axis=1)
    error, base_error = (np.abs(actual - made).sum(axis=1) for made in (ours, base))

    def both(rows: "NDArray[np.int64]") -> tuple[float, float]:
        return figure(error[rows], demand[rows]), figure(base_error[rows], demand[rows])

    draws = bootstrap_statistic(len(demand), both, seed=moment.seed, name=f"demand-{metric}")
    values = both(np.arange(len(demand)))
    trial = Trial(task="demand", data=moment.workspace, baseline=FALL_BACK, n=len(demand), period=period)
    return trial.figure(metric, values, draws, better="lower")


def _coverage(made: list[Forecast], actual: "Numbers", *, moment: Moment, period: str) -> Evaluation:
    """Share of weeks whose lines fell into their 95 % interval."""
    low, high = (np.hstack([forecast.lines_ends[end] for forecast in made]) for end in (0, 1))
    inside = ((actual >= low) & (actual <= high)).mean(axis=1)
    ends = interval(bootstrap_means(inside, seed=moment.seed, name="demand-coverage")[:, 0])
    return Evaluation(
        task="demand",
        data=moment.workspace,
        metric="coverage-95",
        value=float(inside.mean()),
        low=ends[0],
        high=ends[1],
        baseline="nominal",
        baseline_value=_ENDS[1] - _ENDS[0],
        n=len(inside),
        better="higher",
        beats_baseline=None,
        period=period,
    )
