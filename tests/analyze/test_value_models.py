"""Customer value: the formula, repeat purchases and spend, against closed forms and published figures."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln, gammaln
from scipy.stats import beta

from mindgap.analyze.models.bgnbd import (
    PurchaseCounts,
    Variant,
    compress,
    expected_purchases,
    fit_frequency,
    probability_alive,
)
from mindgap.analyze.models.formula_value import discounted_value, mean_discount_factor
from mindgap.analyze.models.spend import expected_spend, fit_spend
from mindgap.kernel.errors import UsageError
from mindgap.kernel.rng import generator

CDNOW = Path(__file__).parents[1] / "golden" / "cdnow_sample.csv"


@pytest.fixture(scope="module")
def cdnow() -> np.ndarray:
    with CDNOW.open() as lines:
        return np.array(list(csv.reader(lines))[1:], dtype=float)


@pytest.fixture(scope="module")
def counts(cdnow: np.ndarray) -> PurchaseCounts:
    return PurchaseCounts(
        repeats=cdnow[:, 0], last=cdnow[:, 1] / 7, observed=cdnow[:, 2] / 7, customers=cdnow[:, 5]
    )


def simulate(customers: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, t_x, T) in whole days of customers who follow BG/NBD with the CDNOW parameters, in weeks."""
    rng = generator(seed, "simulated customers")
    rate, leaving = rng.gamma(0.243, 1 / 4.414, customers), rng.beta(0.793, 2.426, customers)
    observed = rng.integers(189, 273, customers)
    repeats, last, clock = np.zeros(customers, int), np.zeros(customers), np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        clock[active] += rng.exponential(7 / np.maximum(rate[active], 1e-12))
        active = active[clock[active] <= observed[active]]
        repeats[active] += 1
        last[active] = clock[active]
        active = active[rng.random(len(active)) >= leaving[active]]
    return repeats, np.floor(last).astype(int), observed


@pytest.mark.parametrize(
    ("timing", "value"),
    [("end-of-year", 379.08), ("start-of-year", 416.99), ("mid-year", 397.58), ("continuous", 393.47)],
)
def test_formula_value_with_each_timing(timing, value):
    assert round(discounted_value(100, 0.10, 5, timing=timing), 2) == value
    assert discounted_value(100, 0.0, 5, timing=timing) == pytest.approx(500)
    assert discounted_value(100, 0.1, 0, timing=timing) == 0


@given(rate=st.floats(0.001, 1.0), years=st.integers(1, 40))
def test_formula_value_is_ordered_by_when_profit_arrives(rate, years):
    end, mid, start = (
        discounted_value(1, rate, years, timing=timing)
        for timing in ("end-of-year", "mid-year", "start-of-year")
    )
    assert end < mid < start <= years + 1e-9
    assert start == pytest.approx(end * (1 + rate))
    assert 1 / (1 + rate) < mean_discount_factor(rate, 365) < 1


def test_formula_value_refuses_nonsense():
    with pytest.raises(UsageError):
        discounted_value(100, -1.0, 5, timing="end-of-year")
    with pytest.raises(UsageError):
        discounted_value(100, 0.1, -1, timing="end-of-year")


def test_bg_nbd_gives_the_published_parameters(counts, cdnow):
    # Fader, Hardie & Lee (2005), table 2: CDNOW, 2,357 customers, 39 weeks.
    model = fit_frequency(counts)
    assert [round(value, 3) for value in (model.r, model.alpha, model.a, model.b)] == [
        0.243,
        4.414,
        0.793,
        2.426,
    ]
    assert model.log_likelihood == pytest.approx(-9582.429, abs=0.001)
    assert not model.boundary
    assert model.standard_errors is not None
    assert min(model.standard_errors) > 0
    expected = expected_purchases(model, counts, 39.0)
    assert np.average(abs(expected - cdnow[:, 4]), weights=cdnow[:, 5]) == pytest.approx(0.7855, abs=5e-4)


def test_published_single_customer(counts):
    # brucehardie.com/notes/004, customer 0001: x = 2, t_x = 30.43, T = 38.86 weeks, 39 weeks ahead.
    model = fit_frequency(counts)
    one = PurchaseCounts(
        repeats=np.array([2.0]),
        last=np.array([30.43]),
        observed=np.array([38.86]),
        customers=np.ones(1),
    )
    assert expected_purchases(model, one, 39.0)[0] == pytest.approx(1.226, abs=0.001)


def test_gamma_gamma_gives_the_published_parameters(cdnow):
    # Fader & Hardie (2013): CDNOW, 946 customers with a repeat purchase.
    rows = cdnow[cdnow[:, 0] > 0]
    model = fit_spend(rows[:, 0], rows[:, 3], rows[:, 5])
    assert [round(value, 2) for value in (model.p, model.q, model.v)] == [6.25, 3.74, 15.44]
    assert model.log_likelihood == pytest.approx(-4055.918, abs=0.001)
    assert not model.boundary
    guess = expected_spend(model, np.array([0.0, 1e9]), np.array([99.0, 20.0]))
    assert guess == pytest.approx([model.population_mean, 20.0])


