"""How well the fields found in a file make it one kind of table or another."""

from collections.abc import Mapping

from mindgap.collect.files.contents import Contents
from mindgap.collect.files.options import TableKind
from mindgap.collect.files.synonyms import vocabulary

_WEIGHTS: dict[TableKind, dict[str, float]] = {
    "orders": {"ordered_at": 3, "order_id": 3, "amount": 3, "customer_id": 2, "product_id": 2, "quantity": 2},
    "customers": {
        "customer_id": 3,
        "gender": 1,
        "age_group": 1,
        "birth_year": 1,
        "region": 1,
        "joined_at": 1,
    },
    "products": {"product_id": 3, "product_name": 2, "category": 2, "brand": 1, "price": 1},
    "exposures": {"shown_at": 3, "campaign_id": 3, "customer_id": 2, "kind": 2, "channel": 1},
    "feedback": {"score": 4, "text": 3, "given_at": 1, "product_id": 1},
}
_ENOUGH: dict[TableKind, float] = {"orders": 13, "customers": 5, "products": 8, "exposures": 9, "feedback": 6}
"""The weight that makes a kind certain; more fields are possible, few files have them all."""
_STAND_INS = {
    "unit_price": "amount",
    "department": "category",
    "unit_cost": "price",
    "income_group": "age_group",
}
_NAME_BONUS = 0.15
_KEY_UNIQUE = 0.98
_DATE_FOUND = 0.22
_UNLIKELY, _DOUBTFUL = 0.2, 0.7


def kind_score(
    kind: TableKind, found: Mapping[str, tuple[float, Contents]], *, sells: bool, file_name: str
) -> float:
    """How well a file fits a kind of table: the weight of the fields found, against what is usual.

    Args:
        kind: The kind.
        found: Confidence and contents by field.
        sells: Whether some column holds quantities.
        file_name: Its words hint at the kind.

    Returns:
        0 for impossible, about 1 for certain.
    """
    sure: dict[str, float] = {}
    for field, (confidence, _contents) in found.items():
        main = _STAND_INS.get(field, field)
        sure[main] = max(sure.get(main, 0.0), confidence)
    weight = sum(weight * sure.get(field, 0.0) for field, weight in _WEIGHTS[kind].items())
    score = weight / _ENOUGH[kind] * _plausible(kind, found, sure, sells=sells)
    hinted = any(word in file_name.lower() for word in vocabulary().kinds[kind])
    return score + (_NAME_BONUS if hinted and score > 0 else 0.0)


def _plausible(
    kind: TableKind, found: Mapping[str, tuple[float, Contents]], sure: Mapping[str, float], *, sells: bool
) -> float:
    """A factor that is small when something is missing or present that the kind cannot go with."""
    match kind:
        case "orders":
            dated = sure.get("ordered_at", 0.0) > _DATE_FOUND
            return (
                1.0 if dated and sure.keys() & {"amount", "order_id", "product_id", "quantity"} else _UNLIKELY
            )
        case "customers" | "products":
            key = found.get("customer_id" if kind == "customers" else "product_id")
            if key is None:
                return 0.0
            return 1.0 if key[1].distinct > _KEY_UNIQUE else _UNLIKELY if sells else _DOUBTFUL
        case "exposures":
            shown = "shown_at" in sure and sure.keys() & {"campaign_id", "kind"}
            return 1.0 if shown and not sells else _UNLIKELY
        case "feedback":
            answered = "text" in found or ("score" in found and found["score"][1].is_score)
            return 0.0 if not answered else _UNLIKELY if sells else 1.0
