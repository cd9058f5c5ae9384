"""A customer's profile, interests, habits and needs, and products that are alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mindgap.kernel.errors import UnknownError

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_INTERESTS_OF_A_KIND = 8
_NEEDS = 10
_LEAST_CHANCE = 0.2
"""What is less likely than this within the horizon is no need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A product and how alike it is to another.

    Attributes:
        product_id: Which product.
        product_name: What people call it; the id where no source names it.
        category: Its category, if known.
        likeness: Cosine of the two products' vectors, -1 to 1.
    """

    product_id: str
    product_name: str
    category: str | None
    likeness: float


def profile(rows: Callable[[str], Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """What a customer cares for, how they usually buy, and what they will need soon.

    Args:
        rows: The customer's rows of a table.

    Returns:
        ``interests``: the strongest of each kind, first; ``habits``: one row or None; ``needs``: categories,
        the most likely first.
    """
    interests = sorted(rows("customer_interests"), key=lambda row: (row["kind"], row["place"]))
    needs = [row for row in rows("customer_needs") if row["chance"] >= _LEAST_CHANCE]
    habits = rows("customer_habits")
    return {
        "interests": [row for row in interests if row["place"] <= _INTERESTS_OF_A_KIND],
        "habits": habits[0] if habits else None,
        "needs": sorted(needs, key=lambda row: (-row["chance"], row["category"]))[:_NEEDS],
    }


def similar(workspace: "Desk", product_id: str, k: int) -> tuple[Alike, ...]:
    """The k products that are most alike, by their titles, categories and brands.

    Raises:
        UnknownError: The catalogue has no such product, or says nothing of it.
        CannotSay: Too few products are described.
    """
    import numpy as np  # noqa: PLC0415 - most commands do without

    from mindgap.analyze.models.product_vectors import read_vectors  # noqa: PLC0415

    ids, vectors = read_vectors(workspace.table("product_vectors"))
    if product_id not in ids:
        raise UnknownError(
            f"Nothing is written of a product {product_id!r}.",
            hint="`mindgap table catalogue` lists products.",
        )
    own = ids.index(product_id)
    likeness = vectors @ vectors[own]
    likeness[own] = -np.inf
    best = np.argsort(-likeness, kind="stable")[:k].tolist()
    listed = workspace.table("catalogue", columns=["product_id", "product_name", "category"]).to_pylist()
    known = {row["product_id"]: row for row in listed}
    return tuple(
        Alike(
            product_id=ids[place],
            product_name=known[ids[place]]["product_name"] or ids[place],
            category=known[ids[place]]["category"],
            likeness=float(likeness[place]),
        )
        for place in best
        if np.isfinite(likeness[place])
    )
