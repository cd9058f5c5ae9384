"""Frequent itemsets and association rules, counted exactly on bitsets (Eclat; Zaki 2000).

Every item is one row of 64-bit words with a bit per basket. The baskets that hold a set are the AND of its
items' rows, their number is a population count. Nothing is rounded: support and confidence are compared as
integers, so that a rule at exactly the threshold is never lost (libraries that compare floats lose some).
"""

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mindgap.kernel.errors import MindgapError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]
    Indices = NDArray[np.int64]

_PAIR = 2


class TooManyItemsetsError(MindgapError):
    """The support floor is so low that more itemsets are frequent than the caller allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """All frequent itemsets of one length, in lexicographic order of their item ranks.

    Attributes:
        parent: Position, one level down, of the set without its last item (0 for single items).
        last: Rank of the last item; ranks go by rising support.
        count: Number of baskets that hold the set.
    """

    parent: "Indices"
    last: "Indices"
    count: "Indices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Itemsets:
    """The frequent itemsets of a collection of baskets.

    Attributes:
        baskets: Number of baskets, empty ones included.
        items: Item number of each rank.
        levels: Sets of one item, of two items, and so on.
    """

    baskets: int
    items: "Indices"
    levels: tuple[Level, ...]

    def members(self, length: int) -> "Indices":
        """Item numbers of the sets of one length, shape (sets, length)."""
        columns: list[Indices] = []
        position = np.arange(len(self.levels[length - 1].last))
        for level in reversed(self.levels[:length]):
            columns.append(self.items[level.last[position]])
            position = level.parent[position]
        return np.column_stack(columns[::-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """Rules with one consequent, as counts; one entry per rule in every array.

    Attributes:
        antecedents: Item numbers, shape (rules, longest antecedent), -1 where a rule has fewer.
        consequent: Item number.
        both: Baskets that hold antecedent and consequent.
        antecedent: Baskets that hold the antecedent.
        consequents: Baskets that hold the consequent.
        improvement: Confidence over the highest confidence of any simpler rule to the same consequent, the
            one without antecedent included; for a pair it is the lift. At most 1: the rule is redundant.
        wider_antecedent: Baskets that hold the antecedent without one of its items, shape (rules, longest
            antecedent), -1 where a rule has fewer; all baskets for an antecedent of one item.
        wider_both: Of those, the baskets that hold the consequent too.
    """

    antecedents: "Indices"
    consequent: "Indices"
    both: "Indices"
    antecedent: "Indices"
    consequents: "Indices"
    improvement: "NDArray[np.float64]"
    wider_antecedent: "Indices"
    wider_both: "Indices"


def bitsets(basket: "Indices", item: "Indices", *, baskets: int, items: int) -> "Bits":
    """One row of words per item, one bit per basket, from (basket, item) number pairs."""
    words = (baskets + 63) // 64
    rows = np.zeros((items, words * 8), dtype=np.uint8)
    bits = np.left_shift(np.uint8(1), (basket & 7).astype(np.uint8), dtype=np.uint8)
    np.bitwise_or.at(rows.reshape(-1), item * (words * 8) + (basket >> 3), bits)
    return rows.view(np.uint64)


def population(bits: "Bits") -> "Indices":
    """Number of baskets in each row."""
    return np.bitwise_count(bits).sum(axis=-1, dtype=np.int64)


def least_count(baskets: int, support: float) -> int:
    """The smallest whole number of baskets that reaches a support, read as the decimal that was written.

    >>> least_count(9835, 0.001), least_count(1000, 0.007)
    (10, 7)
    """
    return max(1, -int(-Fraction(str(support)) * baskets // 1))


def frequent_itemsets(
    bits: "Bits", *, baskets: int, min_count: int, max_length: int = 32, max_sets: int = 10_000_000
) -> Itemsets:
    """All itemsets in at least `min_count` baskets.

    Args:
        bits: From `bitsets`.
        baskets: Number of baskets.
        min_count: Fewest baskets.
        max_length: Most items in a set.
        max_sets: Give up beyond this many sets.

    Raises:
        TooManyItemsetsError: More than `max_sets` are frequent.
    """
    single = population(bits)
    keep = np.flatnonzero(single >= min_count)
    order = keep[np.argsort(single[keep], kind="stable")]
    search = _Search(min_count=min_count, max_length=max_length, max_sets=max_sets)
    ranks = np.arange(len(order))
    search.add(1, parent=0, last=ranks, count=single[order])
    if max_length > 1:
        search.extend(bits[order], ranks, first=0, length=1)
    return Itemsets(baskets=baskets, items=order, levels=search.levels())


def itemsets(members: "Indices", count: "Indices", *, baskets: int) -> Itemsets:
    """The same from itemsets that were counted elsewhere: all that are frequent, in any order.

    Args:
        members: Item numbers, shape (sets, longest), -1 where a set has fewer.
        count: Number of baskets that hold each set.
        baskets: Number of baskets.
    """
    length = (members >= 0).sum(axis=1)
    single = np.zeros(int(members.max(initial=-1)) + 1, dtype=np.int64)
    single[members[length == 1].max(axis=1)] = count[length == 1]
    keep = np.flatnonzero(single)
    items = keep[np.argsort(single[keep], kind="stable")]
    rank = np.zeros(len(single), dtype=np.int64)
    rank[items] = np.arange(len(items))
    levels = [Level(parent=np.zeros_like(items), last=np.arange(len(items)), count=single[items])]
    for size in range(2, int(length.max(initial=1)) + 1):
        sets = members[length == size]
        ranks = np.sort(rank[sets[sets >= 0]].reshape(-1, size), axis=1)
        parent = ranks[:, 0]
        for level, last in zip(levels[1:], ranks.T[1:-1], strict=True):
            keys = level.parent * len(items) + level.last
            parent = np.searchsorted(keys, parent * len(items) + last)
        order = np.lexsort((ranks[:, -1], parent))
        levels.append(Level(parent=parent[order], last=ranks[order, -1], count=count[length == size][order]))
    return Itemsets(baskets=baskets, items=items, levels=tuple(levels))


class _Search:
    """Depth-first search; the rows of a branch are already cut to the baskets of its prefix."""

    def __init__(self, *, min_count: int, max_length: int, max_sets: int) -> None:
        self._min_count = min_count
        self._max_length = max_length
        self._max_sets = max_sets
        self._found: list[list[tuple[int, Indices, Indices]]] = []
        self._sizes: list[int] = []

    def add(self, length: int, *, parent: int, last: "Indices", count: "Indices") -> int:
        """Record the extensions of one prefix; answers the position of the first."""
        if len(self._found) < length:
            self._found.append([])
            self._sizes.append(0)
        start = self._sizes[length - 1]
        self._found[length - 1].append((parent, last, count))
        self._sizes[length - 1] += len(last)
        if sum(self._sizes) > self._max_sets:
            raise TooManyItemsetsError(
                f"More than {self._max_sets} itemsets reach {self._min_count} baskets.",
                hint="Raise the support.",
            )
        return start

    def extend(self, rows: "Bits", ranks: "Indices", *, first: int, length: int) -> None:
        """Extend each set `prefix + ranks[i]` by the later items; `first` is the position of the first."""
        for i in range(len(ranks) - 1):
            words = np.flatnonzero(rows[i])
            branch = rows[i + 1 :, words]
            branch &= rows[i, words]
            count = population(branch)
            keep = np.flatnonzero(count >= self._min_count)
            if not len(keep):
                continue
            last = ranks[i + 1 :][keep]
            start = self.add(length + 1, parent=first + i, last=last, count=count[keep])
            if len(keep) > 1 and length + 1 < self._max_length:
                self.extend(branch[keep], last, first=start, length=length + 1)

    def levels(self) -> tuple[Level, ...]:
        """What was found, one entry per length."""
        return tuple(
            Level(
                parent=np.repeat([p for p, _, _ in found], [len(last) for _, last, _ in found]).astype(
                    np.int64
                ),
                last=np.concatenate([last for _, last, _ in found]).astype(np.int64),
                count=np.concatenate([count for _, _, count in found]),
            )
            for found in self._found
        )


def association_rules(sets: Itemsets, *, confidence: float) -> RuleCounts:
    """All rules `antecedent -> one item` whose confidence reaches a threshold.

    Args:
        sets: The frequent itemsets.
        confidence: Least share (0-1) of the antecedent's baskets that hold the consequent too, read as the
            decimal that was written.
    """
    least = Fraction(str(confidence))
    singles = len(sets.levels[0].last)
    parts = [_nothing(sets)]
    below: Indices = np.zeros((singles, 1), dtype=np.int64)
    surest = np.full((singles, 1), -1.0)
    for length in range(2, len(sets.levels) + 1):
        without = _without(sets, length, below)
        both = sets.levels[length - 1].count[:, None]
        antecedent = sets.levels[length - 2].count[without]
        sure = both / antecedent
        simpler = _surest_shorter(sets, without, surest)
        row, place = np.nonzero(both * least.denominator >= antecedent * least.numerator)
        gain = (sure / simpler)[row, place]
        parts.append(_rules(sets, (row, place), without=without, below=below, improvement=gain))
        below, surest = without, np.maximum(sure, simpler)
    columns = (f.name for f in fields(RuleCounts))
    return RuleCounts(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})


def _nothing(sets: Itemsets) -> RuleCounts:
    """No rules, in the right shapes."""
    none, wide = np.zeros(0, dtype=np.int64), np.zeros((0, max(len(sets.levels) - 1, 1)), dtype=np.int64)
    return RuleCounts(
        antecedents=wide,
        consequent=none,
        both=none,
        antecedent=none,
        consequents=none,
        improvement=np.zeros(0),
        wider_antecedent=wide,
        wider_both=wide,
    )


def _rules(
    sets: Itemsets,
    kept: tuple["Indices", "Indices"],
    *,
    without: "Indices",
    below: "Indices",
    improvement: "NDArray[np.float64]",
) -> RuleCounts:
    """The rules of sets of one length; `kept` holds each rule's set and the place of its consequent."""
    row, place = kept
    length = without.shape[1]
    shorter = sets.levels[length - 2].count
    members = sets.members(length)[row]
    consequent = members[np.arange(len(row)), place]
    shape = (len(row), max(len(sets.levels) - 1, 1))
    others, wider_antecedent, wider_both = (np.full(shape, -1, dtype=np.int64) for _ in range(3))
    rest = np.nonzero(np.arange(length) != place[:, None])[1].reshape(len(row), length - 1)
    single = np.zeros(int(sets.items.max()) + 1, dtype=np.int64)
    single[sets.items] = sets.levels[0].count
    for j in range(length - 1):
        dropped = rest[:, j]
        others[:, j] = members[np.arange(len(row)), dropped]
        wider_both[:, j] = shorter[without[row, dropped]]
        if length > _PAIR:
            inner = below[without[row, dropped], place - (dropped < place)]
            wider_antecedent[:, j] = sets.levels[length - 3].count[inner]
        else:
            wider_antecedent[:, j] = sets.baskets
    return RuleCounts(
        antecedents=others,
        consequent=consequent,
        both=sets.levels[length - 1].count[row],
        antecedent=shorter[without[row, place]],
        consequents=single[consequent],
        improvement=improvement,
        wider_antecedent=wider_antecedent,
        wider_both=wider_both,
    )


def _without(sets: Itemsets, length: int, below: "Indices") -> "Indices":
    """Position, one level down, of each set without its j-th item, shape (sets, length).

    A set without its last item is its parent. Without an earlier item it is the extension, by the same last
    item, of the parent without that item; that pair of numbers is unique, so the look-up is exact.
    """
    level, shorter = sets.levels[length - 1], sets.levels[length - 2]
    width = len(sets.items)
    keys = shorter.parent * width + shorter.last
    out = np.empty((len(level.last), length), dtype=np.int64)
    out[:, -1] = level.parent
    for j in range(length - 1):
        out[:, j] = np.searchsorted(keys, below[level.parent, j] * width + level.last)
    return out


def _surest_shorter(
    sets: Itemsets, without: "Indices", surest: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """Highest confidence of a proper subset of the antecedent (the empty one included), same consequent."""
    length = without.shape[1]
    if length == _PAIR:
        return sets.levels[0].count[without[:, ::-1]] / sets.baskets
    out = np.full(without.shape, -1.0)
    for consequent in range(length):
        for dropped in range(length):
            if dropped == consequent:
                continue
            place = consequent - (dropped < consequent)
            np.maximum(out[:, consequent], surest[without[:, dropped], place], out=out[:, consequent])
    return out
