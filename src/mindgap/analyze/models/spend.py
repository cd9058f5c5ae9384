"""How much a customer spends on an order: the gamma-gamma model.

Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025. The value of an
order is gamma distributed with shape p around a personal mean; the personal means follow an inverse-gamma
law with shape q and scale v. A customer with few orders is drawn towards the population.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_BOUND = 12.0  # of log parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendModel:
    """A fitted gamma-gamma model.

    Attributes:
        p: Shape of an order's value.
        q: Shape of the personal means.
        v: Scale of the personal means, in the currency.
        log_likelihood: Of all customers with a repeat purchase.
        boundary: True when the parameters ran away or the population mean is not finite (q <= 1).
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    boundary: bool

    @property
    def population_mean(self) -> float:
        """The mean order value over customers, ``p v / (q - 1)``; finite only off the boundary."""
        return self.p * self.v / (self.q - 1.0)


def fit_spend(repeats: "Floats", mean_spend: "Floats", customers: "Floats | None" = None) -> SpendModel:
    """Fit the model by maximum likelihood (L-BFGS-B over log parameters, analytic gradient).

    Args:
        repeats: Number of orders behind each mean, above 0.
        mean_spend: Mean value of those orders, above 0.
        customers: Number of customers per row; one each by default.
    """
    weight = np.ones(len(repeats)) if customers is None else customers
    scale = float(np.average(mean_spend, weights=weight))
    total = float(weight.sum())
    likelihood = _Likelihood(x=repeats, z=mean_spend / scale, n=weight)
    found = minimize(
        lambda theta: tuple(part / total for part in likelihood(theta)),
        np.log([2.0, 2.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 3,
        options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-8},
    )
    theta = np.asarray(found.x, dtype=np.float64)
    p, q, v = (float(value) for value in np.exp(theta))
    return SpendModel(
        p=p,
        q=q,
        v=v * scale,
        log_likelihood=-likelihood(theta)[0] - total * float(np.log(scale)),
        boundary=q <= 1.0 or bool(np.any(abs(theta) > _BOUND - 2)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likelihood:
    """Log-likelihood and gradient over the logs of (p, q, v)."""

    x: "Floats"
    z: "Floats"  # mean order value, in units of its mean over customers: v then starts near 1
    n: "Floats"

    def __call__(self, theta: "Floats") -> tuple[float, "Floats"]:
        """The negative log-likelihood and its gradient."""
        p, q, v = np.exp(theta)
        x, n, px = self.x, self.n, p * self.x
        spent = x * self.z
        log_total = np.log(spent + v)
        value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * theta[2]
        value += px * np.log(spent) - np.log(self.z) - (px + q) * log_total
        d_p = x * (digamma(px + q) - digamma(px) + np.log(spent) - log_total)
        d_q = digamma(px + q) - digamma(q) + theta[2] - log_total
        d_v = q / v - (px + q) / (spent + v)
        return -float(n @ value), -np.array([p * (n @ d_p), q * (n @ d_q), v * (n @ d_v)])


def expected_spend(model: SpendModel, repeats: "Floats", mean_spend: "Floats") -> "Floats":
    """Expected value of a customer's next order, ``p (v + x z) / (p x + q - 1)``.

    One-time buyers (x = 0) get the population's mean; their only order says too little of them.

    Args:
        model: A model off the boundary.
        repeats: x, orders behind the mean.
        mean_spend: z, the mean value of those orders; ignored where x is 0.
    """
    spent = np.where(repeats > 0, repeats * mean_spend, 0.0)
    return model.p * (model.v + spent) / (model.p * repeats + model.q - 1.0)
