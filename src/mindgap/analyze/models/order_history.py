"""The purchase days of every known customer, as arrays: what value and inactivity are judged by.

Orders of one customer on one local day count as one purchase, so that a split till receipt is no loyalty.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.clock import DAY, utc_offset_seconds
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

EVALUATED_CUSTOMERS = 50_000
"""Held-out figures of more customers than this are taken on so many drawn at random: precise enough."""
ORDER_COLUMNS = ("customer_id", "ordered_at", "spend")
_EPOCH = datetime.fromisoformat("1970-01-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHistory:
    """One row per customer and local day with a purchase, sorted by customer and day.

    Attributes:
        customer_ids: The customers, sorted; `customer` points into them.
        customer: Position of the customer.
        day: Local day number (days since 1970-01-01).
        spend: Spent on that day, in the workspace's currency.
    """

    customer_ids: "pa.Array[Any]"
    customer: "Integers"
    day: "Integers"
    spend: "Floats"

    @property
    def first_day(self) -> int:
        """The earliest day with a purchase."""
        return int(self.day.min())

    @property
    def priced(self) -> bool:
        """Whether any purchase has an amount."""
        return bool(self.spend.any())

    def between(self, start: int, stop: int) -> "OrderHistory":
        """The days from `start` up to, not including, `stop`; positions of customers stay."""
        kept = (self.day >= start) & (self.day < stop)
        return OrderHistory(
            customer_ids=self.customer_ids,
            customer=self.customer[kept],
            day=self.day[kept],
            spend=self.spend[kept],
        )

    def sample(self, customers: int, *, seed: int) -> "OrderHistory":
        """The history of at most so many customers, drawn at random; models of a population need no more."""
        size = len(self.customer_ids)
        if size <= customers:
            return self
        drawn = generator(seed, "order history sample").choice(size, customers, replace=False)
        return _keep_customers(self, np.sort(drawn))

    def total(self, weights: "NDArray[Any] | None" = None) -> "Floats":
        """Per customer the sum of weights over purchase days; their number without weights."""
        size = len(self.customer_ids)
        return np.bincount(self.customer, weights=weights, minlength=size).astype(np.float64)


def _keep_customers(history: OrderHistory, chosen: "Integers") -> OrderHistory:
    place = np.full(len(history.customer_ids), -1)
    place[chosen] = np.arange(len(chosen))
    kept = place[history.customer] >= 0
    return OrderHistory(
        customer_ids=history.customer_ids.take(pa.array(chosen)),
        customer=place[history.customer[kept]],
        day=history.day[kept],
        spend=history.spend[kept],
    )


def order_history(orders: pa.Table, time_zone: str) -> OrderHistory:
    """The history from the table `customer_orders` (columns ORDER_COLUMNS)."""
    coded = orders["customer_id"].combine_chunks().dictionary_encode()
    order = np.asarray(pc.call_function("array_sort_indices", [coded.dictionary]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    customer = rank[np.asarray(coded.indices)]
    zoned = orders["ordered_at"].cast(pa.timestamp("us", time_zone))  # a cast takes naive times as UTC
    local = pc.call_function("local_timestamp", [zoned])
    day = np.asarray(local.cast(pa.date32()).cast(pa.int32())).astype(np.int64)
    spend = np.asarray(pc.fill_null(orders["spend"], 0.0))
    first = int(day.min(initial=0))
    width = int(day.max(initial=0)) - first + 1
    cells, position = np.unique(customer * width + day - first, return_inverse=True)
    return OrderHistory(
        customer_ids=coded.dictionary.take(pa.array(order)),
        customer=cells // width,
        day=cells % width + first,
        spend=np.bincount(position, weights=spend, minlength=len(cells)).astype(np.float64),
    )


def end_day(moment: datetime, time_zone: str) -> int:
    """The first local day that does not begin before a naive UTC moment.

    >>> [end_day(datetime(1970, 1, 3, hour), "America/New_York") for hour in (5, 6)]
    [2, 3]
    """
    local = moment + timedelta(seconds=utc_offset_seconds(moment, time_zone))
    return -((_EPOCH - local) // DAY)


def period(start: int, stop: int) -> str:
    """Two day numbers as ISO dates, ``from/to``.

    >>> period(0, 31)
    '1970-01-01/1970-02-01'
    """
    return "/".join(f"{_EPOCH + day * DAY:%Y-%m-%d}" for day in (start, stop))
