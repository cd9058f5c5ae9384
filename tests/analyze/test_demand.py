"""Demand of categories, four weeks ahead."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_inputs import AS_OF, category_week, needs_demo

from mindgap.analyze.models.category_series import category_series
from mindgap.analyze.models.demand import RollingForecasts, demand_forecast, evaluation_demand, forecast_at
from mindgap.analyze.models.demand_methods import FALL_BACK
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator

MOMENT = Moment(as_of=datetime.fromisoformat("2024-07-01"), seed=3)


def weekly(lines, units=None):
    """A category_week table from a matrix of lines, categories by weeks, oldest first."""
    lines = np.asarray(lines, dtype=float)
    count, weeks = lines.shape
    units = lines if units is None else np.asarray(units, dtype=float)
    return pa.table(
        {
            "category": np.repeat([f"c{i:03d}" for i in range(count)], weeks).astype(object),
            "week": np.tile(np.arange(weeks)[::-1], count),
            "lines": lines.ravel().astype(np.int64),
            "units": units.ravel(),
            "spend": lines.ravel() * 2,
            "discount": np.zeros(count * weeks),
        }
    )


def poisson(count, weeks, seed=1):
    rng = generator(seed, "poisson")
    return rng.poisson(np.geomspace(300, 5, count)[:, None], size=(count, weeks))


def test_steady_demand_is_forecast_exactly():
    table = demand_forecast.build(
        {"category_week": weekly(np.full((3, 30), 40), np.full((3, 30), 80))}, MOMENT
    ).table
    assert table.num_rows == 12
    assert table["week_ahead"].to_pylist()[:4] == [1, 2, 3, 4]
    assert table["lines"].to_pylist() == pytest.approx([40] * 12)
    assert table["units"].to_pylist() == pytest.approx([80] * 12)
    assert table["low"].to_pylist() == pytest.approx([80] * 12)
    assert set(table["method"].to_pylist()) == {FALL_BACK}  # nothing beats it, so nothing else is used


def test_the_calendar_is_found():
    lines = np.full((40, 50), 100.0)
    table = weekly(lines)
    share = category_series({"category_week": table}, MOMENT).month_start
    lines[:, 1:] *= 1 + 0.4 * share[:49]
    made = demand_forecast.build({"category_week": weekly(lines.round())}, MOMENT)
    forecast = np.array(made.table["lines"]).reshape(40, 4)[0]
    assert made.models[0].card["method"] != FALL_BACK
    assert forecast == pytest.approx(100 * (1 + 0.4 * share[49:]), rel=0.05)


def test_intervals_hold_as_often_as_they_say():
    lines = poisson(80, 60)
    held = weekly(lines[:, :-4])
    table = demand_forecast.build({"category_week": held}, MOMENT).table.to_pandas().set_index("category")
    inside = []
    for i in range(80):
        row = table.loc[f"c{i:03d}"]
        inside += list((lines[i, -4:] >= row["low"]) & (lines[i, -4:] <= row["high"]))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 100), count=st.integers(1, 6), weeks=st.integers(13, 30))
def test_any_history_gives_finite_ordered_figures(seed, count, weeks):
    lines = generator(seed, "any").poisson(3, size=(count, weeks))
    lines[:, -13] += 1  # at least one line for each category after the oldest week
    table = demand_forecast.build({"category_week": weekly(lines)}, MOMENT).table
    assert table.num_rows == 4 * count
    for low, middle, high in (("low", "units", "high"), ("lines_low", "lines", "lines_high")):
        columns = [np.array(table[name]) for name in (low, middle, high)]
        assert np.isfinite(columns).all()
        assert (columns[0] >= 0).all()
        assert (np.diff(columns, axis=0) >= 0).all()


def test_forecasts_see_nothing_after_their_origin():
    lines = poisson(20, 40)
    changed = lines.copy()
    changed[:, 31:] = changed[:, 31:][:, ::-1] * 3
    made = []
    for version in (lines, changed):
        series = category_series({"category_week": weekly(version)}, MOMENT, unseen_weeks=9)
        made.append(forecast_at(RollingForecasts(series, seed=1), 30))
    assert np.array_equal(made[0].lines, made[1].lines)
    assert np.array_equal(made[0].units_ends[1], made[1].units_ends[1])


def test_evaluation_stands_beside_the_four_week_mean():
    rows = {
        row["metric"]: row
        for row in evaluation_demand.build({"category_week": weekly(poisson(30, 40))}, MOMENT).to_pylist()
    }
    assert rows["wape"]["baseline"] == FALL_BACK
    assert rows["wape"]["low"] <= rows["wape"]["value"] <= rows["wape"]["high"]
    assert rows["wape"]["value"] < 1.1 * rows["wape"]["baseline_value"]
    assert rows["wape"]["period"] == "2024-04-08/2024-07-01"
    assert 0.85 < rows["coverage-95"]["value"] <= 1.0


def test_products_stand_in_where_no_category_is_known():
    bought = pa.table(
        {
            "product_id": ["p", "q", None] * 60,
            "week": pa.array(np.repeat(np.arange(20), 9), pa.int64()),
            "quantity": [2.0, 1.0, 1.0] * 60,
            "amount": pa.nulls(180, pa.float64()),
            "discount": pa.nulls(180, pa.float64()),
        }
    )
    empty = weekly(np.ones((1, 13))).slice(0, 0)
    table = demand_forecast.build({"category_week": empty, "purchases": bought}, MOMENT).table
    assert table["category"].to_pylist() == ["p"] * 4 + ["q"] * 4
    assert table["units"].to_pylist() == pytest.approx([6] * 4 + [3] * 4)


@pytest.mark.parametrize(
    ("build", "table", "code"),
    [
        (demand_forecast, weekly(np.ones((2, 12))), "analyze-few-weeks"),
        (evaluation_demand, weekly(np.ones((2, 16))), "analyze-few-weeks"),
        (demand_forecast, weekly(np.ones((2, 12))).slice(0, 0), "analyze-no-categories"),
    ],
)
def test_what_cannot_be_said(build, table, code):
    with pytest.raises(CannotSay) as reason:
        build.build({"category_week": table}, MOMENT)
    assert reason.value.code == code


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey_beats_the_four_week_mean():
    # 200 categories, 4 weeks ahead, origins 40/44/48, weeks from 2017-01-01: the four-week mean costs .1504
    weeks = category_week(datetime.fromisoformat("2017-01-01"))
    age = np.array(weeks["week"])
    full = weeks.filter(pa.array(age >= 1)).set_column(1, "week", pa.array(age[age >= 1] - 1))
    moment = Moment(as_of=datetime.fromisoformat("2017-12-31"))
    rows = {
        row["metric"]: row for row in evaluation_demand.build({"category_week": full}, moment).to_pylist()
    }
    assert rows["wape"]["n"] == 200
    assert rows["wape"]["baseline_value"] == pytest.approx(0.1504, abs=0.0001)
    assert rows["wape"]["value"] <= 0.149
    assert rows["wape"]["beats_baseline"]


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey_forecast_as_of_the_new_year():
    moment = Moment(as_of=AS_OF, time_zone="America/New_York")
    table = demand_forecast.build({"category_week": category_week()}, moment).table
    assert table.num_rows == 800
    assert table["category"][0].as_py() == "SOFT DRINKS"
