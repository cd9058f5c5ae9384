"""Ids as numbers, so that millions of ties are a few arrays; their order is the order of the texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_compute: Any = pc  # its functions are made when it is imported, which no type checker sees
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

EVER = -(1 << 62)
"""A time in microseconds that stands for `from the outset`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Texts, each once and in order; the place of a text is its number.

    Attributes:
        texts: The texts, sorted by code points.
    """

    texts: pa.Array

    def codes(self, column: pa.ChunkedArray | pa.Array) -> Ints:
        """The number of each text; -1 for null and for what is not among them."""
        found = _compute.index_in(column, value_set=self.texts)
        return _plain(_compute.fill_null(found, -1)).astype(np.int64)

    def codes_where(self, column: pa.ChunkedArray | pa.Array, chosen: Flags) -> Ints:
        """The number of each text of some rows; -1 for all others."""
        codes = np.full(len(chosen), -1)
        codes[chosen] = self.codes(column.filter(pa.array(chosen)))
        return codes

    def take(self, codes: Ints) -> pa.Array:
        """The texts of numbers; null for -1."""
        return self.texts.take(pa.array(codes, mask=codes < 0))

    def __len__(self) -> int:
        return len(self.texts)


def distinct(values: Ints) -> Ints:
    """Each value once, in order; by sorting, which is faster here than numpy's hashing."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


def names(columns: Sequence[pa.ChunkedArray | pa.Array]) -> Names:
    """Every text of some columns."""
    unique = [column.unique().cast(pa.string()) for column in columns]
    texts = pa.chunked_array(unique, pa.string()).unique().drop_null()
    return Names(texts=texts.take(_compute.sort_indices(texts)))


def micros(column: pa.ChunkedArray | pa.Array) -> Ints:
    """Times in microseconds since 1970; EVER for null."""
    whole = column.cast(pa.timestamp("us")).cast(pa.int64())
    return _plain(_compute.fill_null(whole, EVER))


def flags(column: pa.ChunkedArray | pa.Array) -> Flags:
    """Booleans; False for null."""
    return _plain(_compute.fill_null(column, False)).astype(np.bool_)


def numbers(column: pa.ChunkedArray | pa.Array, *, missing: int = 0) -> Ints:
    """Whole numbers."""
    return _plain(_compute.fill_null(column.cast(pa.int64()), missing))


def moments(times: Ints) -> pa.Array:
    """Microseconds as times; null for EVER."""
    return pa.array(times, pa.int64(), mask=times == EVER).cast(pa.timestamp("us"))


def groups_of(key: Ints) -> tuple[Ints, Ints]:
    """Rows sorted by a key, and where in that order each key begins."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(key) else np.zeros(0, np.int64)
    return order, starts


def _plain(values: Any) -> Any:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(whole.to_numpy(zero_copy_only=False))
