"""The front door: recommendations for one customer, from the kept model alone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mindgap.kernel.errors import UsageError
from mindgap.personalize.model import Recommender, crowd, from_arrays, profile
from mindgap.personalize.ranking import Kind, Ranked, best, rank
from mindgap.personalize.reasons import Reason, cold_start, explain, overlap

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from mindgap.kernel.derivation import FittedModel

KINDS = ("repeat", "discover", "mixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One product for one customer.

    Attributes:
        product_id: Which.
        product_name: What people call it; the id where no name is known.
        rank: 1 is best.
        score: The sum that `reasons` take apart; comparable within one kind only.
        kind: ``repeat`` when the customer bought it before, else ``discover``.
        reasons: The largest parts of the score, largest first.
        expected_rate: Chance (0-1) that the customer buys it within 35 days, calibrated on a validation
            window; None when the data could not say.
    """

    product_id: str
    product_name: str
    rank: int
    score: float
    kind: Kind
    reasons: tuple[Reason, ...]
    expected_rate: float | None = None


def recommend(
    model: "FittedModel",
    customer_id: str | None,
    *,
    k: int = 10,
    kind: Kind = "mixed",
    exclude: "AbstractSet[str]" = frozenset(),
) -> tuple[Recommendation, ...]:
    """The best products for a customer.

    ``repeat`` lists only what the customer bought before, ``discover`` only what they never bought, and
    ``mixed`` both, by the chance of a purchase. An unknown customer has nothing to repeat: their ``repeat``
    list is empty, the others hold what is popular now and say so.

    Args:
        model: The model ``recommender`` of the Vault.
        customer_id: Who; None for somebody not known.
        k: Length of the list; it is shorter when there is no more to say.
        kind: Which list.
        exclude: Product ids that must not be listed, such as those out of stock.

    Raises:
        UsageError: k < 1 or an unknown kind.
    """
    if k < 1 or kind not in KINDS:
        raise UsageError(
            f"Cannot list {k} products of kind {kind!r}.", hint=f"Use k >= 1 and one of: {', '.join(KINDS)}."
        )
    parts = from_arrays(model.arrays)
    row = None if customer_id is None else parts.customers.find(customer_id)
    if row is None:
        return _popular(parts, k=k, kind=kind, exclude=exclude)
    customer = profile(parts, row)
    near = crowd(parts, customer)
    ranked = _kept(parts, rank(parts, customer, near, k=k + len(exclude), kind=kind), k=k, exclude=exclude)
    both = overlap(parts, customer, near)
    return tuple(
        _recommendation(
            parts, ranked, at, reasons=explain(parts, customer, both, product=product, again=again)
        )
        for at, (product, again) in enumerate(
            zip(ranked.product.tolist(), ranked.again.tolist(), strict=True)
        )
    )


def _popular(
    parts: Recommender, *, k: int, kind: Kind, exclude: "AbstractSet[str]"
) -> tuple[Recommendation, ...]:
    if kind == "repeat":
        return ()
    share = parts.buyers / max(len(parts.activity), 1)
    top = best(share, k + len(exclude))
    ranked = Ranked(
        product=top, score=share[top], rate=np.full(len(top), np.nan), again=np.zeros(len(top), dtype=bool)
    )
    ranked = _kept(parts, ranked, k=k, exclude=exclude)
    return tuple(
        _recommendation(parts, ranked, at, reasons=cold_start(parts, int(ranked.product[at])))
        for at in range(len(ranked.product))
    )


def _kept(parts: Recommender, ranked: Ranked, *, k: int, exclude: "AbstractSet[str]") -> Ranked:
    """Leave out what must not be listed, and cut to k."""
    wanted = [
        at
        for at, row in enumerate(ranked.product)
        if not exclude or parts.products.at(int(row)) not in exclude
    ]
    chosen = np.array(wanted[:k], np.int64)
    return Ranked(
        product=ranked.product[chosen],
        score=ranked.score[chosen],
        rate=ranked.rate[chosen],
        again=ranked.again[chosen],
    )


def _recommendation(
    parts: Recommender, ranked: Ranked, at: int, *, reasons: tuple[Reason, ...]
) -> Recommendation:
    row, rate = int(ranked.product[at]), float(ranked.rate[at])
    return Recommendation(
        product_id=parts.products.at(row),
        product_name=parts.labels.at(row),
        rank=at + 1,
        score=float(ranked.score[at]),
        kind="repeat" if ranked.again[at] else "discover",
        reasons=reasons,
        expected_rate=None if np.isnan(rate) else rate,
    )
