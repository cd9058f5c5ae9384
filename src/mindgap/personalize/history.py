"""Purchases as arrays: who bought what, how often and how long ago.

Customers are numbered in the order of their UTF-8 ids, products from the most to the least bought, so that
"the widely bought products" is a prefix of every row. One product in one order counts once, however many
lines or units it took.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

MIN_CUSTOMERS = 20
"""Fewer customers than this have no neighbours to learn from and no held-out figure worth printing."""
MIN_LINES = 100
"""Fewer order lines than this say nothing about what is bought again."""
HALF_LIFE_DAYS = 105.0
"""Half-life of a purchase's weight: 15 weeks, chosen on a temporal validation window (see the model card)."""
PURCHASE_COLUMNS = ("customer_id", "order_id", "product_id", "ordered_at")
"""The columns of `purchases` that recommendation reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Purchases of known products by known customers, one entry per order and product.

    Entries are in order of customer and product, so that `pair` has little to sort.

    Attributes:
        customers: Customer ids, sorted by their UTF-8 bytes.
        products: Product ids, from the most to the least customers.
        customer: Row of the customer, per entry.
        product: Row of the product, per entry.
        age_days: Days from the purchase to the as-of time, per entry.
    """

    customers: "NDArray[np.object_]"
    products: "NDArray[np.object_]"
    customer: "NDArray[np.int64]"
    product: "NDArray[np.int64]"
    age_days: "NDArray[np.float64]"

    def before(self, days: float) -> "History":
        """The history as it stood some days earlier."""
        known = self.age_days >= days
        return _numbered(
            (self.customers, self.customer[known]),
            (self.products, self.product[known]),
            self.age_days[known] - days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A history summed by customer and product, sorted by both; rows of one customer are contiguous.

    Attributes:
        row_start: Where each customer's pairs begin, shape (customers + 1,).
        product: Product row, per pair.
        decayed: Orders that held the product, each halved every HALF_LIFE_DAYS.
        times: Orders that held the product.
        last_days: Days since the latest of them.
        first_days: Days since the first of them.
    """

    row_start: "NDArray[np.int64]"
    product: "NDArray[np.int32]"
    decayed: "NDArray[np.float32]"
    times: "NDArray[np.int32]"
    last_days: "NDArray[np.float32]"
    first_days: "NDArray[np.float32]"

    @property
    def customer(self) -> "NDArray[np.int64]":
        """Customer row, per pair."""
        return np.repeat(np.arange(len(self.row_start) - 1), np.diff(self.row_start))


def read_history(purchases: pa.Table, as_of: "datetime") -> History:
    """The history in a `purchases` table.

    Args:
        purchases: With PURCHASE_COLUMNS; lines without a customer or product are left out.
        as_of: Naive UTC; ages are counted back from here.

    Raises:
        CannotSay: ``no-products-in-orders`` or ``too-few-purchases``.
    """
    if "product_id" not in purchases.column_names or purchases["product_id"].null_count == len(purchases):
        raise CannotSay("no-products-in-orders")
    history = _dedupe(purchases, as_of)
    if len(history.customers) < MIN_CUSTOMERS or len(history.customer) < MIN_LINES:
        raise CannotSay(
            "too-few-purchases",
            customers=len(history.customers),
            lines=len(history.customer),
            least=MIN_CUSTOMERS,
        )
    return history


def _dedupe(purchases: pa.Table, as_of: "datetime") -> History:
    customers, customer = _codes(purchases["customer_id"])
    products, product = _codes(purchases["product_id"])
    _, order = _codes(purchases["order_id"])
    known = np.flatnonzero((customer >= 0) & (product >= 0))
    first = known[_first_of_each(order[known] * max(len(products), 1) + product[known])]
    moments = purchases["ordered_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    end = pa.scalar(as_of, pa.timestamp("us")).cast(pa.int64()).as_py()
    age_days = (end - moments[first]) / 86_400e6
    return _numbered((customers, customer[first]), (products, product[first]), age_days)


def _codes(column: pa.ChunkedArray) -> tuple["NDArray[np.object_]", "NDArray[np.int64]"]:
    """Distinct values of a text column, and each row's number among them; -1 where it has none."""
    encoded: Any = column.cast(pa.string()).combine_chunks().dictionary_encode()
    values = np.asarray(encoded.dictionary.to_pylist(), dtype=object)
    return values, encoded.indices.fill_null(-1).to_numpy().astype(np.int64)


def _numbered(
    customers: tuple["NDArray[np.object_]", "NDArray[np.int64]"],
    products: tuple["NDArray[np.object_]", "NDArray[np.int64]"],
    age_days: "NDArray[np.float64]",
) -> History:
    """Leave out who and what never occurs, and number the rest as the module says."""
    customer_names, customer = _compact(*customers)
    product_names, product = _compact(*products)
    by_name = np.argsort(np.array([name.encode() for name in customer_names], dtype=object), kind="stable")
    buyers = np.bincount(
        distinct(customer * max(len(product_names), 1) + product) % max(len(product_names), 1),
        minlength=len(product_names),
    )
    by_buyers = np.lexsort((product_names.astype(str), -buyers))
    customer, product = _inverse(by_name)[customer], _inverse(by_buyers)[product]
    ordered = np.argsort(customer * max(len(product_names), 1) + product, kind="stable")
    return History(
        customers=customer_names[by_name],
        products=product_names[by_buyers],
        customer=customer[ordered],
        product=product[ordered],
        age_days=age_days[ordered],
    )


def distinct(keys: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Distinct keys, ascending; by sorting, which is several times faster here than numpy's hashing."""
    ordered = np.sort(keys)
    return ordered[_starts(ordered)]


def among(some: "NDArray[np.integer]", ascending: "NDArray[np.integer]") -> "NDArray[np.bool_]":
    """Whether each of some numbers is among others that are distinct and ascending."""
    if not len(ascending):
        return np.zeros(len(some), dtype=bool)
    return ascending[np.minimum(np.searchsorted(ascending, some), len(ascending) - 1)] == some


def _starts(ascending: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Where each run of equal keys begins."""
    is_new = np.ones(len(ascending), dtype=bool)
    is_new[1:] = ascending[1:] != ascending[:-1]
    return np.flatnonzero(is_new)


def _first_of_each(keys: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Where each distinct key occurs first."""
    order = np.argsort(keys, kind="stable")
    return order[_starts(keys[order])]


def _compact(
    names: "NDArray[np.object_]", codes: "NDArray[np.int64]"
) -> tuple["NDArray[np.object_]", "NDArray[np.int64]"]:
    present = np.bincount(codes, minlength=len(names)) > 0
    return names[present], (np.cumsum(present) - 1)[codes]


def _inverse(order: "NDArray[np.int64]") -> "NDArray[np.int64]":
    inverse = np.empty(len(order), np.int64)
    inverse[order] = np.arange(len(order))
    return inverse


def pair(history: History) -> Pairs:
    """Sum a history by customer and product."""
    width = max(len(history.products), 1)
    keys = history.customer * width + history.product
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = _starts(ordered)
    age = history.age_days[order]
    pairs = ordered[starts]
    customers = pairs // width
    weights = np.exp2(-age / HALF_LIFE_DAYS)
    ends = np.append(starts[1:], len(keys))
    return Pairs(
        row_start=np.searchsorted(customers, np.arange(len(history.customers) + 1)).astype(np.int64),
        product=(pairs % width).astype(np.int32),
        decayed=_sums(weights, starts).astype(np.float32),
        times=(ends - starts).astype(np.int32),
        last_days=(np.minimum.reduceat(age, starts) if len(starts) else age).astype(np.float32),
        first_days=(np.maximum.reduceat(age, starts) if len(starts) else age).astype(np.float32),
    )


def _sums(values: "NDArray[np.float64]", starts: "NDArray[np.int64]") -> "NDArray[np.float64]":
    return np.add.reduceat(values, starts) if len(starts) else values
