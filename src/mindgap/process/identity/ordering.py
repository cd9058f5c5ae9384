"""Sorting millions of rows: numbers as many as rows are counted, not compared."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
_DENSE = 8  # times as large as there are rows, a number may be, to be counted


def in_order(key: Ints | Small) -> Ints:
    """The rows in the order of numbers from 0 on; equal ones stay in the order they came in.

    Numbers as many as rows are counted, not compared: turning a sparse matrix puts its columns in order.
    """
    if (key[1:] >= key[:-1]).all():
        return np.arange(len(key))
    size = int(key.max()) + 1
    if size > _DENSE * len(key):
        return np.argsort(key, kind="stable")
    kind = np.int32 if size < np.iinfo(np.int32).max else np.int64
    ends = np.arange(len(key) + 1, dtype=kind)
    rows = csr_array((np.ones(len(key), np.bool_), key.astype(kind), ends), shape=(len(key), size))
    return rows.tocsc().indices.astype(np.int64)


def in_groups(*keys: Ints | Small) -> tuple[Ints, Ints]:
    """The rows in the order of a first key, then of the next, and where there each group begins."""
    order = in_order(keys[-1])
    for key in keys[-2::-1]:
        order = order[in_order(key[order])]
    return order, np.flatnonzero(begins(*(key[order] for key in keys)))


def numbered(values: Ints) -> tuple[Ints, Ints]:
    """Each of some numbers from 0 on once, in order, and the place of each row's among them."""
    if not len(values):
        return values, values
    size = int(values.max()) + 1
    if size > _DENSE * len(values):
        return np.unique(values, return_inverse=True)
    there = np.zeros(size, np.bool_)
    there[values] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]


def begins(*keys: Ints | Small) -> Flags:
    """Which of sorted rows differ from the row before in any of some keys."""
    first = np.ones(len(keys[0]), np.bool_)
    first[1:] = False
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def reduced(how: np.ufunc, values: Ints, starts: Ints) -> Ints:
    """What each group of sorted rows comes to."""
    return how.reduceat(values, starts) if len(starts) else np.zeros(0, np.int64)
