"""Customer segments, their names and their evaluation."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_inputs import AS_OF, customer_features, needs_demo
from sklearn.metrics import adjusted_rand_score

from mindgap.analyze.models.clustering import cluster
from mindgap.analyze.models.segment_features import DESCRIBED_BY
from mindgap.analyze.models.segment_words import KINDS, OTHER, TYPICAL
from mindgap.analyze.models.segments import evaluation_segments, segment_profiles, segments
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator
from mindgap.kernel.words import LANGUAGES, say

MOMENT = Moment(as_of=AS_OF, seed=5, time_zone="America/New_York")
COLUMNS = (
    "recency_days", "tenure_days", "orders", "spend", "avg_order_value", "orders_84d", "spend_84d",
    "discount_share", "categories", "weekend_share",
)  # fmt: skip
TYPICAL_CUSTOMER = (10, 300, 30, 900, 30, 8, 250, 0.1, 20, 0.3)
LOYAL = (2, 320, 130, 3900, 30, 36, 1080, 0.1, 40, 0.3)
LAPSED = (180, 330, 20, 600, 30, 0, 0, 0.1, 15, 0.3)
BIG = (10, 300, 30, 4500, 150, 8, 1200, 0.1, 30, 0.3)


def features(kinds, each=60, seed=1):
    """Customers of some kinds, each figure within a tenth of the kind's own."""
    rng = generator(seed, "customers")
    rows = np.vstack([np.array(kind) * rng.uniform(0.9, 1.1, (each, len(COLUMNS))) for kind in kinds])
    ids = [f"c{i}" for i in range(len(rows))]
    return pa.table({"customer_id": ids} | dict(zip(COLUMNS, rows.T, strict=True)))


def profiled(table):
    made = segments.build({"features": table}, MOMENT)
    return made, segment_profiles.build({"features": table, "segments": made.table}, MOMENT).to_pylist()


def test_planted_groups_are_found_and_named():
    table = features([TYPICAL_CUSTOMER, LOYAL, LAPSED, BIG])
    made, profiles = profiled(table)
    assert adjusted_rand_score(np.repeat(range(4), 60), made.table["segment"].to_numpy()) > 0.95
    names = {row["name_code"] for row in profiles}
    assert {"analyze-segment-loyal", "analyze-segment-lapsed", "analyze-segment-big-baskets"} <= names
    assert made.models[0].card["stability"] > 0.95


def test_words_compare_with_the_typical_customer():
    table = features([TYPICAL_CUSTOMER, TYPICAL_CUSTOMER, TYPICAL_CUSTOMER, LOYAL, LAPSED])
    _, profiles = profiled(table)
    loyal = next(row for row in profiles if row["name_code"] == "analyze-segment-loyal")
    words = {word["code"]: word["params"] for word in json.loads(loyal["words"])}
    assert words["analyze-word-frequency-more"]["ratio"] == pytest.approx(130 * 300 / (320 * 30), rel=0.1)
    assert say("analyze-word-frequency-more", "en", words["analyze-word-frequency-more"]).startswith("buys 4")


def test_profiles_add_up_and_names_differ():
    table = features([TYPICAL_CUSTOMER, LOYAL, LAPSED, BIG])
    made, profiles = profiled(table)
    assert sum(row["customers"] for row in profiles) == 240
    assert sum(row["share"] for row in profiles) == pytest.approx(1)
    assert sum(row["spend_share"] for row in profiles) == pytest.approx(1)
    assert [row["segment"] for row in profiles] == list(range(len(profiles)))
    total = [row["spend"] * row["customers"] for row in profiles]
    assert total == sorted(total, reverse=True)
    assert len({(row["name_code"], row["name_params"]) for row in profiles}) == len(profiles)
    fit = made.table["fit"].to_numpy()
    assert ((fit >= 0) & (fit <= 1)).all()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(30, 90))
