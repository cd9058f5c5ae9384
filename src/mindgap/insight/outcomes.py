"""What is forecast: the category (else the product) of each purchase line of a known customer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

WEEK = np.timedelta64(7, "D")
#: The outcome that stands for every value outside the vocabulary, those never seen before included.
OTHER = "other"
#: How many values an outcome keeps apart; the rest is OTHER.
VOCABULARY_SIZE = {"category": 1000, "product": 300}

OutcomeName = Literal["category", "product"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Purchase lines of known customers, coded.

    Attributes:
        outcome: What the value of a line is.
        customers: Customer ids in ascending order; `customer` points into it.
        values: The vocabulary, most bought first; its last entry is OTHER. `value` points into it.
        customer: Per line, in ascending order.
        value: Per line.
        order: Per line, a number of the basket.
        age: Per line, whole weeks before the cut; 0 is the week just before it, negative is after it.
    """

    outcome: OutcomeName
    customers: "NDArray[Any]"
    values: tuple[str, ...]
    customer: "NDArray[np.int64]"
    value: "NDArray[np.int64]"
    order: "NDArray[np.int64]"
    age: "NDArray[np.int64]"


def outcome_name(purchases: pa.Table) -> OutcomeName:
    """The outcome that these purchases allow.

    Raises:
        CannotSay: Neither categories nor products are there.
    """
    for name, column in (("category", "category"), ("product", "product_id")):
        if column in purchases.column_names and purchases[column].null_count < purchases.num_rows:
            return "category" if name == "category" else "product"
    raise CannotSay("insight-no-outcome")


def read_lines(purchases: pa.Table, cut: "datetime") -> Lines:
    """Code the purchase lines of known customers against a vocabulary taken from before the cut.

    Lines without the outcome (a null category) are dropped.

    Args:
        purchases: The table `purchases`.
        cut: Where evidence ends, naive UTC.

    Raises:
        CannotSay: No outcome, no customers, or nothing before the cut.
    """
    name = outcome_name(purchases)
    column = "category" if name == "category" else "product_id"
    usable = purchases["customer_id"].is_valid().to_numpy() & purchases[column].is_valid().to_numpy()
    if not usable.any():
        raise CannotSay("insight-no-customers")
    times = purchases["ordered_at"].cast(pa.timestamp("us")).to_numpy()[usable]
    age = (np.datetime64(cut, "us") - times - np.timedelta64(1, "us")) // WEEK
    if not (age >= 0).any():
        raise CannotSay("insight-no-evidence")
    told = purchases.select(["customer_id", "order_id", column]).filter(pa.array(usable))
    customers, customer = _coded(told["customer_id"])
    _, order = _coded(told["order_id"])
    values, value = _vocabulary(told[column], is_evidence=age >= 0, size=VOCABULARY_SIZE[name])
    ranked = np.argsort(customer, kind="stable")
    return Lines(
        outcome=name,
        customers=_texts(customers),
        values=values,
        customer=customer[ranked],
        value=value[ranked],
        order=order[ranked],
        age=age[ranked],
    )


def _coded(column: pa.ChunkedArray) -> "tuple[pa.Array, NDArray[np.int64]]":
    """Distinct values in ascending order, and per row the place of its value."""
    coded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    names = coded.dictionary.cast(pa.string())
    order = pc.call_function("array_sort_indices", [names])
    place = np.empty(len(order), dtype=np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return names.take(order), place[coded.indices.to_numpy(zero_copy_only=False)]


def _texts(names: pa.Array) -> "NDArray[Any]":
    return names.to_numpy(zero_copy_only=False)


def _vocabulary(
    column: pa.ChunkedArray, *, is_evidence: "NDArray[np.bool_]", size: int
) -> "tuple[tuple[str, ...], NDArray[np.int64]]":
    """Values by evidence count, ties by name, OTHER last; and per row the place of its value."""
    ascending, code = _coded(column)
    names = _texts(ascending)
    counts = np.bincount(code[is_evidence], minlength=len(names))
    ranked = np.argsort(-counts, kind="stable")
    kept = [int(index) for index in ranked[:size] if counts[index] > 0 and names[index] != OTHER]
    place = np.full(len(names), len(kept), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return (*(str(names[index]) for index in kept), OTHER), place[code]
