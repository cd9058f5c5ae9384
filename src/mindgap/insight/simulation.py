"""Simulated businesses with a known joint distribution: what the estimators are proven on."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Where simulated time ends; a Monday.
AS_OF = datetime(2024, 1, 1)
SECONDS_PER_WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A business whose customers are of a few kinds, each kind with shares of its own.

    Attributes:
        shares: Probability of each value for each kind; shape (kinds, values). Kinds are equally frequent.
        n_customers: Number of customers.
        n_weeks: Weeks of history before AS_OF.
        baskets_per_week: Baskets of a customer in a week.
        lines_per_basket: Lines of a basket, drawn independently.
    """

    shares: "NDArray[np.float64]"
    n_customers: int = 200
    n_weeks: int = 30
    baskets_per_week: int = 3
    lines_per_basket: int = 4

    @property
    def market_bits(self) -> float:
        """Exact H0: the entropy of the outcome in bits."""
        market = self.shares.mean(axis=0)
        return float(-(market @ np.log2(market)))

    @property
    def mutual_information_bits(self) -> float:
        """Exact I(C; Y), which is A for a business that knows its customers perfectly."""
        market = self.shares.mean(axis=0)
        return float((self.shares * np.log2(self.shares / market)).sum(axis=1).mean())

    def kinds(self, rng: np.random.Generator) -> "NDArray[np.int64]":
        """The kind of each customer, drawn at random."""
        return rng.integers(0, len(self.shares), self.n_customers)

    def purchases(self, kinds: "NDArray[np.int64]", rng: np.random.Generator) -> pa.Table:
        """A table of purchases in the form of `purchases`."""
        n_baskets = self.n_weeks * self.baskets_per_week
        customer = np.repeat(np.arange(self.n_customers), n_baskets)
        second = rng.integers(0, self.n_weeks * SECONDS_PER_WEEK, len(customer))
        basket = np.repeat(np.arange(len(customer)), self.lines_per_basket)
        owner = customer[basket]
        chance = rng.random(len(owner))
        value = np.zeros(len(owner), dtype=np.int64)
        for kind, share in enumerate(self.shares):
            own = kinds[owner] == kind
            value[own] = np.searchsorted(np.cumsum(share)[:-1], chance[own])
        times = np.datetime64(AS_OF, "us") - (second[basket] + 1).astype("timedelta64[s]")
        values = pa.array([f"value {place}" for place in range(self.shares.shape[1])])
        return pa.table(
            {
                "customer_id": pa.array(owner).cast(pa.string()),
                "order_id": pa.array(basket).cast(pa.string()),
                "product_id": pa.array(value).cast(pa.string()),
                "category": values.take(pa.array(value)),
                "ordered_at": pa.array(times),
            }
        )


def distinct_kinds(n_kinds: int, n_values: int, rng: np.random.Generator) -> "NDArray[np.float64]":
    """Random shares, no value of which is rarer than 1 in 20 times its even share."""
    drawn = rng.dirichlet(np.full(n_values, 0.7), size=n_kinds)
    return 0.95 * drawn + 0.05 / n_values
