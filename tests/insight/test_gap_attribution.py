"""What each source is worth: the values add up, and a source without content is worth nothing."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.insight.attribution import shapley_matrix
from mindgap.insight.gap import gap
from mindgap.insight.learning import subsets
from mindgap.insight.simulation import AS_OF, SECONDS_PER_WEEK, Business, distinct_kinds
from mindgap.kernel.derivation import Moment
from mindgap.kernel.rng import generator

MOMENT = Moment(as_of=AS_OF)


def test_shapley_of_the_glove_game():
    """One left and two right gloves, a pair is worth 1: 2/3, 1/6, 1/6 (Shapley 1953's classic example)."""
    sources = ("left", "right", "other right")
    sets = subsets(sources)
    worth = np.array([float("left" in chosen and len(chosen) > 1) for chosen in sets])
    np.testing.assert_allclose(shapley_matrix(sources, sets) @ worth, [2 / 3, 1 / 6, 1 / 6])


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_shapley_values_add_up(n, seed):
    sources = tuple("abcde"[:n])
    sets = subsets(sources)
    worth = generator(seed, "worth").random(len(sets))
    values = shapley_matrix(sources, sets) @ worth
    assert values.sum() == pytest.approx(worth[-1] - worth[0])


def business_with_sources(seed):
    """Age tells the kind; so do campaigns, but less."""
    rng = generator(seed, "sources")
    business = Business(
        shares=distinct_kinds(3, 8, rng),
        n_customers=240,
        n_weeks=16,
        baskets_per_week=1,
        lines_per_basket=2,
    )
    kinds = np.arange(240) % 3
    campaign = np.where(rng.random(240) < 0.5, kinds, rng.integers(0, 3, 240))
    ids = [str(customer) for customer in range(240)]
    customers = pa.table({"customer_id": ids, "age_group": [f"age {kind}" for kind in kinds]})
    shown = np.datetime64(AS_OF, "us") - np.timedelta64(14 * SECONDS_PER_WEEK, "s")
    exposures = pa.table(
        {
            "customer_id": ids,
            "campaign_id": [f"campaign {kind}" for kind in campaign],
            "shown_at": pa.array(np.full(240, shown)),
        }
    )
    return business.purchases(kinds, rng), customers, exposures, rng


def test_attribution_adds_up_to_the_advantage():
    purchases, customers, exposures, _ = business_with_sources(1)
    built = gap.build({"purchases": purchases, "customers": customers, "exposures": exposures}, MOMENT)
    row = built.table.to_pylist()[0]
    sources = {item["source"]: item for item in json.loads(row["sources"])}
    assert set(sources) == {"purchases", "attributes", "campaigns"}
    total = sum(item["bits"] for item in sources.values())
    assert total == pytest.approx(row["advantage_bits"], abs=1e-6)
    assert sources["attributes"]["bits"] > sources["campaigns"]["bits"] > 0.01
    assert all(item["low"] < item["bits"] < item["high"] for item in sources.values())
    assert row["reasons"] == "[]"
    assert row["collect_less"] == "[]"


def test_a_source_dealt_at_random_is_worth_nothing_and_should_not_be_collected():
    purchases, customers, exposures, rng = business_with_sources(2)
    shuffled = customers.set_column(
        1, "age_group", customers["age_group"].take(pa.array(rng.permutation(240)))
    )
    built = gap.build({"purchases": purchases, "customers": shuffled, "exposures": exposures}, MOMENT)
    row = built.table.to_pylist()[0]
    worth = {item["source"]: item["bits"] for item in json.loads(row["sources"])}
    assert worth["attributes"] == pytest.approx(0, abs=0.005)
    assert [item["source"] for item in json.loads(row["collect_less"])] == ["attributes"]
