"""Simulated businesses with a known joint distribution: the figures come out as they should."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from mindgap.insight.customers import customer_gap
from mindgap.insight.evidence import read_world
from mindgap.insight.forecast import forecaster
from mindgap.insight.gap import HELD_OUT_DAYS, gap
from mindgap.insight.learning import learn
from mindgap.insight.outcomes import read_lines
from mindgap.insight.simulation import AS_OF, Business, distinct_kinds
from mindgap.kernel.derivation import Moment
from mindgap.kernel.rng import generator

MOMENT = Moment(as_of=AS_OF)
CUT = AS_OF - timedelta(days=HELD_OUT_DAYS)


def built(purchases, **others):
    table = gap.build({"purchases": purchases, **others}, MOMENT).table
    return table, table.to_pylist()[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_come_near_their_exact_values(seed):
    rng = generator(seed, "closed-form")
    business = Business(shares=distinct_kinds(4, 8, rng), n_customers=240, lines_per_basket=8)
    kinds = np.arange(240) % 4
    _, row = built(business.purchases(kinds, rng))
    assert row["market_bits"] == pytest.approx(business.market_bits, abs=0.02)
    assert row["advantage_bits"] == pytest.approx(business.mutual_information_bits, abs=0.02)
    assert row["potential_bits"] == pytest.approx(business.mutual_information_bits, abs=0.02)
    assert row["pays"] is True
    assert row["advantage_low"] < row["advantage_bits"] < row["advantage_high"]


def test_difference_comes_near_the_divergence_of_each_kind():
    rng = generator(4, "closed-form")
    business = Business(shares=distinct_kinds(3, 6, rng), n_customers=90, n_weeks=60)
    kinds = np.arange(90) % 3
    table = customer_gap.build({"purchases": business.purchases(kinds, rng)}, MOMENT)
    market = business.shares.mean(axis=0)
    exact = (business.shares * np.log2(business.shares / market)).sum(axis=1)
    found = dict(zip(table["customer_id"].to_pylist(), table["difference_bits"].to_pylist(), strict=True))
    for kind in range(3):
        mean = np.mean([found[str(customer)] for customer in range(90) if kinds[customer] == kind])
        assert mean == pytest.approx(exact[kind], abs=0.03)
    assert all(table["significant"].to_pylist())
    assert table["advantage_bits"].null_count == 90


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_customers_who_are_all_alike_give_no_gap(seed):
    rng = generator(seed, "null")
    business = Business(shares=distinct_kinds(1, 8, rng), n_customers=300, n_weeks=24)
    purchases = business.purchases(np.zeros(300, dtype=np.int64), rng)
    table, row = built(purchases)
    customers = customer_gap.build({"purchases": purchases, "gap": table}, MOMENT)
    assert row["potential_bits"] == pytest.approx(0, abs=0.005)
    assert row["advantage_bits"] == pytest.approx(0, abs=0.005)
    assert row["pays"] is False
    assert "insight-does-not-pay" in row["reasons"]
    # 300 customers at 5 %: 15 expected, 3.8 standard deviation
    assert sum(customers["significant"].to_pylist()) <= 15 + 2 * 3.8
    assert max(customers["advantage_bits"].to_pylist()) == pytest.approx(0, abs=0.005)


def test_what_happens_after_the_cut_changes_no_forecast():
    rng = generator(5, "leakage")
    business = Business(shares=distinct_kinds(3, 7, rng), n_customers=60, n_weeks=24)
    purchases = business.purchases(np.arange(60) % 3, rng)
    changed = permuted_after_cut(purchases, rng)
    assert not changed["category"].equals(purchases["category"])
    shares = []
    for table in (purchases, changed):
        lines = read_lines(table, CUT)
        world = read_world(lines, {}, CUT)
        learned = learn(world, generator(7, "learn"))
        now = forecaster(world, learned, age=0, rng=generator(7, "panel"))
        parts = now.components(world.cells, slice(0, 60))
        weight = learned.weights[frozenset({"purchases"})]
        shares.append(sum(part * share for part, share in zip(parts, weight, strict=True)))
    np.testing.assert_array_equal(shares[0], shares[1])
    np.testing.assert_allclose(shares[0].sum(axis=1), 1, rtol=1e-5)
    assert (shares[0] > 0).all()


def permuted_after_cut(purchases, rng):
    """Customers and values of the lines after the cut, dealt anew."""
    after = np.flatnonzero(purchases["ordered_at"].to_numpy() >= np.datetime64(CUT, "us"))
    columns = {name: purchases[name].combine_chunks() for name in purchases.column_names}
    for name in ("category", "customer_id"):
        order = np.arange(purchases.num_rows)
        order[after] = rng.permutation(after)
        columns[name] = columns[name].take(pa.array(order))
    return pa.table(columns)


def test_intervals_cover_the_truth():
    """A small stand-in for benchmarks/gap_worlds.py, which simulates 200 worlds."""
    covered = 0
    for seed in range(20):
        rng = generator(seed, "coverage")
        business = Business(shares=distinct_kinds(3, 5, rng), n_customers=150, n_weeks=24, baskets_per_week=2)
        kinds = business.kinds(rng)
        _, row = built(business.purchases(kinds, rng))
        covered += row["advantage_low"] <= business.mutual_information_bits <= row["advantage_high"]
    assert covered >= 17
