"""What customers with a similar history bought: the mean of the nearest customers of a panel."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mindgap.insight.cells import chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells, Matrix

#: Weeks in which a line loses half its weight in a history that is compared.
HALF_LIFE_WEEKS = 26.0
#: Free market lines in a history that is compared, so that short histories look like the market.
PRIOR_LINES = 20.0
#: How many neighbours are averaged, and the power of the cosine similarity that is their weight.
NEIGHBOURS = 200
POWER = 6
#: Customers compared at once, to keep the memory small.
ROWS_AT_ONCE = 512
#: Histories nearer to the market than this have no direction.
SHORTEST = 1e-6
#: Weight of the market forecast in the result, so that nothing gets zero probability.
MARKET_WEIGHT = 0.02
#: Weight of the market where the neighbours serve as the prior of a customer's own history.
PRIOR_MARKET_WEIGHT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Customers to be compared with.

    Attributes:
        member: Their places among all customers, ascending.
        direction: Unit vectors of sqrt(share) - sqrt(market share), the Hellinger geometry of shares;
            zero where a customer has no evidence. Shape (members, values).
        share: Their lightly shrunk shares of each value; shape (members, values).
        market: Market share of each value.
    """

    member: "NDArray[np.int64]"
    direction: "Matrix"
    share: "Matrix"
    market: "Matrix"

    def forecast(self, history: "Matrix", rows: slice) -> "Matrix":
        """The forecast for customers `rows` with a decayed `history` each, never looking at themselves."""
        found = np.empty_like(history)
        for part in chunks(len(history), ROWS_AT_ONCE):
            found[part] = self._found(history[part], rows.start + part.start)
        found *= 1 - MARKET_WEIGHT
        found += MARKET_WEIGHT * self.market
        return found

    def _found(self, history: "Matrix", start: int) -> "Matrix":
        """The mean of the nearest for customers from `start` on."""
        alike = _direction(history, self.market) @ self.direction.T
        first, last = np.searchsorted(self.member, (start, start + len(history)))
        alike[self.member[first:last] - start, np.arange(first, last)] = 0
        kept = min(NEIGHBOURS, alike.shape[1])
        nearest = np.argpartition(alike, -kept, axis=1)[:, -kept:]
        near = np.take_along_axis(alike, nearest, axis=1)
        closest = near.max(axis=1, keepdims=True)
        alone = closest <= SHORTEST
        near = np.maximum(near / np.where(alone, 1, closest), 0) ** POWER * ~alone
        weight = np.zeros_like(alike)
        np.put_along_axis(weight, nearest, near / np.maximum(near.sum(axis=1, keepdims=True), 1), axis=1)
        return np.asarray(weight @ self.share + self.market * alone, dtype=np.float32)


def as_prior(neighbours: "Matrix", market: "Matrix") -> "Matrix":
    """Neighbours' forecast leaned towards the market: what an own history is shrunk to."""
    lean = np.float32(PRIOR_MARKET_WEIGHT)
    return np.asarray(lean * market + (1 - lean) * neighbours, dtype=np.float32)


def _direction(history: "Matrix", market: "Matrix") -> "Matrix":
    lines = history.sum(axis=1, keepdims=True)
    apart = np.sqrt((history + PRIOR_LINES * market) / (lines + PRIOR_LINES)) - np.sqrt(market)
    length = np.linalg.norm(apart, axis=1, keepdims=True)
    return np.where(length > SHORTEST, apart / np.maximum(length, SHORTEST), 0).astype(np.float32)


def gather_panel(
    cells: "Cells", member: "NDArray[np.int64]", *, age: int, market: "NDArray[np.float64]"
) -> Panel:
    """The panel as known at `age` weeks before the cut.

    Args:
        cells: Evidence of all customers.
        member: Which customers, ascending.
        age: Entries younger than this are not looked at.
        market: The market forecast of that time.
    """
    own = cells.take(member)
    history = own.decayed(slice(0, own.n_customers), age, HALF_LIFE_WEEKS)
    share = market.astype(np.float32)
    lines = history.sum(axis=1, keepdims=True)
    return Panel(
        member=member,
        direction=_direction(history, share),
        share=(history + PRIOR_LINES / 2 * share) / (lines + PRIOR_LINES / 2),
        market=share,
    )
