"""Counts of outcomes by customer and week: the evidence that every forecast starts from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.outcomes import Lines

    Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Purchase lines counted by customer, value and week; one entry per cell that is not empty.

    Attributes:
        n_values: Size of the vocabulary.
        start: Where each customer's entries begin, and at last where they end; shape (customers + 1,).
        customer: Per entry, ascending.
        value: Per entry.
        age: Per entry, whole weeks before the cut; negative after it.
        count: Per entry, lines.
        youngest: The youngest age there is.
        weekly: Lines of all customers by value and week, youngest week first; shape (values, weeks).
    """

    n_values: int
    start: "NDArray[np.int64]"
    customer: "NDArray[np.int64]"
    value: "NDArray[np.int64]"
    age: "NDArray[np.int64]"
    count: "Matrix"
    youngest: int
    weekly: "NDArray[np.float64]"

    @property
    def n_customers(self) -> int:
        """Number of customers, those without entries included."""
        return len(self.start) - 1

    @property
    def oldest(self) -> int:
        """Age in weeks of the oldest entry."""
        return int(self.age.max(initial=-1))

    def between(self, rows: slice, youngest: int, oldest: int) -> "Matrix":
        """Lines per customer and value in weeks of age `youngest` to `oldest`, both included."""
        part = slice(self.start[rows.start], self.start[rows.stop])
        age = self.age[part]
        return self._spread(rows, part, ((age >= youngest) & (age <= oldest)) * self.count[part])

    def decayed(self, rows: slice, age: int, half_life: float) -> "Matrix":
        """Lines per customer and value as known at `age` weeks before the cut, older lines counting less.

        Args:
            rows: Which customers.
            age: Entries younger than this are not looked at.
            half_life: Weeks in which a line loses half its weight; infinity for no loss.
        """
        part = slice(self.start[rows.start], self.start[rows.stop])
        older = (self.age[part] - age).astype(np.float32)
        weight = np.where(older >= 0, np.exp2(-np.maximum(older, 0) / np.float32(half_life)), 0)
        return self._spread(rows, part, weight * self.count[part])

    def totals(self, age: int, half_life: float) -> "NDArray[np.float64]":
        """Decayed lines per value over all customers, as known at `age` weeks before the cut."""
        older = np.arange(self.youngest, self.youngest + self.weekly.shape[1]) - age
        return self.weekly @ np.where(older >= 0, np.exp2(-np.maximum(older, 0) / half_life), 0)

    def bought(self, youngest: int, oldest: int) -> "NDArray[np.float64]":
        """Lines per value over all customers in weeks of age `youngest` to `oldest`, both included."""
        age = np.arange(self.youngest, self.youngest + self.weekly.shape[1])
        return self.weekly[:, (age >= youngest) & (age <= oldest)].sum(axis=1)

    def take(self, customers: "NDArray[np.int64]") -> "Cells":
        """The cells of some customers (ascending), renumbered from 0."""
        lengths = self.start[customers + 1] - self.start[customers]
        start = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(self.start[customers] - start[:-1], lengths) + np.arange(start[-1])
        value, age, count = self.value[entries], self.age[entries], self.count[entries]
        return Cells(
            n_values=self.n_values,
            start=start,
            customer=np.repeat(np.arange(len(customers)), lengths),
            value=value,
            age=age,
            count=count,
            youngest=self.youngest,
            weekly=_weekly(value, age - self.youngest, count, shape=self.weekly.shape),
        )

    def _spread(self, rows: slice, part: slice, weight: "Matrix") -> "Matrix":
        flat = (self.customer[part] - rows.start) * self.n_values + self.value[part]
        height = rows.stop - rows.start
        summed = np.bincount(flat, weight, height * self.n_values)
        return summed.reshape(height, self.n_values).astype(np.float32)


def count_cells(lines: "Lines") -> Cells:
    """Count lines by customer, value and week."""
    n_values = len(lines.values)
    youngest = int(lines.age.min())
    span = int(lines.age.max()) - youngest + 1
    week = lines.age - youngest
    key = (lines.customer * n_values + lines.value) * span + week
    cell, count = np.unique(key, return_counts=True)
    customer, rest = np.divmod(cell, n_values * span)
    value, week = np.divmod(rest, span)
    return Cells(
        n_values=n_values,
        start=np.searchsorted(customer, np.arange(len(lines.customers) + 1)),
        customer=customer,
        value=value,
        age=week + youngest,
        count=count.astype(np.float32),
        youngest=youngest,
        weekly=_weekly(value, week, count, shape=(n_values, span)),
    )


def _weekly(
    value: "NDArray[np.int64]", week: "NDArray[np.int64]", count: "NDArray[Any]", *, shape: tuple[int, int]
) -> "NDArray[np.float64]":
    summed = np.bincount(value * shape[1] + week, count, shape[0] * shape[1])
    return summed.reshape(shape).astype(np.float64)


def chunks(n: int, size: int) -> list[slice]:
    """Slices that cover `n` rows, `size` at a time.

    >>> chunks(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(first, min(first + size, n)) for first in range(0, n, size)]
