"""Association rules with significance and confirmation on later weeks."""

import time
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_inputs import AS_OF, basket_categories, needs_demo
from scipy.stats import false_discovery_control, fisher_exact

from mindgap.analyze.models.eclat import association_rules, bitsets, frequent_itemsets, least_count
from mindgap.analyze.models.rule_significance import discovery_rate
from mindgap.analyze.models.rules import evaluation_rules, rules
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator

MOMENT = Moment(as_of=datetime.fromisoformat("2024-01-01"), seed=3)


def baskets_of(held):
    """A table from a bool array, baskets by items, spread over twenty weeks."""
    basket, item = np.nonzero(held)
    return pa.table(
        {
            "order_id": [f"o{b}" for b in basket],
            "category": [f"item {i}" for i in item],
            "week": pa.array(basket % 20, pa.int64()),
        }
    )


def planted(baskets=2000):
    held = generator(1, "planted").random((baskets, 16)) < 0.3
    held[:, 1] |= held[:, 0]  # item 0 always brings item 1
    return held


def test_a_planted_rule_is_found_confirmed_and_first():
    held = planted()
    table = rules.build({"baskets": baskets_of(held)}, MOMENT)
    top = table.slice(0, 1).to_pylist()[0]
    pair = {"item 0", "item 1"}
    assert {*top["antecedent"], top["consequent"]} == pair
    assert top["confirmed"] is True
    earlier = held[((np.arange(2000) % 20) >= 5) & held.any(axis=1)]
    a, c = earlier[:, 0], earlier[:, 1]
    assert top["baskets"] == (a & c).sum()
    assert top["lift"] == pytest.approx((a & c).mean() / (a.mean() * c.mean()))
    crossed = [[(a & c).sum(), (a & ~c).sum()], [(~a & c).sum(), (~a & ~c).sum()]]
    assert top["p_value"] == pytest.approx(fisher_exact(crossed, alternative="greater").pvalue, rel=1e-6)


def test_chance_gives_rules_as_seldom_as_allowed():
    # few baskets and many things: strong-looking pairs abound, and all of them are chance
    wrong = 0
    for seed in range(20):
        held = generator(seed, "chance").random((600, 40)) < 0.08
        try:
            wrong += rules.build({"baskets": baskets_of(held)}, MOMENT).num_rows > 0
        except CannotSay as reason:
            assert reason.code == "analyze-no-rules"  # noqa: PT017 - either answer is right
    assert wrong <= 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 30))
def test_the_discovery_rate_is_scipys(p_values, untested):
    expected = false_discovery_control([*p_values, *[1.0] * untested])[: len(p_values)]
    assert discovery_rate(np.array(p_values), len(p_values) + untested) == pytest.approx(expected)


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_figures_stay_in_their_ranges(seed):
    held = generator(seed, "any").random((400, 6)) < 0.4
    held[:, 2] |= held[:, 3]
    table = rules.build({"baskets": baskets_of(held)}, MOMENT)
    for row in table.to_pylist():
        assert 0 < row["support"] <= row["confidence"] <= 1
        assert 0 <= row["p_value"] <= row["q_value"] <= 0.05
        assert row["lift"] >= 1.2
        assert row["consequent"] not in row["antecedent"]


def test_later_weeks_do_not_reach_the_mined_figures():
    held = planted()
    before = rules.build({"baskets": baskets_of(held)}, MOMENT)
    later = (np.arange(2000) % 20) < 5
    held[later] = held[later][:, ::-1]
    after = rules.build({"baskets": baskets_of(held)}, MOMENT)
    mined = ["antecedent", "consequent", "baskets", "lift", "p_value", "q_value"]
    assert after.select(mined).equals(before.select(mined))
    assert not after["holdout_lift"].equals(before["holdout_lift"])


def test_products_stand_in_where_no_category_is_known():
    table = baskets_of(planted()).rename_columns(["order_id", "product_id", "week"])
    empty = pa.table({"order_id": pa.array([], pa.string()), "category": pa.array([], pa.string())})
    found = rules.build({"baskets": empty, "purchases": table}, MOMENT)
    assert found["consequent"][0].as_py() in {"item 0", "item 1"}


@pytest.mark.parametrize("tables", [{}, {"baskets": baskets_of(planted(40))}])
def test_too_few_baskets_is_said(tables):
    with pytest.raises(CannotSay) as reason:
        rules.build(tables, MOMENT)
    assert reason.value.code == "analyze-few-baskets"


def test_orders_that_name_no_product_say_so():
    nothing = pa.array([None] * 50, pa.string())
    orders = pa.array([f"o{nth}" for nth in range(50)])
    purchases = pa.table({"order_id": orders, "product_id": nothing, "week": list(range(50))})
    baskets = purchases.rename_columns(["order_id", "category", "week"])
    with pytest.raises(CannotSay) as reason:
        rules.build({"baskets": baskets, "purchases": purchases}, MOMENT)
    assert reason.value.code == "analyze-few-baskets"


def test_a_short_history_confirms_nothing():
    table = baskets_of(planted()).set_column(
        2, "week", pa.array(np.zeros(int(planted().sum()), dtype=np.int64))
    )
    found = rules.build({"baskets": table}, MOMENT)
    assert found["confirmed"].null_count == found.num_rows
    with pytest.raises(CannotSay) as reason:
        evaluation_rules.build({"baskets": table, "rules": found}, MOMENT)
    assert reason.value.code == "analyze-few-weeks"


def test_evaluation_stands_beside_random_pairs():
    tables = {"baskets": baskets_of(planted())}
    tables["rules"] = rules.build(tables, MOMENT)
    rows = {row["metric"]: row for row in evaluation_rules.build(tables, MOMENT).to_pylist()}
    assert rows["share-lift-above-1"]["value"] == 1.0
    assert rows["median-lift"]["value"] > rows["median-lift"]["baseline_value"]
    assert rows["median-lift"]["period"] == "2023-11-27/2024-01-01"


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey_within_the_budget():
    table = basket_categories()
    encoded = [table[name].combine_chunks().dictionary_encode() for name in ("order_id", "category")]
    basket, item = (column.indices.to_numpy().astype(np.int64) for column in encoded)
    count = len(encoded[0].dictionary)
    assert (count, len(encoded[1].dictionary)) == (155_659, 302)
    start = time.process_time()
    bits = bitsets(basket, item, baskets=count, items=302)
    sets = frequent_itemsets(bits, baskets=count, min_count=least_count(count, 0.005))
    found = association_rules(sets, confidence=0.5)
    assert time.process_time() - start < 3.0  # the bar is 1.5 s on a quiet machine
    assert len(found.both) == 22_186  # the same as PyFIM and mlxtend


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey_rules_hold_later():
    tables = {"baskets": basket_categories()}
    moment = Moment(as_of=AS_OF, time_zone="America/New_York")
    tables["rules"] = rules.build(tables, moment)
    rows = {row["metric"]: row for row in evaluation_rules.build(tables, moment).to_pylist()}
    assert rows["share-lift-above-1"]["value"] > 0.95
    assert rows["median-lift"]["beats_baseline"]
