"""What is bought together: association rules, mined on earlier weeks and confirmed on the last ones.

A rule is kept when each item of its antecedent adds to it beyond chance (hypergeometric test, productive
rules of Webb 2007, false discovery control of Benjamini and Hochberg 1995) and when it is at least 1.2 times
as sure as every simpler rule (minimum improvement, Bayardo 1999). Support, confidence and lift are those of
the mining weeks; `holdout_lift` is the lift in the weeks after them, which the rule has never seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.stats import hypergeom

from mindgap.analyze.models.baskets import Baskets, SplitBaskets, split_baskets
from mindgap.analyze.models.eclat import (
    Itemsets,
    RuleCounts,
    TooManyItemsetsError,
    association_rules,
    frequent_itemsets,
    least_count,
    population,
)
from mindgap.analyze.models.rule_significance import LONGEST_SET, SIGNIFICANT, selected, take
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation, bootstrap_statistic, compare, evaluation_table, interval
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

_SUPPORTS = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
_LEAST_BASKETS = 5
_LEAST_CONFIDENCE = 0.1
_MOST_SETS = 40_000
_NEAREST_PAIRS = 20
_INPUTS = {
    "baskets": At(table="basket_categories", optional=True),
    "purchases": At(table="purchases", optional=True, columns=("order_id", "product_id", "week")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the later weeks say about rules; one entry per rule.

    Attributes:
        lift: Lift in the later weeks; NaN when antecedent or consequent did not occur.
        p_value: Chance of at least so many joint baskets were the two independent; NaN likewise.
    """

    lift: "Numbers"
    p_value: "Numbers"


