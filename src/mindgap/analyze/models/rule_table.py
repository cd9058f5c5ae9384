"""From frequent itemsets to the table of rules: mined, tested, and confirmed on later baskets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.stats import hypergeom

from mindgap.analyze.models.baskets import Baskets
from mindgap.analyze.models.eclat import Itemsets, RuleCounts, association_rules, least_count, population
from mindgap.analyze.models.rule_significance import SIGNIFICANT, selected, take
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

MOST_SETS = 40_000
_SUPPORTS = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
_LEAST_BASKETS = 5
_LEAST_CONFIDENCE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the later weeks say about rules; one entry per rule.

    Attributes:
        lift: Lift in the later weeks; NaN when antecedent or consequent did not occur.
        p_value: Chance of at least so many joint baskets were the two independent; NaN likewise.
    """

    lift: "Numbers"
    p_value: "Numbers"


def at_lowest_support(found: Callable[[int], Itemsets | None], *, baskets: int) -> Itemsets:
    """The frequent itemsets at the lowest support that keeps their number bounded.

    Args:
        found: The itemsets in at least so many baskets; None when there are more than MOST_SETS.
        baskets: How many there are.

    Raises:
        CannotSay: There are too many at any support.
    """
    best: Itemsets | None = None
    for support in _SUPPORTS:
        least = max(least_count(baskets, support), _LEAST_BASKETS)
        sets = found(least)
        if sets is None:
            break
        best = sets
        if least == _LEAST_BASKETS or sum(len(level.last) for level in sets.levels) > MOST_SETS // 4:
            break
    if best is None:
        raise CannotSay("analyze-many-itemsets", baskets=baskets)
    return best


def rule_table(
    sets: Itemsets, *, names: Sequence[str], confirm: Callable[["Indices", "Indices"], Confirmation]
) -> pa.Table:
    """The rules that hold beyond chance, the most surprising first.

    Args:
        sets: The frequent itemsets.
        names: Name of each item number.
        confirm: What the later weeks say of antecedents and consequents.

    Raises:
        CannotSay: No rule holds beyond chance.
    """
    counts = association_rules(sets, confidence=_LEAST_CONFIDENCE)
    kept, p_value, q_value = selected(counts, baskets=sets.baskets, items=len(sets.items))
    if not len(kept):
        raise CannotSay("analyze-no-rules", baskets=sets.baskets)
    counts = take(counts, kept)
    seen = confirm(counts.antecedents, counts.consequent)
    table = _counted(counts, names=names, baskets=sets.baskets)
    told = {
        "p_value": p_value[kept],
        "q_value": q_value[kept],
        "holdout_lift": pa.array(seen.lift, from_pandas=True),
        "confirmed": pa.array(_held_up(seen), pa.bool_()),
    }
    return pa.table({**table, **told})


def _counted(counts: RuleCounts, *, names: Sequence[str], baskets: int) -> dict[str, object]:
    return {
        "antecedent": pa.array(
            [[names[i] for i in row if i >= 0] for row in counts.antecedents], pa.list_(pa.string())
        ),
        "consequent": [names[i] for i in counts.consequent],
        "baskets": counts.both,
        "support": counts.both / baskets,
        "confidence": counts.both / counts.antecedent,
        "lift": counts.both * baskets / (counts.antecedent * counts.consequents.astype(np.float64)),
    }


def _held_up(seen: Confirmation) -> list[bool | None]:
    return [
        None if np.isnan(lift) else bool(lift > 1 and p <= SIGNIFICANT)
        for lift, p in zip(seen.lift, seen.p_value, strict=True)
    ]


def confirm(later: Baskets | None, antecedents: "Indices", consequent: "Indices") -> Confirmation:
    """Lift and significance of rules in the later weeks.

    Args:
        later: The later baskets; None when there are none.
        antecedents: Item numbers, shape (rules, items), -1 where there are fewer.
        consequent: Item number of each rule.
    """
    if later is None:
        unknown = np.full(len(consequent), np.nan)
        return Confirmation(lift=unknown, p_value=unknown)
    counts = joint_counts(later.bits, antecedents, consequent)
    return confirmation(counts, baskets=later.count)


def joint_counts(bits: "NDArray[np.uint64]", antecedents: "Indices", consequent: "Indices") -> "Indices":
    """Baskets with the antecedent, with the consequent and with both, shape (3, rules)."""
    every = np.vstack([bits, np.full(bits.shape[1], ~np.uint64(0))])
    held = np.array([np.bitwise_and.reduce(every[row], axis=0) for row in antecedents])
    return np.stack([population(held), population(bits)[consequent], population(held & bits[consequent])])


def confirmation(counts: "Indices", *, baskets: int) -> Confirmation:
    """Lift and significance of rules from their `joint_counts` among so many baskets."""
    antecedent, single, both = counts
    known = (antecedent > 0) & (single > 0)
    unknown = np.full(len(both), np.nan)
    lift = np.divide(both, antecedent * single / max(baskets, 1), out=unknown.copy(), where=known)
    p_value = hypergeom.sf(both - 1, baskets, single, antecedent)
    return Confirmation(lift=lift, p_value=np.where(known, p_value, np.nan))
