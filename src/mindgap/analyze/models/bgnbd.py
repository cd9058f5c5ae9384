"""How often customers will buy again when they may also have left: BG/NBD, MBG/NBD and NBD.

A customer buys at a personal rate lambda ~ Gamma(r, alpha) and leaves for good with a personal probability
p ~ Beta(a, b): after a repeat purchase (BG/NBD: Fader, Hardie & Lee 2005, Marketing Science 24(2)), or also
after the first one (MBG/NBD: Batislam, Denizel & Filiztekin 2007), or never (NBD). The sufficient figures
of a customer are x repeat purchases, the last of them at t_x, and T, all counted from the first purchase.
Equal (x, t_x, T) are fitted once with their number, and the gradient is analytic.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, hyp2f1

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Variant = Literal["bg-nbd", "mbg-nbd", "nbd"]

# Above this relative standard error the 95 % interval of a positive parameter reaches zero: the data does
# not tell it from none.
_WIDEST_RELATIVE_ERROR = 0.5
_BOUND = 12.0  # of log parameters: e^12 = 162,755
_NEAR_ONE = 1e-6
_PARAMETERS = {"bg-nbd": 4, "mbg-nbd": 4, "nbd": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseCounts:
    """Distinct (x, t_x, T) with the number of customers who share them.

    Attributes:
        repeats: x, purchases after the first.
        last: t_x, time of the last purchase after the first; 0 when x is 0.
        observed: T, time from the first purchase to now.
        customers: Number of customers.
    """

    repeats: "Floats"
    last: "Floats"
    observed: "Floats"
    customers: "Floats"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyModel:
    """A fitted model of repeat purchases; times are in the unit of the counts it was fitted on.

    Attributes:
        variant: Which model.
        r: Shape of the purchase rate.
        alpha: Inverse scale of the purchase rate, in time units.
        a: First parameter of the drop-out probability; 0 for NBD.
        b: Second one; 1 for NBD.
        log_likelihood: Of all customers.
        standard_errors: Of (r, alpha, a, b) as far as the variant has them; None when not identified.
        boundary: True when the likelihood keeps rising towards the edge, or is flat: the parameters mean
            nothing then, and P(alive) must not be shown.
    """

    variant: Variant
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    standard_errors: tuple[float, ...] | None
    boundary: bool


def compress(
    repeats: "NDArray[np.int64]", last_days: "NDArray[np.int64]", observed_days: "NDArray[np.int64]"
) -> tuple[PurchaseCounts, "NDArray[np.int64]"]:
    """Group customers with equal figures.

    Args:
        repeats: x of each customer.
        last_days: t_x in whole days.
        observed_days: T in whole days.

    Returns:
        The counts, times in days, and for each customer the position of its cell.
    """
    width = max(int(observed_days.max(initial=0)), int(last_days.max(initial=0))) + 1
    key = (repeats * width + last_days) * width + observed_days
    cells, inverse, customers = np.unique(key, return_inverse=True, return_counts=True)
    rest, observed = np.divmod(cells, width)
    x, last = np.divmod(rest, width)
    counts = PurchaseCounts(
        repeats=x.astype(np.float64),
        last=last.astype(np.float64),
        observed=observed.astype(np.float64),
        customers=customers.astype(np.float64),
    )
    return counts, inverse.astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likelihood:
    """Log-likelihood and gradient over log parameters, with what does not change between calls."""

    counts: PurchaseCounts
    variant: Variant
    levels: "Floats"  # distinct x
    level_customers: "Floats"
    may_leave: "NDArray[np.bool_]"  # cells whose last purchase can have been the end

    def __call__(self, log_parameters: "Floats") -> tuple[float, "Floats"]:
        """The negative log-likelihood and its gradient."""
        r, alpha, a, b = _unpack(log_parameters)
        value, gradient = self._by_cell(r, alpha, np.array([a, b]))
        level_value, level_gradient = self._by_level(r, alpha, np.array([a, b]))
        used = len(log_parameters)
        total = (gradient + level_gradient)[:used] * np.array([r, alpha, a, b])[:used]
        return -(value + level_value), -total

    def _by_cell(self, r: float, alpha: float, leaving: "Floats") -> tuple[float, "Floats"]:
        """Terms that depend on t_x and T: ln(alive + left), weights w = left / (alive + left)."""
        c, n = self.counts, self.counts.customers
        log_now, log_last = np.log(alpha + c.observed), np.log(alpha + c.last)
        alive = -(r + c.repeats) * log_now
        if self.variant == "nbd":
            slope = -(r + c.repeats) / (alpha + c.observed)
            return float(n @ alive), np.array([-(n @ log_now), n @ slope, 0.0, 0.0])
        a, b = leaving
        after = np.where(self.may_leave, b + c.repeats + _shift(self.variant) - 1.0, 1.0)
        left = np.where(self.may_leave, np.log(a / after) - (r + c.repeats) * log_last, -np.inf)
        total = np.logaddexp(alive, left)
        w = np.exp(left - total)
        slope = -(r + c.repeats) * ((1 - w) / (alpha + c.observed) + w / (alpha + c.last))
        gradient = [-(n @ ((1 - w) * log_now + w * log_last)), n @ slope, n @ w / a, -(n @ (w / after))]
        return float(n @ total), np.array(gradient)

    def _by_level(self, r: float, alpha: float, leaving: "Floats") -> tuple[float, "Floats"]:
        """Terms that depend on x alone."""
        x, n = self.levels, self.level_customers
        total = n.sum()
        value = n @ (gammaln(r + x) - gammaln(r)) + total * r * np.log(alpha)
        d_r = n @ (digamma(r + x) - digamma(r)) + total * np.log(alpha)
        if self.variant == "nbd":
            return float(value), np.array([d_r, total * r / alpha, 0.0, 0.0])
        a, b = leaving
        y = x + _shift(self.variant)
        value += n @ (gammaln(b + y) - gammaln(a + b + y) + gammaln(a + b) - gammaln(b))
        d_a = n @ (digamma(a + b) - digamma(a + b + y))
        d_b = d_a + n @ (digamma(b + y) - digamma(b))
        return float(value), np.array([d_r, total * r / alpha, d_a, d_b])


def _shift(variant: Variant) -> int:
    """How many chances to leave a customer with x repeats has passed, beyond x."""
    return 1 if variant == "mbg-nbd" else 0


def _unpack(log_parameters: "Floats") -> tuple[float, float, float, float]:
    values = np.exp(log_parameters)
    a, b = (float(values[2]), float(values[3])) if len(values) == _PARAMETERS["bg-nbd"] else (0.0, 1.0)
    return float(values[0]), float(values[1]), a, b


def fit_frequency(counts: PurchaseCounts, variant: Variant = "bg-nbd") -> FrequencyModel:
    """Fit a model by maximum likelihood (L-BFGS-B over log parameters).

    Args:
        counts: Customers; times in one unit, weeks by custom.
        variant: Which model.

    Returns:
        The fitted model. Look at `boundary` before using its parameters.
    """
    levels, position = np.unique(counts.repeats, return_inverse=True)
    likelihood = _Likelihood(
        counts=counts,
        variant=variant,
        levels=levels,
        level_customers=np.bincount(position, weights=counts.customers).astype(np.float64),
        may_leave=(counts.repeats > 0) | (variant == "mbg-nbd"),
    )
    size = _PARAMETERS[variant]
    scale = float(counts.customers.sum())
    start = np.array([0.0, np.log(max(float(np.average(counts.observed)) / 4, 1e-3)), 0.0, 0.5])[:size]
    found = minimize(
        lambda theta: tuple(part / scale for part in likelihood(theta)),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * size,
        options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-8},
    )
    theta = np.asarray(found.x, dtype=np.float64)
    log_errors = _log_standard_errors(likelihood, theta)
    boundary = log_errors is None or bool(
        np.any(log_errors > _WIDEST_RELATIVE_ERROR) | np.any(abs(theta) > _BOUND - 2)
    )
    r, alpha, a, b = _unpack(theta)
    return FrequencyModel(
        variant=variant,
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        log_likelihood=-likelihood(theta)[0],
        standard_errors=None if log_errors is None else tuple(float(e) for e in log_errors * np.exp(theta)),
        boundary=boundary,
    )


def _log_standard_errors(likelihood: _Likelihood, theta: "Floats") -> "Floats | None":
    """Standard errors of the log parameters by the observed information; None when it is singular."""
    step = 1e-4
    rows = [
        (likelihood(theta + step * unit)[1] - likelihood(theta - step * unit)[1]) / (2 * step)
        for unit in np.eye(len(theta))
    ]
    information = (np.array(rows) + np.array(rows).T) / 2
    values, vectors = np.linalg.eigh(information)
    if values.min() <= 1e-8 * max(values.max(), 1.0):
        return None
    return np.sqrt(np.sum(vectors**2 / values, axis=1))


def probability_alive(model: FrequencyModel, counts: PurchaseCounts) -> "Floats":
    """P(still a customer) of each cell; NaN where the model cannot say.

    BG/NBD holds every one-time buyer for alive with certainty, because it lets nobody leave before the
    first repeat purchase: NaN there. NaN throughout when the parameters are at the boundary.
    """
    if model.boundary or model.variant == "nbd":
        return np.full(len(counts.repeats), np.nan)
    alive = 1.0 / (1.0 + _odds_left(model, counts))
    return alive if model.variant == "mbg-nbd" else np.where(counts.repeats > 0, alive, np.nan)


def _odds_left(model: FrequencyModel, counts: PurchaseCounts) -> "Floats":
    x = counts.repeats
    may_leave = (x > 0) | (model.variant == "mbg-nbd")
    after = np.where(may_leave, model.b + x + _shift(model.variant) - 1.0, 1.0)
    ratio = (model.r + x) * np.log((model.alpha + counts.observed) / (model.alpha + counts.last))
    return np.where(may_leave, np.exp(np.log(max(model.a, 1e-300) / after) + ratio), 0.0)


def expected_purchases(model: FrequencyModel, counts: PurchaseCounts, horizon: float) -> "Floats":
    """Expected purchases of each cell over the next `horizon` time units, given its history.

    The hypergeometric function is taken after Euler's transformation, so that it neither overflows nor
    loses digits when x is large:
    ``(1 - z)^(r+x) F(r+x, b+y; a+b+y-1; z) = (1 - z)^(a-1) F(a+b+s-1-r, a-1; a+b+y-1; z)``
    with y = x + s, z = horizon / (alpha + T + horizon), and s = 1 for MBG/NBD, else 0.
    """
    x = counts.repeats
    if model.variant == "nbd":
        return (model.r + x) / (model.alpha + counts.observed) * horizon
    shift = _shift(model.variant)
    a = model.a if abs(model.a - 1.0) > _NEAR_ONE else 1.0 + _NEAR_ONE  # 0 / 0 at 1; the limit is smooth
    upper = a + model.b + x + shift - 1.0
    z = horizon / (model.alpha + counts.observed + horizon)
    series = hyp2f1(a + model.b + shift - 1.0 - model.r, a - 1.0, upper, z)
    ever = upper / (a - 1.0) * (1.0 - (1.0 - z) ** (a - 1.0) * series)
    return ever / (1.0 + _odds_left(model, counts))
