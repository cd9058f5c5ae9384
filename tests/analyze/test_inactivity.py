"""The risk of inactivity: closed forms, no leak of the future, abstention, and Complete Journey."""

import json
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from customer_inputs import AS_OF, complete_journey, customer_orders, figures, made_up, moment, needs_demo
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import roc_auc_score

from mindgap.analyze.models.activity import activity_at
from mindgap.analyze.models.inactivity import (
    auc,
    band_of,
    calibration_error,
    evaluation_inactivity,
    inactivity_risk,
)
from mindgap.analyze.models.inactivity_model import active_base, became_inactive, fit_inactivity
from mindgap.analyze.models.order_history import end_day, order_history
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.words import say

END = end_day(AS_OF, "America/New_York")


def history_of(orders):
    return order_history(orders, "America/New_York")


def build(derived, orders, **changes):
    return derived.build({"customer_orders": orders}, moment(**changes))


def test_orders_of_one_local_day_are_one_purchase():
    history = history_of(
        customer_orders([("b", 0.9, 5.0), ("b", 0.1, 7.0), ("a", 1.5, 1.0), ("b", 30.2, None)])
    )
    assert history.customer_ids.to_pylist() == ["a", "b"]
    assert history.customer.tolist() == [0, 1, 1]
    assert (END - history.day).tolist() == [2, 31, 1]
    assert history.spend.tolist() == [1.0, 0.0, 12.0]


def test_activity_in_closed_form():
    rows = [("a", age - 0.5, 10.0) for age in (100, 50, 40, 20, 5)] + [("b", 9.5, 3.0)]
    activity = activity_at(history_of(customer_orders(rows)), END)
    first = dict(zip(activity.names, activity.matrix[0], strict=True))
    assert first["recency_days"] == 5
    assert first["tenure_days"] == 100
    assert [first[f"purchases_{days}d"] for days in (14, 28, 56, 84)] == [1, 2, 4, 4]
    assert first["mean_gap_days"] == pytest.approx(95 / 4)
    assert first["longest_gap_days"] == 50
    assert first["long_gaps"] == 1
    assert first["trend_28d"] == pytest.approx(np.log(3 / 3))
    assert first["spend_28d"] == 20
    assert first["active_weeks_12"] == 4
    assert first["purchases_half_life_28d"] == pytest.approx(
        sum(0.5 ** (a / 28) for a in (100, 50, 40, 20, 5))
    )
    assert np.isnan(activity.column("mean_gap_days")[1])
    assert active_base(activity).tolist() == [True, False]


def test_label_window_is_half_open():
    history = history_of(customer_orders([("a", 56 - 0.5, 1.0), ("b", 57 - 0.5, 1.0), ("c", 0.5, 1.0)]))
    assert became_inactive(history, END - 56).tolist() == [False, True, False]


@given(
    scores=arrays.arrays(float, 30, elements=st.floats(-3, 3).map(lambda x: round(x, 1))),
    outcome=arrays.arrays(bool, 30),
)
def test_auc_agrees_with_scikit_learn(scores, outcome):
    if outcome.any() and not outcome.all():
        assert auc(scores, outcome) == pytest.approx(roc_auc_score(outcome, scores))
    assert 0 <= calibration_error(scores, outcome) <= 1


def test_calibration_error_in_closed_form():
    assert calibration_error(np.zeros(1000), np.arange(1000) % 2 == 0) == pytest.approx(0.0)
    assert calibration_error(np.zeros(1000), np.ones(1000, bool)) == pytest.approx(0.5)


def test_nothing_after_the_cut_reaches_the_model():
    orders, cut = made_up(), END - 56
    later = pa.compute.greater_equal(orders["ordered_at"], AS_OF - timedelta(days=56))
    without = orders.filter(pa.compute.invert(later))
    whole = history_of(orders)
    ids = history_of(without).customer_ids.to_pylist()
    risks = []
    for history in (whole, history_of(without)):
        activity = activity_at(history, cut)
        known = active_base(activity)
        model = fit_inactivity(history, cut, seed=7)
        names = np.array(history.customer_ids.to_pylist())[known]
        risks.append(dict(zip(names, model.risk(activity, known), strict=True)))
    assert set(risks[0]) <= set(ids)
    assert risks[0] == pytest.approx(risks[1])


def test_every_active_customer_has_a_risk_with_reasons():
    built = build(inactivity_risk, made_up())
    rows = built.table.to_pylist()
    history = history_of(made_up())
    known = active_base(activity_at(history, END))
    assert [row["customer_id"] for row in rows] == np.array(history.customer_ids.to_pylist())[known].tolist()
    assert 0 < len(rows) < len(known)
    for row in rows:
        assert 0 < row["risk"] < 1
        assert row["band"] == band_of(row["risk"])
        reasons = json.loads(row["reasons"])
        assert 1 <= len(reasons) <= 3
        for reason in reasons:
            assert say(reason["code"], "en", reason["params"]) != say(reason["code"], "zh", reason["params"])
    card = built.models[0].card
    json.dumps(card)
    assert card["training_examples"] > 500


def test_same_seed_same_table():
    first, second = (build(inactivity_risk, made_up()).table for _ in range(2))
    assert first.equals(second)


def test_effects_add_up_to_the_risk():
    history = history_of(made_up())
    activity = activity_at(history, END)
    known = active_base(activity)
    for kinds in (("boosted",), ("rfm-logistic",)):
        model = fit_inactivity(history, END, seed=7, kinds=kinds)
        total = model.effects(activity, known).sum(axis=1)
        assert total == pytest.approx(model.log_odds(activity, known), abs=1e-6)
        assert model.risk(activity, known).mean() == pytest.approx(model.inactive_share, abs=0.1)


@pytest.mark.parametrize(
    ("orders", "code"),
    [
        (customer_orders([]), "analyze-no-known-customers"),
        (customer_orders([("a", 30.5, 1.0), ("a", 3.5, 1.0)]), "analyze-inactivity-short-history"),
        (made_up(60), "analyze-inactivity-few-customers"),
        (
            customer_orders([(f"c{n}", age + 0.5, 1.0) for n in range(250) for age in range(1, 250, 20)]),
            "analyze-inactivity-one-outcome",
        ),
    ],
)
def test_cannot_say(orders, code):
    for derived in (inactivity_risk, evaluation_inactivity):
        with pytest.raises(CannotSay) as answer:
            build(derived, orders)
        assert answer.value.code == code
        assert say(code, "en", answer.value.params) != say(code, "zh", answer.value.params)


def test_orders_without_amounts_still_have_a_risk():
    orders = made_up()
    bare = orders.set_column(2, "spend", pa.nulls(orders.num_rows, pa.float64()))
    assert build(inactivity_risk, bare).table.num_rows > 200


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey_held_out():
    # Held out: the last 56 days. Bar: AUC .84; peers on a neighbouring split .840 (RFM logistic) to .861.
    by_metric = figures(build(evaluation_inactivity, complete_journey()))
    assert by_metric["auc"]["value"] >= 0.84
    assert by_metric["auc"]["beats_baseline"]
    assert by_metric["log-loss"]["value"] <= 0.193
    assert by_metric["ece"]["value"] <= 0.02
    assert by_metric["auc"]["period"] == "2017-11-06/2018-01-01"
