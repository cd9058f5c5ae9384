"""Sorting millions of rows: texts by words of eight bytes, small numbers by counting.

Comparing text with text, and hashing each to find its number again, took most of the graph's time.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]
_DENSE = 8  # times as large as there are rows, a number may be, to be counted
_WORD = 8  # bytes
_LEADING = np.array([(1 << 64) - (1 << 8 * (_WORD - size)) for size in range(_WORD + 1)], np.uint64)
"""By how many bytes of a word there are: the bits of these."""


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


def by_text(texts: pa.LargeStringArray) -> tuple[Ints, Flags]:
    """The rows in the order of their code points, and which of these is the first with its text.

    One word tells most texts apart; the next one is read of those only that are still alike.

    Args:
        texts: Texts without nulls; equal ones stay in the order they came in.
    """
    raw, starts, sizes = _bytes(texts)
    order = np.arange(len(texts))
    is_first = order == 0
    alike, read = order.copy(), 0
    while len(alike):
        rows = order[alike]
        _split(order, is_first, alike, key=_words(raw, starts[rows] + read, sizes[rows] - read))
        read += _WORD
        alike = _longer(_repeated(alike, is_first), is_first, sizes[order], than=read)
    # texts that differ in how many zero bytes they end with have the same words
    alike = _repeated(np.arange(len(order)), is_first)
    _split(order, is_first, alike, key=sizes[order[alike]])
    return order, is_first


def _bytes(texts: pa.LargeStringArray) -> tuple[NDArray[np.uint8], Ints, Ints]:
    """All bytes, with a word of zeros after them; where each text begins, and its bytes."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    raw = np.frombuffer(data or b"", np.uint8)
    return np.r_[raw, np.zeros(_WORD, np.uint8)], ends[:-1], np.diff(ends)


def _words(raw: NDArray[np.uint8], places: Ints, left: Ints) -> Words:
    """The word at each place, as a number in the order of its bytes; zeros where the text is at its end."""
    every = np.ndarray((len(raw) - _WORD + 1,), ">u8", buffer=raw, strides=(1,))
    word = every[np.minimum(places, len(every) - 1)].astype(np.uint64)
    return word & _LEADING[np.clip(left, 0, _WORD)]


def _split(order: Ints, is_first: Flags, places: Ints, *, key: Words | Ints) -> None:
    """Sort groups of rows that are alike by a key, and mark where it tells them apart."""
    first = is_first[places]
    group = np.cumsum(first) - 1
    differs = np.flatnonzero((key[1:] != key[:-1]) & ~first[1:])
    mixed = np.zeros(int(first.sum()), np.bool_)
    mixed[group[differs]] = True
    chosen = mixed[group]
    places, key, group = places[chosen], key[chosen], group[chosen]
    several = len(group) and group[0] != group[-1]
    rows = np.lexsort((key, group)) if several else np.argsort(key, kind="stable")
    order[places] = order[places][rows]
    key = key[rows]
    is_first[places[1:]] |= key[1:] != key[:-1]


def _repeated(places: Ints, is_first: Flags) -> Ints:
    """Places, of whole groups, in groups of several rows."""
    first = is_first[places]
    return places[~(first & np.r_[first[1:], True])] if len(places) else places


def _longer(places: Ints, is_first: Flags, sizes: Ints, *, than: int) -> Ints:
    """Places, of whole groups, in groups of which some text has more bytes."""
    starts = np.flatnonzero(is_first[places])
    if not len(starts):
        return places
    longest = np.maximum.reduceat(sizes[places], starts)
    return places[np.repeat(longest > than, np.diff(np.r_[starts, len(places)]))]
