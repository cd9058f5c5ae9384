"""Exact counting of itemsets and rules."""

import csv
import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindgap.analyze.models.eclat import (
    TooManyItemsetsError,
    association_rules,
    bitsets,
    frequent_itemsets,
    least_count,
)

GROCERIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "value" / "groceries.csv"


def bits_of(baskets, items):
    pairs = sorted({(b, i) for b, basket in enumerate(baskets) for i in basket})
    number, item = (np.array([pair[k] for pair in pairs], dtype=np.int64) for k in (0, 1))
    return bitsets(number, item, baskets=len(baskets), items=items)


def mined(baskets, items, min_count, confidence):
    sets = frequent_itemsets(bits_of(baskets, items), baskets=len(baskets), min_count=min_count)
    return sets, association_rules(sets, confidence=confidence)


def test_closed_form():
    # {0,1} three times of four, 2 alone once: 0 -> 1 and 1 -> 0 hold always
    sets, rules = mined([{0, 1}, {0, 1}, {0, 1, 2}, {2}], 3, 2, 0.9)
    assert [level.count.tolist() for level in sets.levels] == [[2, 3, 3], [3]]
    assert sorted(zip(rules.antecedents[:, 0].tolist(), rules.consequent.tolist(), strict=True)) == [
        (0, 1),
        (1, 0),
    ]
    assert rules.both.tolist() == rules.antecedent.tolist() == rules.consequents.tolist() == [3, 3]
    assert rules.improvement.tolist() == pytest.approx([4 / 3] * 2)


def test_a_rule_at_the_threshold_is_kept():
    baskets = [{0, 1}] * 4 + [{0}]
    assert len(mined(baskets, 2, 1, 0.8)[1].both) == 2
    assert least_count(9835, 0.001) == 10
    assert least_count(1000, 0.007) == 7  # 0.007 * 1000 is 7.000000000000001 in floats


def test_too_many_sets_is_said():
    baskets = [set(range(12))] * 2
    with pytest.raises(TooManyItemsetsError):
        frequent_itemsets(bits_of(baskets, 12), baskets=2, min_count=1, max_sets=100)


@settings(max_examples=60, deadline=None)
@given(
    baskets=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=80),
    min_count=st.integers(1, 4),
    confidence=st.sampled_from([0.1, 0.5, 0.8, 1.0]),
)
def test_the_same_rules_as_by_definition(baskets, min_count, confidence):
    def count(items):
        return sum(items <= basket for basket in baskets)

    expected = {}
    for size in range(2, 7):
        for whole in map(frozenset, itertools.combinations(range(6), size)):
            for item in whole:
                rest, both = whole - {item}, count(whole)
                if both < min_count or Fraction(both, count(rest)) < Fraction(str(confidence)):
                    continue
                smaller = [frozenset(s) for k in range(len(rest)) for s in itertools.combinations(rest, k)]
                expected[rest, item] = (
                    both,
                    count(rest),
                    count({item}),
                    any(
                        Fraction(count(s | {item}), count(s)) >= Fraction(both, count(rest)) for s in smaller
                    ),
                )
    _, rules = mined(baskets, 6, min_count, confidence)
    columns = (
        rules.antecedents,
        rules.consequent,
        rules.both,
        rules.antecedent,
        rules.consequents,
        rules.improvement <= 1,
    )
    found = {
        (frozenset(a[a >= 0].tolist()), int(c)): (int(n), int(na), int(nc), bool(r))
        for a, c, n, na, nc, r in zip(*columns, strict=True)
    }
    assert found == expected


@pytest.mark.shared
@pytest.mark.skipif(not GROCERIES.exists(), reason="groceries.csv is not beside the project")
@pytest.mark.parametrize(
    ("support", "confidence", "lengths"),
    [
        (0.001, 0.8, {3: 29, 4: 229, 5: 140, 6: 12}),
        (0.006, 0.25, {2: 150, 3: 297, 4: 16}),
        (0.001, 0.5, None),
    ],
)
def test_groceries_golden(support, confidence, lengths):
    # Hahsler, Gruen and Hornik (2005), arules' Groceries: 410, 463 and 5,668 rules
    with GROCERIES.open() as lines:
        named = [{label.strip() for label in row if label.strip()} for row in csv.reader(lines)]
    number = {label: i for i, label in enumerate(sorted(set().union(*named)))}
    assert (len(named), len(number)) == (9835, 169)
    baskets = [{number[label] for label in basket} for basket in named]
    _, rules = mined(baskets, 169, least_count(9835, support), confidence)
    size = (rules.antecedents >= 0).sum(axis=1) + 1
    if lengths is None:
        assert len(size) == 5668
    else:
        assert {int(k): int((size == k).sum()) for k in np.unique(size)} == lengths
