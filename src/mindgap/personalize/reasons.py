"""Why a product is recommended: the score taken apart into the customer's own events and the market.

Scores are sums (see `model`), so a reason's contribution is exact: take the cited events away, with the scale
held, and the score falls by that much.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mindgap.personalize.model import (
    FIRST_WEIGHT,
    HORIZON_DAYS,
    POPULAR_DAYS,
    PRIOR,
    Crowd,
    Profile,
    Recommender,
    gathered,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_REASONS = 3
"""A person reads no more."""
LEAST_SHARE = 0.02
"""A reason that carries less of the score is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One part of a score.

    Attributes:
        code: Key of the message catalogue.
        params: Figures and names that the message needs; JSON values.
        contribution: Its part of the score, in the score's own unit; > 0.
        products: Ids of the customer's own products whose purchases are cited; empty for market reasons.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    contribution: float
    products: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Code and params, for tables and faces."""
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Where a customer's purchases meet those of the neighbours; gathered once for a whole list.

    Attributes:
        near: The neighbours' purchases.
        own: Position in the profile, per product that a neighbour shares.
        member: Position of that neighbour.
        likeness: What it adds to their similarity, x_uj x_vj.
    """

    near: Crowd
    own: "NDArray[np.int64]"
    member: "NDArray[np.int64]"
    likeness: "NDArray[np.float32]"


def overlap(model: Recommender, customer: Profile, near: Crowd) -> Overlap:
    """Gather what the customer and the neighbours both bought."""
    position = np.full(len(model.owners), -1, np.int64)
    shared = np.flatnonzero(customer.product < len(position))
    position[customer.product[shared]] = shared
    mine = position[near.product]
    entries = np.flatnonzero(mine >= 0)
    own = mine[entries]
    return Overlap(
        near=near,
        own=own,
        member=near.member[entries],
        likeness=customer.interest[own] * gathered(model.interest, near.spans)[entries],
    )


def explain(
    model: Recommender, customer: Profile, both: Overlap, *, product: int, again: bool
) -> tuple[Reason, ...]:
    """The reasons for one recommended product, the largest contribution first."""
    parts = [*_neighbours(model, customer, both, product=product, again=again)]
    if again:
        parts += _own(model, customer, product)
    else:
        parts += _newly_popular(model, product)
    total = sum(part.contribution for part in parts)
    told = [part for part in parts if part.contribution > LEAST_SHARE * total]
    return tuple(sorted(told, key=lambda part: -part.contribution)[:MOST_REASONS])


def cold_start(model: Recommender, product: int) -> tuple[Reason, ...]:
    """The reason where nothing is known of the customer."""
    buyers = int(model.buyers[product])
    return (
        Reason(
            code="personalize-cold-start",
            params={"buyers": buyers, "days": POPULAR_DAYS},
            contribution=buyers / max(len(model.activity), 1),
        ),
    )


def _own(model: Recommender, customer: Profile, product: int) -> list[Reason]:
    at = int(np.searchsorted(customer.product, product))
    times, last_days = int(customer.times[at]), int(customer.last_days[at])
    params: dict[str, Any] = {"product": model.labels.at(product), "last_days": last_days}
    if times > 1:
        params["times"] = times
    return [
        Reason(
            code="personalize-bought-often" if times > 1 else "personalize-bought-before",
            params=params,
            contribution=float(model.lift[product]) * float(customer.decayed[at]),
            products=(model.products.at(product),),
        )
    ]


def _neighbours(
    model: Recommender, customer: Profile, both: Overlap, *, product: int, again: bool
) -> list[Reason]:
    """What similar customers add, by the customer's own products that make them similar; and the prior."""
    if product >= len(model.owners):
        return []
    shared = own_products(customer, both, product=product, again=again)
    scale = _scale(model, customer, product, again=again)
    prior = PRIOR * float(model.recent[product] if again else model.owners[product])
    market = Reason(
        code="personalize-popular",
        params={"buyers": int(model.buyers[product]), "days": POPULAR_DAYS},
        contribution=scale * prior,
    )
    cited = np.argsort(-shared, kind="stable")[:3]
    cited = cited[shared[cited] > 0]
    if not len(cited):
        return [market]
    return [
        Reason(
            code="personalize-similar-customers",
            params={
                "customers": int((both.near.product == product).sum()),
                "shared": int((shared > 0).sum()),
                "product": model.labels.at(int(customer.product[cited[0]])),
            },
            contribution=scale * float(shared.sum()),
            products=tuple(model.products.at(int(customer.product[row])) for row in cited),
        ),
        market,
    ]


def own_products(customer: Profile, both: Overlap, *, product: int, again: bool) -> "NDArray[np.float64]":
    """How much each of the customer's own products adds, through neighbours who bought `product`.

    sum over neighbours v of x_uj x_vj r_v(product), for each own product j in the profile's order, before
    the scale of the customer.
    """
    value = np.zeros(len(customer.neighbour))
    buyers = np.flatnonzero(both.near.product == product)
    value[both.near.member[buyers]] = both.near.decayed[buyers] if again else 1.0
    weight = both.likeness * value[both.member]
    return np.bincount(both.own, weight, minlength=len(customer.product)).astype(np.float64)


def _scale(model: Recommender, customer: Profile, product: int, *, again: bool) -> float:
    weight = float(model.blend[0]) * customer.activity if again else float(model.fresh[product])
    return weight / (customer.similarity_sum + PRIOR)


def _newly_popular(model: Recommender, product: int) -> list[Reason]:
    return [
        Reason(
            code="personalize-newly-popular",
            params={"buyers": int(model.first_buyers[product]), "days": HORIZON_DAYS},
            contribution=FIRST_WEIGHT * float(model.first_share[product]),
        )
    ]
