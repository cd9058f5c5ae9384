"""What is bought together: association rules, mined on earlier weeks and confirmed on the last ones.

A rule is kept when each item of its antecedent adds to it beyond chance (hypergeometric test, productive
rules of Webb 2007, false discovery control of Benjamini and Hochberg 1995) and when it is at least 1.2 times
as sure as every simpler rule (minimum improvement, Bayardo 1999). Support, confidence and lift are those of
the mining weeks; `holdout_lift` is the lift in the weeks after them, which the rule has never seen.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.baskets import Baskets, split_baskets
from mindgap.analyze.models.eclat import Itemsets, TooManyItemsetsError, frequent_itemsets
from mindgap.analyze.models.rule_significance import LONGEST_SET
from mindgap.analyze.models.rule_table import MOST_SETS, at_lowest_support, confirm, rule_table
from mindgap.analyze.models.rules_large import large_rules
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import (
    Evaluation,
    Trial,
    bootstrap_means,
    bootstrap_statistic,
    evaluation_table,
)
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

_NEAREST_PAIRS = 20
_INPUTS = {
    "baskets": At(table="basket_categories", optional=True),
    "purchases": At(table="purchases", optional=True, columns=("order_id", "product_id", "week")),
}


@derivation(
    "rules",
    grain="one row per rule from one or more categories to one category, the highest lift first",
    purpose=Purpose.OPERATIONS,
    inputs=_INPUTS,
    large=large_rules,
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
    return rule_table(_mine(split.earlier), names=split.names, confirm=partial(confirm, split.later))


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


def _mine(baskets: Baskets) -> Itemsets:
    """The frequent itemsets at the lowest support that keeps their number bounded."""

    def found(least: int) -> Itemsets | None:
        try:
            return frequent_itemsets(
                baskets.bits,
                baskets=baskets.count,
                min_count=least,
                max_length=LONGEST_SET,
                max_sets=MOST_SETS,
            )
        except TooManyItemsetsError:
            return None

    return at_lowest_support(found, baskets=baskets.count)


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
    both = np.column_stack([ours, theirs])
    above = (both > 1).astype(np.float64)
    trial = Trial(task="rules", data=moment.workspace, baseline="random-pairs", n=len(ours), period=period)
    medians = bootstrap_statistic(
        len(ours), lambda rows: tuple(np.median(both[rows], axis=0)), seed=moment.seed, name="rules-median"
    )
    shares = bootstrap_means(above, seed=moment.seed, name="rules-share")
    return [
        trial.figure("share-lift-above-1", above.mean(axis=0), shares),
        trial.figure("median-lift", np.median(both, axis=0), medians),
    ]
