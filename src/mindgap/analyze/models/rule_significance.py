"""Which association rules hold beyond chance, and say more than a simpler rule does."""

from dataclasses import fields
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import hypergeom

from mindgap.analyze.models.eclat import RuleCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

LONGEST_SET = 4
SIGNIFICANT = 0.05
_LEAST_IMPROVEMENT = 1.2
_MOST_RULES = 500
_MOST_PER_CONSEQUENT = 10


def selected(counts: RuleCounts, *, baskets: int, items: int) -> tuple["Indices", "Numbers", "Numbers"]:
    """Positions of the rules to keep, and p- and q-values of all.

    Every rule of the same length that could be made of the frequent items counts as a test, mined or not:
    only those that look strong are mined, so that their number alone would be too few. The chance of error
    is shared out evenly among the lengths (layered critical values, Webb 2008).
    """
    p_value = np.ones(len(counts.both))
    able = np.flatnonzero(counts.improvement >= _LEAST_IMPROVEMENT)
    p_value[able] = _chance(take(counts, able))
    q_value = np.ones(len(p_value))
    size = (counts.antecedents >= 0).sum(axis=1)
    for length in range(1, LONGEST_SET):
        rows = np.flatnonzero(size == length)
        tests = items * comb(items - 1, length)
        q_value[rows] = np.minimum(discovery_rate(p_value[rows], tests) * (LONGEST_SET - 1), 1.0)
    lift = counts.both * baskets / (counts.antecedent * counts.consequents.astype(np.float64))
    keep = able[q_value[able] <= SIGNIFICANT]
    keep = keep[np.argsort(-lift[keep], kind="stable")]
    return (
        keep[_nth_of_its_kind(counts.consequent[keep]) < _MOST_PER_CONSEQUENT][:_MOST_RULES],
        p_value,
        q_value,
    )


def discovery_rate(p_value: "Numbers", tests: int) -> "Numbers":
    """The false discovery rate at which each result passes (Benjamini and Hochberg 1995).

    Args:
        p_value: The smallest p-values.
        tests: Number of all tests; those that are not listed count as failed.

    >>> discovery_rate(np.array([0.01, 0.02, 0.9]), 4).tolist()
    [0.04, 0.04, 1.0]
    """
    order = np.argsort(p_value, kind="stable")
    rate = p_value[order] * tests / np.arange(1, len(order) + 1)
    out = np.empty(len(order))
    out[order] = np.minimum(np.minimum.accumulate(rate[::-1])[::-1], 1.0)
    return out


def _nth_of_its_kind(values: "Indices") -> "Indices":
    """How many equal values come before each value."""
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], values[order])
    out = np.empty(len(values), dtype=np.int64)
    out[order] = np.arange(len(values)) - starts
    return out


def _chance(counts: RuleCounts) -> "Numbers":
    """Chance of so many joint baskets if the item that adds least to the antecedent added nothing.

    A one-sided hypergeometric test among the baskets that hold the antecedent without that item (productive
    rules, Webb 2007). Testing against independence alone would pass every superset of a true rule.
    """
    n, both = counts.antecedent[:, None], counts.both[:, None]
    total, held = np.maximum(counts.wider_antecedent, 2), counts.wider_both
    rate = held / total
    deviation = np.sqrt(np.maximum(n * rate * (1 - rate) * (total - n) / (total - 1), 1e-12))
    surprise = np.where(counts.wider_antecedent >= 0, (both - n * rate) / deviation, np.inf)
    least = surprise.argmin(axis=1)[:, None]
    wider = (np.take_along_axis(column, least, axis=1)[:, 0] for column in (counts.wider_antecedent, held))
    return np.clip(hypergeom.sf(counts.both - 1, *wider, counts.antecedent), 0.0, 1.0)


def take(counts: RuleCounts, rows: "Indices") -> RuleCounts:
    """Some of the rules."""
    return RuleCounts(**{f.name: getattr(counts, f.name)[rows] for f in fields(RuleCounts)})
