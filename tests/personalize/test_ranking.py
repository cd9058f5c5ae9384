import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.kernel.rng import generator
from mindgap.personalize.ranking import best, gains, logistic_line


def test_ndcg_cuts_the_ideal_list_at_the_outcomes():
    # hits on ranks 1 and 3 of 2 outcomes: (1 + 1/2) / (1 + 1/log2(3))
    ndcg, recall = gains(np.array([True, False, True]), 2)
    assert ndcg == pytest.approx(1.5 / (1 + 1 / np.log2(3)))
    assert recall == 1.0


def test_recall_counts_every_outcome():
    assert gains(np.ones(10, bool), 40) == (1.0, 0.25)


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 12))
def test_best_equals_a_full_stable_sort(values, k):
    scores = np.array(values, float)
    expected = [at for at in np.argsort(-scores, kind="stable")[:k] if scores[at] > 0]
    assert best(scores, k).tolist() == expected


def test_logistic_line_finds_the_line():
    rng = generator(1, "line")
    x = rng.normal(size=20_000)
    hit = rng.random(20_000) < 1 / (1 + np.exp(1.0 - 0.8 * x))
    assert logistic_line(x, hit) == (pytest.approx(-1.0, abs=0.06), pytest.approx(0.8, abs=0.06))


def test_logistic_line_never_turns_a_list_around():
    intercept, slope = logistic_line(np.array([0.0, 1.0, 2.0, 3.0]), np.array([True, True, False, False]))
    assert slope == 0.0
    assert intercept == pytest.approx(0.0)


def test_logistic_line_survives_separable_data():
    intercept, slope = logistic_line(np.arange(100.0), np.arange(100) > 40)
    assert np.isfinite(intercept)
    assert 0 < slope < 1000
