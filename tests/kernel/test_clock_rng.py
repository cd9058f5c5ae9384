from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindgap.kernel.clock import as_of_lag, next_midnight, week_start
from mindgap.kernel.rng import generator

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1))
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Shanghai", "Europe/Berlin"])


@given(MOMENTS, ZONES)
def test_next_midnight_is_later_by_at_most_a_day_and_an_hour(moment, zone):
    end = next_midnight(moment, zone)
    assert timedelta(0) < end - moment <= timedelta(hours=25)


@given(MOMENTS, ZONES)
def test_week_start_is_a_fixed_point(moment, zone):
    start = week_start(moment, zone)
    assert start <= moment
    assert week_start(start, zone) == start


@given(MOMENTS, st.integers(1, 400), ZONES)
def test_a_lag_never_looks_later_than_it_says(moment, lag, zone):
    assert as_of_lag(moment, lag, zone) <= moment - timedelta(days=lag) + timedelta(hours=1)


def test_the_days_of_one_week_share_their_lagged_as_of():
    monday = datetime(2024, 6, 3)
    lagged = {as_of_lag(monday + timedelta(days=d), 35, "UTC") for d in range(7)}
    assert lagged == {datetime(2024, 4, 29)}


def test_generators_differ_by_name_and_seed():
    draws = {generator(seed, name).random() for seed in (1, 2) for name in ("a", "b")}
    assert len(draws) == 4
    assert np.allclose(generator(1, "a").random(3), generator(1, "a").random(3))
