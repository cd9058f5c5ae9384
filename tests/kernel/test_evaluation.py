import numpy as np

from mindgap.kernel.evaluation import Trial, bootstrap_means, interval
from mindgap.kernel.rng import generator


def test_the_interval_of_a_mean_matches_the_normal_one():
    values = generator(3, "values").normal(10, 2, 4000)
    low, high = interval(bootstrap_means(values, seed=1, name="t"))
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert abs(low - (values.mean() - half)) < 0.01
    assert abs(high - (values.mean() + half)) < 0.01


def test_paired_differences_are_tighter_than_the_means():
    rng = generator(3, "pairs")
    shared = rng.normal(0, 5, 500)
    pairs = np.column_stack([shared + 0.5 + rng.normal(0, 0.1, 500), shared])
    draws = bootstrap_means(pairs, seed=1, name="t")
    (low, high), (diff_low, diff_high) = interval(draws[:, 0]), interval(draws[:, 0] - draws[:, 1])
    assert diff_low > 0
    assert diff_high - diff_low < (high - low) / 10


def test_a_figure_beats_the_baseline_in_its_own_direction():
    trial = Trial(task="t", data="d", baseline="b", n=3, period="2024-01-01/2024-02-01")
    draws = np.array([[2.0, 1.0], [3.0, 1.5], [4.0, 2.0]])
    assert trial.figure("auc", (3.0, 1.5), draws).beats_baseline
    lower = trial.figure("mae", (3.0, 1.5), draws, better="lower")
    assert not lower.beats_baseline
    assert (lower.value, lower.baseline_value) == (3.0, 1.5)
    assert 2.0 <= lower.low < lower.high <= 4.0
    assert not trial.figure("auc", (1.5, 1.5), draws[:, [1, 1]]).beats_baseline


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    covered = 0
    for world in range(200):
        values = generator(world, "world").exponential(1.0, 200)
        low, high = interval(bootstrap_means(values, seed=world, name="t"))
        covered += low <= 1.0 <= high
    assert 0.90 <= covered / 200 <= 0.99
