"""The information gap as one JSON object, for the business and for one customer.

What cannot be said is null, with a reason (a code of the message catalogue and its figures) in `reasons`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mindgap.insight.ledger import ledger
from mindgap.insight.report import reason

Row = Mapping[str, Any]
Json = dict[str, Any]

#: Figures that the answer takes over from the table `gap`.
FIGURES = (
    "outcome",
    "as_of",
    "n_outcomes",
    "n_customers",
    "market_bits",
    "remaining_bits",
    "advantage_bits",
    "advantage_low",
    "advantage_high",
    "pays",
    "potential_bits",
    "potential_null_bits",
)


def business_answer(
    gap: Row | None, *, weeks: Sequence[Row] = (), sources: Sequence[Row] = (), because: Sequence[Row] = ()
) -> Json:
    """The gap of the business.

    Args:
        gap: The row of `gap`; None when it could not be built.
        weeks: The rows of `gap_weeks`.
        sources: The rows of `gap_sources`.
        because: Why `gap` could not be built, as reasons.
    """
    if gap is None:
        blank: Json = dict.fromkeys(FIGURES)
        why = list(because) or [reason("insight-no-gap")]
        return {**blank, "sources": None, "collect_less": None, "by_week": None, "reasons": why}
    return {
        **{name: _plain(gap[name]) for name in FIGURES},
        "evidence_until": _plain(gap["evidence_until"]),
        "sources": [dict(row) for row in sources],
        "collect_less": json.loads(gap["collect_less"]),
        "by_week": [{name: _plain(value) for name, value in row.items()} for row in weeks],
        "reasons": [*json.loads(gap["reasons"]), *because],
    }


def customer_answer(customer_gap: Row | None, *, declared: Row | None = None) -> Json:
    """The gap of one customer; it is merged into the answer for the business, `reasons` joined.

    Args:
        customer_gap: The customer's row of `customer_gap`; None for a customer without purchases.
        declared: The customer's row of `customers`; None when there is none.
    """
    entries = ledger(declared, customer_gap)
    why = [reason("insight-no-discovery"), reason("insight-no-question")]
    if customer_gap is None:
        why.insert(0, reason("insight-unknown-customer"))
    elif customer_gap["advantage_bits"] is None:
        why.insert(0, reason("insight-no-advantage"))
    if not entries:
        why.append(reason("insight-no-ledger"))
    row: Row = customer_gap or {}
    return {
        "customer_id": row.get("customer_id"),
        "n_outcomes_known": row.get("n_outcomes"),
        "difference_bits": row.get("difference_bits"),
        "significant": row.get("significant"),
        "terms": json.loads(row["terms"]) if row else None,
        "expected_advantage_bits": row.get("advantage_bits"),
        "reducible_bits": row.get("reducible_bits"),
        "ledger": entries or None,
        "discovery": None,
        "next_question": None,
        "reasons": why,
    }


def with_customer(business: Json, customer: Json) -> Json:
    """Both answers as one object; the reasons of both are kept."""
    return {**business, **customer, "reasons": [*business["reasons"], *customer["reasons"]]}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
