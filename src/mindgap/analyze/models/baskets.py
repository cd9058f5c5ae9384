"""Baskets as number pairs, cut into the weeks that rules are mined on and the weeks that confirm them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.eclat import bitsets
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]

HELD_OUT_WEEKS = 5
MOST_ITEMS = 1000
LEAST_BASKETS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Baskets:
    """Baskets of one period.

    Attributes:
        bits: One row of words per item, one bit per basket (see eclat.bitsets).
        count: Number of baskets.
    """

    bits: "NDArray[np.uint64]"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBaskets:
    """All baskets, cut in time.

    Attributes:
        names: Name of each item number: categories, or the most bought products where there are none.
        earlier: The baskets that rules are mined on.
        later: The baskets of the last weeks, which confirm them; None when the history is too short.
        held_weeks: Length of the later period in weeks; 0 without one.
    """

    names: tuple[str, ...]
    earlier: Baskets
    later: Baskets | None
    held_weeks: int


def split_baskets(tables: Mapping[str, pa.Table]) -> SplitBaskets:
    """Baskets from `basket_categories`, or from the products in `purchases` when no category is known.

    Raises:
        CannotSay: Fewer than 50 baskets hold two things or more.
    """
    basket, item, week, names = _columns(tables)
    baskets = int(basket.max(initial=-1)) + 1
    many = int((np.bincount(basket, minlength=1) > 1).sum())
    if many < LEAST_BASKETS:
        raise CannotSay("analyze-few-baskets", baskets=many, needed=LEAST_BASKETS)
    when = np.zeros(baskets, dtype=np.int64)
    when[basket] = week
    held = held_weeks(int(when.max()) + 1)
    parts = [_period(basket, item, keep=keep, items=len(names)) for keep in (when >= held, when < held)]
    later = parts[1] if held else None
    return SplitBaskets(names=tuple(names), earlier=parts[0], later=later, held_weeks=held)


def _columns(tables: Mapping[str, pa.Table]) -> tuple["Indices", "Indices", "Indices", list[str]]:
    """Basket number, item number and week of every line, and the items' names."""
    for key, column in (("baskets", "category"), ("purchases", "product_id")):
        table = tables.get(key)
        if table is None or not table.num_rows:
            continue
        lines = table.select(["order_id", column, "week"]).drop_null()
        if not lines.num_rows:
            continue
        item, names = _numbers(lines[column])
        top = np.sort(np.argsort(-np.bincount(item, minlength=1), kind="stable")[:MOST_ITEMS])
        kept = np.isin(item, top)
        basket = _numbers(lines["order_id"])[0]
        week = lines["week"].to_numpy().astype(np.int64)
        return (
            basket[kept],
            np.searchsorted(top, item[kept]),
            week[kept],
            [names[i] for i in top if i < len(names)],
        )
    raise CannotSay("analyze-few-baskets", baskets=0, needed=LEAST_BASKETS)


def _numbers(column: pa.ChunkedArray) -> tuple["Indices", list[str]]:
    """A number for each value, and the values by number."""
    encoded = pa.concat_arrays(column.dictionary_encode().unify_dictionaries().chunks)
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def held_weeks(history_weeks: int) -> int:
    """Five weeks, or a quarter of a short history."""
    return min(HELD_OUT_WEEKS, history_weeks // 4)


def _period(basket: "Indices", item: "Indices", *, keep: "NDArray[np.bool_]", items: int) -> Baskets:
    """The bitsets of the baskets to keep."""
    place = np.cumsum(keep) - 1
    lines = keep[basket]
    count = int(keep.sum())
    return Baskets(bits=bitsets(place[basket[lines]], item[lines], baskets=count, items=items), count=count)
