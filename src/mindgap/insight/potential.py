"""Whether one-for-all would do: the mutual information between customer and outcome."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.outcomes import Lines

#: Customers looked at, at most; a random sample beyond that.
SAMPLE_SIZE = 4000
#: Shuffles that make the null.
SHUFFLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """The personalization potential.

    With few lines per customer the null takes away more than chance added (it spreads over more values
    than a customer has), so the figure is then too low: read it as a lower bound.

    Attributes:
        bits: I(C; Y) in bits per outcome, the null subtracted.
        null_bits: What the same estimate gives when baskets are dealt to customers at random: chance.
    """

    bits: float
    null_bits: float


def potential(lines: "Lines", rng: np.random.Generator) -> Potential:
    """Mutual information of customer and value, plug-in less its mean under shuffled baskets.

    Whole baskets are dealt anew, not single lines, since the lines of a basket belong together even where
    all customers are alike.
    """
    customer, value, order = lines.customer, lines.value, lines.order
    n_customers = len(lines.customers)
    if n_customers > SAMPLE_SIZE:
        chosen = np.sort(rng.choice(n_customers, SAMPLE_SIZE, replace=False))
        kept = np.isin(customer, chosen)
        customer = np.searchsorted(chosen, customer[kept])
        value, order, n_customers = value[kept], order[kept], SAMPLE_SIZE
    n_values = len(lines.values)
    found = mutual_information(customer, value, (n_customers, n_values))
    is_there = np.bincount(order) > 0
    basket = (np.cumsum(is_there) - 1)[order]
    owner = np.zeros(int(is_there.sum()), dtype=np.int64)
    owner[basket] = customer
    null = np.array(
        [
            mutual_information(rng.permutation(owner)[basket], value, (n_customers, n_values))
            for _ in range(SHUFFLES)
        ]
    )
    chance = float(null.mean())
    return Potential(bits=found - chance, null_bits=chance)


def mutual_information(
    first: "NDArray[np.int64]", second: "NDArray[np.int64]", shape: tuple[int, int]
) -> float:
    """The plug-in estimate of the mutual information of two coded variables, in bits.

    It is biased upward by about (cells used - rows - columns + 1) / (2 n ln 2) (Miller 1955).
    """
    joint = np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1]).reshape(shape)
    n = joint.sum()
    return float((_xlogx(joint) - _xlogx(joint.sum(axis=0)) - _xlogx(joint.sum(axis=1)) + _xlogx(n)) / n)


def _xlogx(count: "NDArray[np.int64]") -> float:
    some = count[count > 0].astype(np.float64)
    return float(some @ np.log2(some))