def test_any_customers_get_one_segment_each_the_same_one_again(seed, count):
    rng = generator(seed, "any")
    table = pa.table(
        {"customer_id": [f"c{i}" for i in range(count)]}
        | {name: rng.exponential(20, count) for name in COLUMNS}
    )
    first, profiles = profiled(table)
    assert first.table["segment"].equals(profiled(table)[0].table["segment"])
    assert 3 <= len(profiles) <= 8
    assert first.table["customer_id"].equals(table["customer_id"])


def test_missing_figures_are_left_out():
    table = features([TYPICAL_CUSTOMER, LOYAL, LAPSED])
    for name in ("spend", "avg_order_value", "discount_share"):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.nulls(180, pa.float64()))
    _, profiles = profiled(table)
    assert sum(row["customers"] for row in profiles) == 180
    assert all(row["discount_share"] is None for row in profiles)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (features([LOYAL], each=29), "analyze-few-customers"),
        (pa.concat_tables([features([LOYAL], each=1)] * 40), "analyze-customers-alike"),
    ],
)
def test_what_cannot_be_said(table, code):
    with pytest.raises(CannotSay) as reason:
        segments.build({"features": table}, MOMENT)
    assert reason.value.code == code


def test_noise_is_less_stable_than_groups():
    rng = generator(3, "noise")
    noise = cluster(rng.normal(size=(300, 5)), seed=1)
    centers = rng.normal(scale=6, size=(4, 5))
    groups = cluster(centers[rng.integers(0, 4, 300)] + rng.normal(size=(300, 5)), seed=1)
    assert groups.stability.mean() > 0.95
    assert len(groups.centers) == 4
    assert noise.stability.mean() < 0.7


def test_segments_that_foretell_spend_are_seen_to():
    then = features([TYPICAL_CUSTOMER, LOYAL, LAPSED, BIG])
    gain = np.repeat([90.0, 400.0, 0.0, 450.0], 60) * generator(2, "gain").uniform(0.7, 1.3, 240)
    now = pa.table({"customer_id": then["customer_id"], "spend": then["spend"].to_numpy() + gain})
    rows = {
        row["metric"]: row
        for row in evaluation_segments.build({"then": then, "now": now}, MOMENT).to_pylist()
    }
    assert rows["next-spend-r2"]["value"] > 0.95
    assert rows["next-spend-r2"]["beats_baseline"]
    assert rows["stability"]["low"] > 0.9
    assert rows["stability"]["period"] == "2017-11-27/2018-01-01"


def test_spend_that_follows_nothing_is_not_foretold():
    then = features([TYPICAL_CUSTOMER, LOYAL, LAPSED])
    gain = generator(2, "gain").exponential(100, 180)
    now = pa.table({"customer_id": then["customer_id"], "spend": then["spend"].to_numpy() + gain})
    rows = {
        row["metric"]: row
        for row in evaluation_segments.build({"then": then, "now": now}, MOMENT).to_pylist()
    }
    assert rows["next-spend-r2"]["value"] < 0.05
    assert not rows["next-spend-r2"]["beats_baseline"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_and_word_can_be_said(language):
    params = dict.fromkeys(("value", "typical", "percent", "typical_percent", "ratio", "change_percent"), 1.5)
    for code in (*(kind.code for kind in KINDS), TYPICAL):
        assert say(code, language)
    assert "3" in say(OTHER, language, {"number": 3})
    for name in DESCRIBED_BY:
        for direction in ("more", "less"):
            assert say(f"analyze-word-{name}-{direction}", language, params)


@needs_demo
@pytest.mark.demo
@pytest.mark.slow
def test_complete_journey():
    _, profiles = profiled(customer_features())
    assert sum(row["customers"] for row in profiles) == 2469
    assert OTHER not in {row["name_code"] for row in profiles}
    tables = {"then": customer_features(35), "now": customer_features()}
    rows = {row["metric"]: row for row in evaluation_segments.build(tables, MOMENT).to_pylist()}
    assert rows["next-spend-r2"]["beats_baseline"]
    assert rows["stability"]["value"] > 0.5
