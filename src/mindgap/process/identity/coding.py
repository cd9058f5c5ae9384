"""Ids as numbers, so that millions of ties are a few arrays; their order is the order of the texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.process.identity.ordering import Flags, Ints

_compute: Any = pc  # its functions are made when it is imported, which no type checker sees

EVER = -(1 << 62)
"""A time in microseconds that stands for `from the outset`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Texts, each once and in order; the place of a text is its number.

    Attributes:
        texts: The texts, in the order of their code points.
    """

    texts: pa.LargeStringArray

    def take(self, codes: Ints) -> pa.Array:
        """The texts of numbers; null for -1."""
        return self.texts.take(pa.array(codes, mask=codes < 0)).cast(pa.string())

    def __len__(self) -> int:
        return len(self.texts)


def coded(
    columns: Sequence[pa.ChunkedArray], *, asked: Sequence[pa.ChunkedArray] = ()
) -> tuple[Names, list[Ints]]:
    """Every text of some columns as a number.

    Args:
        columns: The texts.
        asked: Further ones, which get a number where they are among those texts.

    Returns:
        The texts, and by column the number of each row: -1 for null and for what is not among them.
    """
    every = [*columns, *asked]
    is_known = [_plain(_compute.is_valid(column)).astype(np.bool_) for column in every]
    ends = np.cumsum([int(known.sum()) for known in is_known])
    found = _large(every).dictionary_encode()  # texts are in the order in which they come first
    place = found.indices.to_numpy()
    own = found.dictionary[: int(place[: ends[len(columns) - 1]].max(initial=-1)) + 1]
    order = _compute.sort_indices(own)
    number = np.full(len(found.dictionary), -1)
    number[order.to_numpy()] = np.arange(len(own))
    parts = np.split(number[place], ends[:-1])
    return Names(texts=own.take(order)), [
        spread(part, known) for part, known in zip(parts, is_known, strict=True)
    ]


def _large(columns: Sequence[pa.ChunkedArray]) -> pa.LargeStringArray:
    """All texts one after the other; together they may be more than two gigabytes."""
    none = pa.array([], pa.large_string())
    chunks = [chunk for column in columns for chunk in column.chunks]
    return pa.concat_arrays([none, *(chunk.drop_null().cast(none.type) for chunk in chunks)])


def spread(values: Ints, chosen: Flags) -> Ints:
    """Values at the chosen rows, in order; -1 at all others."""
    if len(values) == len(chosen):
        return values
    spread = np.full(len(chosen), -1)
    spread[chosen] = values
    return spread


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


def _plain(values: Any) -> Any:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(whole.to_numpy(zero_copy_only=False))
