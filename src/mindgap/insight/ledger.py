"""The attribute ledger of a customer: what is known, inferred or unknown, attribute by attribute."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mindgap.insight.traits import ATTRIBUTES

State = Literal["known", "inferred", "unknown"]
#: Interests shown at most.
MOST_INTERESTS = 5
#: An interest is inferred when the customer buys it at least so many times as often as the market.
LEAST_RATIO = 1.5


def ledger(declared: Mapping[str, Any] | None, difference: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One entry per attribute, with its state.

    An attribute is *known* when the canonical table `customers` holds it, else *unknown*. Interests are
    *inferred* from purchases, and only for customers who differ from the market beyond chance; the
    confidence of that is the significance test's 0.95. Consent is asked before this table is read, so
    nothing here is withheld.

    Args:
        declared: The customer's row of `customers`; None when the workspace has no such table.
        difference: The customer's row of `customer_gap`; None when there are no purchases.
    """
    return [*_declared(declared), *_interests(difference)]


def _declared(row: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if row is None:
        return []
    extra: dict[str, Any] = json.loads(row.get("traits") or "{}")
    values = {name: row.get(name) for name in (*ATTRIBUTES, "birth_year") if name in row} | extra
    return [_entry(name, "unknown" if value is None else "known", value) for name, value in values.items()]


def _entry(attribute: str, state: State, value: Any) -> dict[str, Any]:
    source = "customers" if state == "known" else None
    return {"attribute": attribute, "state": state, "value": value, "source": source, "confidence": None}


def _interests(row: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if row is None or not row["significant"]:
        return []
    terms: Sequence[Mapping[str, Any]] = json.loads(row["terms"])
    strong = [term for term in terms if term["ratio"] >= LEAST_RATIO][:MOST_INTERESTS]
    return [
        {
            "attribute": "interest",
            "state": "inferred",
            "value": term["value"],
            "source": "purchases",
            "confidence": 0.95,
            "ratio": term["ratio"],
        }
        for term in strong
    ]
