"""Satisfaction from feedback."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mindgap.analyze.models.satisfaction import METRICS, satisfaction
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator
from mindgap.kernel.words import LANGUAGES, say

MOMENT = Moment(as_of=datetime.fromisoformat("2024-07-01"), time_zone="Asia/Shanghai")
SCHEMA = pa.schema(
    {
        "product_id": pa.string(),
        "given_at": pa.timestamp("us"),
        "kind": pa.string(),
        "score": pa.float64(),
        "scale_max": pa.float64(),
        "aspect": pa.string(),
    }
)


def answers(kind, scores, scale_max=None, **columns):
    rows = [{"kind": kind, "score": score, "scale_max": scale_max, **columns} for score in scores]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def built(*tables):
    rows = satisfaction.build({"feedback": pa.concat_tables(tables)}, MOMENT).to_pylist()
    return {(row["metric"], row["scope"], row["key"]): row for row in rows}


def test_csat_closed_form():
    row = built(answers("csat", [5, 4, 4, 3, 5], 5))
    mean, top = row["csat", "all", ""], row["csat_top_box", "all", ""]
    assert mean["value"] == pytest.approx(0.84)
    # Student's t with 4 degrees of freedom is 2.776; the standard deviation of the scores is .8367 of 5
    assert mean["value"] - mean["low"] == pytest.approx(2.7764 * 0.83666 / 5 / 5**0.5, abs=1e-4)
    assert mean["high"] == 1.0  # no mean is above the best score
    assert (top["value"], top["n"]) == (0.4, 5)


def test_top_box_interval_is_wilsons():
    row = built(answers("csat", [5] * 7 + [2] * 13, 5))["csat_top_box", "all", ""]
    expected = binomtest(7, 20).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_nps_closed_form():
    row = built(answers("nps", [10, 9, 9, 8, 7, 6, 0, 10, 10, 9], 10))["nps", "all", ""]
    assert row["value"] == pytest.approx(40.0)  # six promoters, two detractors of ten
    mean, extremes = 4 / 13, (8 + 1.5) / 13
    half = 1.959964 * ((extremes - mean**2) / 13) ** 0.5
    assert (row["low"], row["high"]) == pytest.approx((100 * (mean - half), 100 * (mean + half)), abs=1e-3)


def test_equal_answers_are_not_certain():
    row = built(answers("ces", [7] * 6, 7))["ces", "all", ""]
    assert (row["value"], row["high"]) == (1.0, 1.0)
    assert row["low"] < 0.7


def test_scales_are_brought_together():
    row = built(answers("csat", [4] * 5, 5), answers("csat", [8] * 5, 10), answers("csat", [80] * 5, 100))
    assert row["csat", "all", ""]["value"] == pytest.approx(0.8)


def test_a_missing_scale_is_the_usual_one():
    assert built(answers("csat", [4, 3, 4, 2, 4]))["csat", "all", ""]["value"] == pytest.approx(3.4 / 5)
    assert built(answers("nps", [6] * 5))["nps", "all", ""]["value"] == -100.0
    assert built(answers("review", [4.5] * 5))["review", "all", ""]["value"] == pytest.approx(0.9)


def test_weeks_begin_on_local_monday():
    late = datetime.fromisoformat("2024-06-23T17:00")  # already Monday in Shanghai
    rows = built(answers("nps", [9] * 5, 10, given_at=late))
    assert ("nps", "week", "2024-06-24") in rows


def test_little_is_said_about_nothing():
    rows = built(
        answers("csat", [5] * 4, 5, product_id="few"),
        answers("csat", [3] * 5, 5, product_id="enough"),
    )
    assert ("csat", "product", "enough") in rows
    assert ("csat", "product", "few") not in rows


def test_aspects_do_not_count_for_the_whole_that_was_asked_for():
    rows = built(answers("csat", [5] * 5, 5), answers("csat", [1] * 9, 5, aspect="delivery"))
    assert rows["csat", "all", ""]["value"] == 1.0
    assert rows["csat", "aspect", "delivery"]["value"] == pytest.approx(0.2)
    only = built(answers("csat", [1] * 9, 5, aspect="delivery"))
    assert only["csat", "all", ""]["value"] == pytest.approx(0.2)


@pytest.mark.parametrize("tables", [{}, {"feedback": answers("csat", [])}])
def test_no_feedback_is_said(tables):
    with pytest.raises(CannotSay) as reason:
        satisfaction.build(tables, MOMENT)
    assert reason.value.code == "no-feedback"


def test_words_without_scores_are_too_few():
    with pytest.raises(CannotSay) as reason:
        satisfaction.build({"feedback": answers("review", [None] * 9)}, MOMENT)
    assert reason.value.code == "analyze-few-answers"


@given(
    scores=st.lists(st.integers(0, 10), min_size=5, max_size=60), kind=st.sampled_from(["csat", "nps", "ces"])
)
def test_figures_stay_within_their_intervals(scores, kind):
    for row in built(answers(kind, scores, 10)).values():
        least = -100.0 if kind == "nps" else 0.0
        best = 100.0 if kind == "nps" else 1.0
        assert least <= row["low"] <= row["high"] <= best
        if kind != "nps":  # the adjusted interval of NPS is drawn towards 0
            assert row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = generator(5, "coverage")
    share = {0: 0.1, 6: 0.15, 8: 0.3, 9: 0.25, 10: 0.2}
    truth = 100 * (0.45 - 0.25)
    inside = []
    for _ in range(400):
        scores = rng.choice(list(share), size=40, p=list(share.values()))
        row = built(answers("nps", scores.tolist(), 10))["nps", "all", ""]
        inside.append(row["low"] <= truth <= row["high"])
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_metric_has_words(language):
    for metric in METRICS:
        assert say(f"analyze-metric-{metric.name}", language)
