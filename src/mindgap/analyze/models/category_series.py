"""Weekly demand of categories (products, where there are none) as a matrix, and the calendar of its weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from mindgap.kernel.derivation import At, Moment
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

MOST_CATEGORIES = 200
LEAST_WEEKS = 12
HORIZON = 4
_FIRST_DAYS = 7

#: What `category_series` reads.
INPUTS = {
    "category_week": At(table="category_week"),
    "purchases": At(
        table="purchases", optional=True, columns=("product_id", "week", "quantity", "amount", "discount")
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Weekly figures of the largest categories, oldest week first.

    Attributes:
        categories: Names, the largest first.
        lines: Purchase lines, shape (categories, weeks).
        units: Units sold, same shape.
        discount_share: Discount over price before discount (0-1), same shape.
        month_start: Share (0-1) of each week's days that are the first seven of a month, for all weeks and
            the four weeks after them. Wages and benefits are paid then, so that people buy more.
    """

    categories: tuple[str, ...]
    lines: "Numbers"
    units: "Numbers"
    discount_share: "Numbers"
    month_start: "Numbers"

    @property
    def weeks(self) -> int:
        """Number of weeks of history."""
        return self.lines.shape[1]

    def until(self, week: int) -> "Series":
        """The same as it stood after a number of weeks."""
        return Series(
            categories=self.categories,
            lines=self.lines[:, :week],
            units=self.units[:, :week],
            discount_share=self.discount_share[:, :week],
            month_start=self.month_start[: week + HORIZON],
        )


def category_series(tables: Mapping[str, pa.Table], moment: Moment, *, unseen_weeks: int = 0) -> Series:
    """The largest categories of `category_week` by purchase lines.

    Lines and not units rank them: units of fuel or bulk goods are of another order of magnitude. The oldest
    week is dropped, because the data may begin in its middle.

    Args:
        tables: With `category_week`, and `purchases` for where no category is known: products then stand
            for categories.
        moment: For the calendar of the weeks.
        unseen_weeks: How many of the last weeks the ranking may not see.

    Raises:
        CannotSay: Neither categories nor products are known, or there are fewer than twelve full weeks.
    """
    table = _weekly(tables)
    age = table["week"].to_numpy().astype(np.int64)
    weeks = int(age.max())
    if weeks < LEAST_WEEKS:
        raise CannotSay("analyze-few-weeks", weeks=weeks, needed=LEAST_WEEKS)
    encoded = table["category"].combine_chunks().dictionary_encode()
    code = encoded.indices.to_numpy().astype(np.int64)
    grid = {
        name: _grid(table, name, cells=(code, weeks - 1 - age), shape=(len(encoded.dictionary), weeks))
        for name in ("lines", "units", "spend", "discount")
    }
    known = grid["lines"][:, : weeks - unseen_weeks].sum(axis=1)
    top = np.argsort(-known, kind="stable")[:MOST_CATEGORIES]
    top = top[known[top] > 0]
    spend, discount = grid["spend"][top], grid["discount"][top]
    price = np.maximum(spend + discount, 1e-9)
    return Series(
        categories=tuple(encoded.dictionary[int(i)].as_py() for i in top),
        lines=grid["lines"][top],
        units=grid["units"][top],
        discount_share=np.clip(discount / price, 0.0, 1.0),
        month_start=month_start_share(moment, weeks),
    )


def _weekly(tables: Mapping[str, pa.Table]) -> pa.Table:
    """`category_week`, or the same by product."""
    table = tables["category_week"]
    if table.num_rows:
        return table
    lines = tables.get("purchases")
    if lines is None or lines["product_id"].null_count == lines.num_rows:
        raise CannotSay("analyze-no-categories")
    lines = lines.filter(lines["product_id"].is_valid())
    sums = [("quantity", "sum"), ("amount", "sum"), ("discount", "sum"), ("quantity", "count")]
    summed = lines.group_by(["product_id", "week"], use_threads=False).aggregate(sums)
    return summed.rename_columns(["category", "week", "units", "spend", "discount", "lines"])


def month_start_share(moment: Moment, weeks: int) -> "Numbers":
    """Share of the days of each week before the as-of time, and of the four after, in a month's first seven.

    >>> from datetime import datetime
    >>> month_start_share(Moment(as_of=datetime(2024, 1, 8)), 1).round(2).tolist()
    [1.0, 0.0, 0.0, 0.0, 0.57]
    """
    end = moment.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(moment.time_zone)).date()
    days = [(end + timedelta(days=d)).day for d in range(-7 * weeks, 7 * HORIZON)]
    return (np.array(days) <= _FIRST_DAYS).reshape(-1, 7).mean(axis=1)


def _grid(
    table: pa.Table,
    name: str,
    *,
    cells: tuple["NDArray[np.int64]", "NDArray[np.int64]"],
    shape: tuple[int, int],
) -> "Numbers":
    """One figure as a matrix; weeks without a row are 0."""
    out = np.zeros(shape)
    inside = cells[1] >= 0
    values = table[name].fill_null(0.0) if table[name].null_count else table[name]
    out[cells[0][inside], cells[1][inside]] = values.to_numpy().astype(np.float64)[inside]
    return out
