"""Customer lifetime value by the formula: a constant yearly profit, discounted over whole years."""

from typing import Literal, assert_never

import numpy as np

from mindgap.kernel.errors import UsageError

Timing = Literal["end-of-year", "start-of-year", "mid-year", "continuous"]


def discounted_value(profit: float, rate: float, years: int, *, timing: Timing) -> float:
    """What a yearly profit over some years is worth today.

    ``sum over t = 1..T of profit / (1 + rate) ** s(t)``, where s(t) is t when the profit of a year arrives
    at its end, t - 1 at its start, and t - 1/2 in its middle. ``continuous`` spreads it evenly over the
    year and discounts at the force of interest `rate`: ``profit * (1 - exp(-rate * T)) / rate``. The
    conventions differ by up to the factor 1 + rate, so the timing is always named with the figure.

    Args:
        profit: Profit per year, in any currency.
        rate: Yearly discount rate (0.10 is ten per cent); above -1.
        years: Number of years, T >= 0.
        timing: When in the year the profit arrives.

    Raises:
        UsageError: Negative years, or a rate of -1 or below.

    >>> round(discounted_value(100, 0.10, 5, timing="end-of-year"), 2)
    379.08
    >>> round(discounted_value(100, 0.10, 5, timing="start-of-year"), 2)
    416.99
    >>> round(discounted_value(100, 0.10, 5, timing="mid-year"), 2)
    397.58
    >>> round(discounted_value(100, 0.10, 5, timing="continuous"), 2)
    393.47
    """
    if years < 0 or rate <= -1:
        raise UsageError(
            f"No value over {years} years at rate {rate}.", hint="Use years >= 0 and a rate above -1."
        )
    if timing == "continuous":
        return profit * (years if rate == 0 else -float(np.expm1(-rate * years)) / rate)
    ends = np.arange(1, years + 1, dtype=np.float64)
    return float(np.sum(profit * (1.0 + rate) ** -(ends - _head_start_years(timing))))


def _head_start_years(timing: Literal["end-of-year", "start-of-year", "mid-year"]) -> float:
    match timing:
        case "end-of-year":
            return 0.0
        case "mid-year":
            return 0.5
        case "start-of-year":
            return 1.0
        case _:
            assert_never(timing)


def mean_discount_factor(rate: float, days: float) -> float:
    """The mean worth today of one unit of profit that arrives evenly over the next days.

    ``(1 - (1 + rate) ** -h) / (h ln(1 + rate))`` with h = days / 365: 1 when nothing is discounted.

    Args:
        rate: Yearly discount rate, above -1.
        days: Length of the horizon in days, above 0.

    >>> round(mean_discount_factor(0.10, 365), 4)
    0.9538
    >>> mean_discount_factor(0.0, 365)
    1.0
    """
    force = float(np.log1p(rate)) * days / 365.0
    return 1.0 if force == 0 else -float(np.expm1(-force)) / force