@derivation(
    "rules",
    grain="one row per rule from one or more categories to one category, the highest lift first",
    purpose=Purpose.OPERATIONS,
    inputs=_INPUTS,
    weight=3.0,
)
def rules(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """The rules that hold beyond chance, the most surprising first; at most 500, ten to each consequent.

    `confirmed` is true when the lift in the later weeks is above 1 beyond chance (one-sided, 5 %), null
    when the later weeks hold no such baskets.

    Raises:
        CannotSay: Too few baskets, or no rule that holds beyond chance.
    """
    del moment
    split = split_baskets(tables)
    sets = mine(split.earlier)
    counts = association_rules(sets, confidence=_LEAST_CONFIDENCE)
    kept, p_value, q_value = selected(counts, baskets=sets.baskets, items=len(sets.items))
    if not len(kept):
        raise CannotSay("analyze-no-rules", baskets=split.earlier.count)
    counts = take(counts, kept)
    seen = confirm(split.later, counts.antecedents, counts.consequent)
    return _table(split, counts, seen=seen, tests=(p_value[kept], q_value[kept]))


@derivation(
    "evaluation_rules",
    grain="one row per figure",
    purpose=Purpose.OPERATIONS,
    inputs={**_INPUTS, "rules": "rules"},
    weight=1.0,
)
def evaluation_rules(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How far rules hold in later weeks, beside random pairs bought together as often.

    Rules share items, so the intervals (bootstrap over rules) are narrower than independent rules would give.

    Raises:
        CannotSay: The history is too short to hold weeks out.
    """
    split = split_baskets(tables)
    if split.later is None:
        raise CannotSay("analyze-few-weeks", weeks=0, needed=4)
    mined = tables["rules"]
    ours = mined["holdout_lift"].to_numpy(zero_copy_only=False).astype(np.float64)
    pairs = _random_pairs(split.earlier, mined["baskets"].to_numpy(), seed=moment.seed)
    theirs = confirm(split.later, pairs[:, :1], pairs[:, 1]).lift
    known = np.isfinite(ours) & np.isfinite(theirs)
    if not known.any():
        raise CannotSay("analyze-no-rules", baskets=split.later.count)
    return evaluation_table(_figures(ours[known], theirs[known], moment=moment, weeks=split.held_weeks))


def mine(baskets: Baskets, *, most_sets: int = _MOST_SETS) -> Itemsets:
    """The frequent itemsets at the lowest support that keeps their number bounded."""
    best: Itemsets | None = None
    for support in _SUPPORTS:
        least = max(least_count(baskets.count, support), _LEAST_BASKETS)
        try:
            best = frequent_itemsets(
                baskets.bits,
                baskets=baskets.count,
                min_count=least,
                max_length=LONGEST_SET,
                max_sets=most_sets,
            )
        except TooManyItemsetsError:
            break
        found = sum(len(level.last) for level in best.levels)
        if least == _LEAST_BASKETS or found > most_sets // 4:
            break
    if best is None:
        raise CannotSay("analyze-many-itemsets", baskets=baskets.count)
    return best


def confirm(later: Baskets | None, antecedents: "Indices", consequent: "Indices") -> Confirmation:
    """Lift and significance of rules in the later weeks.

    Args:
        later: The later baskets; None when there are none.
        antecedents: Item numbers, shape (rules, items), -1 where there are fewer.
        consequent: Item number of each rule.
    """
    unknown = np.full(len(consequent), np.nan)
    if later is None:
        return Confirmation(lift=unknown, p_value=unknown)
    every = np.vstack([later.bits, np.full(later.bits.shape[1], ~np.uint64(0))])
    held = np.array([np.bitwise_and.reduce(every[row], axis=0) for row in antecedents])
    antecedent, single = population(held), population(later.bits)[consequent]
    both = population(held & later.bits[consequent])
    known = (antecedent > 0) & (single > 0)
    expected = antecedent * single / max(later.count, 1)
    lift = np.divide(both, expected, out=unknown.copy(), where=known)
    p_value = hypergeom.sf(both - 1, later.count, single, antecedent)
    return Confirmation(lift=lift, p_value=np.where(known, p_value, np.nan))


def _table(
    split: SplitBaskets, counts: RuleCounts, *, seen: Confirmation, tests: tuple["Numbers", "Numbers"]
) -> pa.Table:
    baskets = split.earlier.count
    confirmed = [
        None if np.isnan(lift) else bool(lift > 1 and p <= SIGNIFICANT)
        for lift, p in zip(seen.lift, seen.p_value, strict=True)
    ]
    return pa.table(
        {
            "antecedent": pa.array(
                [[split.names[i] for i in row if i >= 0] for row in counts.antecedents], pa.list_(pa.string())
            ),
            "consequent": [split.names[i] for i in counts.consequent],
            "baskets": counts.both,
            "support": counts.both / baskets,
            "confidence": counts.both / counts.antecedent,
            "lift": counts.both * baskets / (counts.antecedent * counts.consequents.astype(np.float64)),
            "p_value": tests[0],
            "q_value": tests[1],
            "holdout_lift": pa.array(seen.lift, from_pandas=True),
            "confirmed": pa.array(confirmed, pa.bool_()),
        }
    )


def _random_pairs(earlier: Baskets, wanted: "Indices", *, seed: int) -> "Indices":
    """For each rule a random pair of items that is in about as many baskets, shape (rules, 2)."""
    least = max(int(wanted.min()) // 2, 1)
    sets = frequent_itemsets(earlier.bits, baskets=earlier.count, min_count=least, max_length=2)
    pairs, count = sets.members(2), sets.levels[1].count
    order = np.argsort(count, kind="stable")
    middle = np.searchsorted(count[order], wanted)
    span = min(_NEAREST_PAIRS, len(order))
    start = np.clip(middle - span // 2, 0, len(order) - span)
    rng = generator(seed, "rules", "random-pairs")
    return pairs[order[start + rng.integers(0, span, len(wanted))]]


def _figures(ours: "Numbers", theirs: "Numbers", *, moment: Moment, weeks: int) -> list[Evaluation]:
    start = moment.as_of - timedelta(weeks=weeks)
    period = f"{start.date().isoformat()}/{moment.as_of.date().isoformat()}"
    above, base = (ours > 1).astype(np.float64), (theirs > 1).astype(np.float64)
    share, difference = compare(above, base, seed=moment.seed, name="rules-share")
    draws = bootstrap_statistic(
        len(ours),
        lambda rows: (float(np.median(ours[rows])), float(np.median(theirs[rows]))),
        seed=moment.seed,
        name="rules-median",
    )
    rows = (
        ("share-lift-above-1", (float(above.mean()), float(base.mean())), share, difference),
        (
            "median-lift",
            (float(np.median(ours)), float(np.median(theirs))),
            interval(draws[:, 0]),
            interval(draws[:, 0] - draws[:, 1]),
        ),
    )
    return [
        Evaluation(
            task="rules",
            data=moment.workspace,
            metric=metric,
            value=value,
            low=span[0],
            high=span[1],
            baseline="random-pairs",
            baseline_value=baseline,
            n=len(ours),
            better="higher",
            beats_baseline=gain[0] > 0,
            period=period,
        )
        for metric, (value, baseline), span, gain in rows
    ]