@pytest.mark.parametrize("variant", ["bg-nbd", "mbg-nbd", "nbd"])
def test_gradient_leads_to_a_stationary_point(counts, variant):
    model = fit_frequency(counts, variant)
    parameters = np.array([model.r, model.alpha, model.a, model.b])
    for at in range(2 if variant == "nbd" else 4):
        for factor in (0.99, 1.01):
            moved = parameters.copy()
            moved[at] *= factor
            assert _log_likelihood(counts, moved, variant) < model.log_likelihood
    assert _log_likelihood(counts, parameters, variant) == pytest.approx(model.log_likelihood, rel=1e-9)


def _log_likelihood(counts: PurchaseCounts, parameters: np.ndarray, variant: Variant) -> float:
    """By integration over (lambda, p) in closed pieces, written apart from the product's own code."""
    r, alpha, a, b = parameters
    x, shift = counts.repeats, int(variant == "mbg-nbd")
    head = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stay = np.exp(betaln(a, b + x + shift) - betaln(a, b)) if variant != "nbd" else 1.0
    total = stay * (alpha + counts.observed) ** -(r + x)
    if variant != "nbd":
        can = (x > 0) | bool(shift)
        y = np.where(can, x + shift - 1, 0)
        total += can * np.exp(betaln(a + 1, b + y) - betaln(a, b)) * (alpha + counts.last) ** -(r + x)
    return float(counts.customers @ (head + np.log(total)))


def test_expected_purchases_match_integration():
    # One-time buyer under BG/NBD: nobody can have left, so E = integral over the posterior of (lambda, p).
    one = PurchaseCounts(
        repeats=np.zeros(1), last=np.zeros(1), observed=np.array([10.0]), customers=np.ones(1)
    )
    repeats, last, observed = simulate(3000)
    fitted = fit_frequency(_weeks(compress(repeats, last, observed)[0]))
    r, alpha, a, b = fitted.r, fitted.alpha + 10.0, fitted.a, fitted.b
    # E over lambda of (1 - exp(-lambda p t)) / p is (1 - (alpha / (alpha + p t))^r) / p.
    exact = quad(lambda p: (1 - (alpha / (alpha + 20.0 * p)) ** r) / p * beta.pdf(p, a, b), 0, 1)[0]
    assert expected_purchases(fitted, one, 20.0)[0] == pytest.approx(exact, rel=1e-6)


def _weeks(days: PurchaseCounts) -> PurchaseCounts:
    return PurchaseCounts(
        repeats=days.repeats, last=days.last / 7, observed=days.observed / 7, customers=days.customers
    )


@settings(max_examples=30, deadline=None)
@given(horizon=st.floats(0.1, 500), seed=st.integers(0, 5))
def test_expectations_are_sane(horizon, seed):
    cells, _ = compress(*simulate(400, seed=seed))
    for variant in ("bg-nbd", "mbg-nbd"):
        model = fit_frequency(_weeks(cells), variant)
        expected = expected_purchases(model, _weeks(cells), horizon)
        alive = probability_alive(model, _weeks(cells))
        assert np.all((expected >= 0) & np.isfinite(expected))
        assert np.all(expected <= expected_purchases(model, _weeks(cells), horizon + 1))
        assert np.all(np.isnan(alive) | ((alive >= 0) & (alive <= 1)))


def test_one_time_buyers_have_no_bg_nbd_probability_of_being_alive(counts):
    bg, mbg = fit_frequency(counts), fit_frequency(counts, "mbg-nbd")
    once = counts.repeats == 0
    assert np.all(np.isnan(probability_alive(bg, counts)) == once)
    assert np.all(probability_alive(mbg, counts)[once] < 1)
    assert np.all(np.isnan(probability_alive(fit_frequency(counts, "nbd"), counts)))


def test_compression_keeps_every_customer():
    repeats, last, observed = simulate(500)
    cells, position = compress(repeats, last, observed)
    assert cells.customers.sum() == 500
    assert np.array_equal(cells.repeats[position], repeats)
    assert np.array_equal(cells.last[position], last)
    assert np.array_equal(cells.observed[position], observed)


def test_nobody_leaves_is_flagged_as_boundary():
    # Poisson buyers who never leave: the drop-out parameters are not identified.
    rng = generator(3, "loyal customers")
    observed = np.full(1500, 300)
    repeats = rng.poisson(rng.gamma(4.0, 10.0, 1500))
    last = np.where(repeats > 0, np.floor(300 * rng.random(1500) ** (1 / np.maximum(repeats, 1))), 0).astype(
        int
    )
    cells, _ = compress(repeats, last, observed)
    model = fit_frequency(_weeks(cells))
    assert model.boundary
    assert np.all(np.isnan(probability_alive(model, cells)))


def test_recovers_known_parameters_and_a_million_customers_fit_in_a_second():
    repeats, last, observed = simulate(1_000_000)
    started = time.process_time()
    cells, _ = compress(repeats, last, observed)
    model = fit_frequency(_weeks(cells))
    assert time.process_time() - started < 1.0
    assert model.r == pytest.approx(0.243, rel=0.05)
    assert model.a == pytest.approx(0.793, rel=0.05)
