"""The parts of the forecast, each against a figure worked out by hand or a property."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.insight.cells import count_cells
from mindgap.insight.difference import best_free_lines, divergence, null_threshold
from mindgap.insight.market import popularity
from mindgap.insight.mixture import mixture_weights
from mindgap.insight.neighbours import gather_panel
from mindgap.insight.outcomes import read_lines
from mindgap.insight.potential import mutual_information
from mindgap.insight.simulation import AS_OF
from mindgap.insight.stickiness import GRID, free_lines, likelihood, sticky_forecast
from mindgap.insight.traits import attribute_traits, pool
from mindgap.kernel.rng import generator


def lines_of(*rows):
    """Lines from (customer, category, weeks before AS_OF)."""
    return read_lines(
        pa.table(
            {
                "customer_id": [row[0] for row in rows],
                "category": [row[1] for row in rows],
                "order_id": [f"{row[0]}-{row[2]}" for row in rows],
                "ordered_at": pa.array([AS_OF - timedelta(weeks=row[2], hours=1) for row in rows]),
            }
        ),
        AS_OF,
    )


def test_cells_count_and_decay():
    lines = lines_of(("b", "tea", 0), ("a", "tea", 0), ("a", "tea", 0), ("a", "milk", 2), ("a", None, 1))
    cells = count_cells(lines)
    assert lines.values == ("tea", "milk", "other")
    assert list(lines.customers) == ["a", "b"]
    np.testing.assert_allclose(cells.decayed(slice(0, 2), 0, 2.0), [[2, 0.5, 0], [1, 0, 0]])
    np.testing.assert_allclose(cells.decayed(slice(0, 2), 1, 1.0), [[0, 0.5, 0], [0, 0, 0]])
    np.testing.assert_allclose(cells.between(slice(1, 2), 0, 0), [[1, 0, 0]])
    np.testing.assert_allclose(cells.totals(0, 2.0), [3, 0.5, 0])
    taken = cells.take(np.array([1]))
    np.testing.assert_allclose(taken.decayed(slice(0, 1), 0, 2.0), [[1, 0, 0]])


def test_market_gives_half_a_line_to_what_was_never_seen():
    cells = count_cells(lines_of(("a", "tea", 0), ("a", "tea", 0), ("a", "milk", 0)))
    np.testing.assert_allclose(popularity(cells, 0, np.inf), [2.5 / 4.5, 1.5 / 4.5, 0.5 / 4.5])


def test_weights_of_a_mixture_by_hand():
    """Two forecasts that exclude each other: the weights are the shares of what happened."""
    probability = np.array([[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(mixture_weights(probability, np.array([3.0, 1.0])), [0.75, 0.25], rtol=1e-5)
    np.testing.assert_allclose(mixture_weights(probability, np.zeros(2)), [0.5, 0.5])


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6))
def test_a_mixture_is_never_worse_than_its_best_part_on_what_it_learned_from(seed, n, parts):
    rng = generator(seed, "mixture")
    probability = rng.random((n, parts)) * 0.9 + 0.05
    lines = rng.integers(1, 5, n).astype(float)
    weight = mixture_weights(probability, lines)
    assert weight.sum() == pytest.approx(1)
    assert (weight >= 0).all()
    best = (lines @ np.log(probability)).max()
    assert lines @ np.log(probability @ weight) >= best - 1e-4


@given(st.integers(0, 2**32 - 1))
def test_sticky_forecasts_are_distributions(seed):
    rng = generator(seed, "sticky")
    history = rng.integers(0, 4, (5, 4)).astype(np.float32)
    prior = rng.dirichlet(np.ones(4), size=5).astype(np.float32)
    free = rng.choice(GRID, 4)
    share = sticky_forecast(history, prior, free)
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-5)
    assert (share > 0).all()


def test_habits_are_told_from_chance():
    """Half the customers buy the first value only, all buy the third and fourth at random."""
    rng = generator(3, "habits")
    shares = np.array([[0.4, 0.0, 0.3, 0.3], [0.0, 0.4, 0.3, 0.3]])[np.arange(400) % 2]
    history = np.array([rng.multinomial(30, row) for row in shares]).astype(np.float32)
    outcomes = np.array([rng.multinomial(10, row) for row in shares]).astype(np.float32)
    prior = np.broadcast_to(shares.mean(axis=0), shares.shape).astype(np.float32)
    free = free_lines(likelihood(history, prior, outcomes))
    assert free[:2].max() < 10
    assert free[2:].min() > 100


def test_divergence_by_hand():
    """All lines on one of two even values, nothing shrunk: 1 bit. Shrunk by as many lines: 0.1887 bits."""
    market = np.array([0.5, 0.5])
    lines = np.array([[8.0, 0.0]])
    assert divergence(lines, market, 1e-9)[0] == pytest.approx(1, abs=1e-6)
    expected = 0.75 * np.log2(1.5) + 0.25 * np.log2(0.5)
    assert divergence(lines, market, 8.0)[0] == pytest.approx(expected)


def test_one_customer_in_twenty_is_called_different_by_chance():
    rng = generator(1, "null")
    market = rng.dirichlet(np.ones(40))
    n = rng.integers(5, 600, 4000).astype(float)
    lines = np.array([rng.multinomial(int(count), market) for count in n])
    threshold = null_threshold(n, market, free=20.0, rng=rng)
    # standard deviation of the share at 4,000 customers: 0.0034; the ladder's own noise about 0.004
    assert (divergence(lines, market, 20.0) > threshold).mean() == pytest.approx(0.05, abs=0.015)
    assert best_free_lines(lines, market) == 640


def test_mutual_information_by_hand():
    """Two customers with a value each: 1 bit; two who share both values evenly: none."""
    apart = np.array([0, 0, 1, 1])
    assert mutual_information(apart, apart, (2, 2)) == pytest.approx(1)
    assert mutual_information(apart, np.array([0, 1, 0, 1]), (2, 2)) == pytest.approx(0)


def test_traits_tilt_the_market():
    rows = [(f"c{n:02d}", "tea" if n < 20 else "milk", week) for n in range(40) for week in range(100)]
    lines = lines_of(*rows)
    customers = pa.table(
        {
            "customer_id": [*(f"c{n:02d}" for n in range(40)), "stranger"],
            "gender": [*("f" if n < 20 else "m" for n in range(39)), None, "f"],
            "birth_year": [*(1980 if n < 5 else None for n in range(40)), 1981],
        }
    )
    traits = attribute_traits(customers, lines.customers)
    assert set(traits.names) == {"gender=f", "gender=m"}  # five customers of the 1980s are too few
    market = np.array([0.45, 0.45, 0.1])
    family = pool(traits, count_cells(lines), age=0, market=market, strength=1.0)
    share = family.forecast(slice(0, 40))
    tea = lines.values.index("tea")
    assert share[0, tea] > 0.7
    assert share[20, tea] < 0.3
    np.testing.assert_allclose(share[39], market, rtol=1e-5)
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-5)


def test_no_usable_traits_is_none():
    known = np.array(["a", "b"], dtype=object)
    assert attribute_traits(pa.table({"customer_id": ["a"], "gender": ["f"]}), known) is None
    assert attribute_traits(pa.table({"name": ["a"]}), known) is None


def test_neighbours_are_those_who_buy_alike():
    rows = [(f"c{n:02d}", "tea" if n % 2 else "milk", week) for n in range(20) for week in range(30)]
    cells = count_cells(lines_of(*rows, ("c20", "soap", 0)))
    market = popularity(cells, 0, np.inf)
    panel = gather_panel(cells, np.arange(20), age=0, market=market)
    everybody = slice(0, 21)
    share = panel.forecast(cells.decayed(everybody, 0, np.inf), everybody)
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-5)
    assert (share > 0).all()
    assert share[1, 0] > 0.7 or share[1, 1] > 0.7
    assert share[1].argmax() == share[3].argmax() != share[2].argmax()


def test_a_customer_without_neighbours_gets_the_market():
    cells = count_cells(lines_of(("a", "tea", 0), ("a", "tea", 0)))
    market = popularity(cells, 0, np.inf)
    panel = gather_panel(cells, np.arange(1), age=0, market=market)
    share = panel.forecast(cells.decayed(slice(0, 1), 0, np.inf), slice(0, 1))
    np.testing.assert_allclose(share[0], market, rtol=1e-5)
