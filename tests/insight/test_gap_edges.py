"""Strange workspaces: too little of everything, and what is said about it."""

import json

import numpy as np
import pyarrow as pa
import pytest

from mindgap.insight.answer import business_answer, customer_answer, with_customer
from mindgap.insight.customers import customer_gap
from mindgap.insight.gap import gap
from mindgap.insight.gap_views import evaluation_gap, gap_sources, gap_weeks
from mindgap.insight.simulation import AS_OF, SECONDS_PER_WEEK, Business, distinct_kinds
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator
from mindgap.kernel.words import LANGUAGES, codes, say

MOMENT = Moment(as_of=AS_OF)


def small(n_customers=1, n_weeks=16):
    rng = generator(1, "small")
    business = Business(shares=distinct_kinds(2, 5, rng), n_customers=n_customers, n_weeks=n_weeks)
    return business.purchases(business.kinds(rng), rng)


def without(purchases, *names):
    for name in names:
        place = purchases.column_names.index(name)
        purchases = purchases.set_column(place, name, pa.nulls(purchases.num_rows, pa.string()))
    return purchases


def code_of(purchases):
    with pytest.raises(CannotSay) as answer:
        gap.build({"purchases": purchases}, MOMENT)
    return answer.value.code


def test_one_customer_gets_figures_but_no_interval():
    table = gap.build({"purchases": small()}, MOMENT).table
    row = table.to_pylist()[0]
    assert row["n_customers"] == 1
    assert row["pays"] is None
    assert row["advantage_low"] is None
    assert {"code": "insight-few-customers", "params": {"customers": 1, "needed": 20}} in json.loads(
        row["reasons"]
    )
    customer = customer_gap.build({"purchases": small(), "gap": table}, MOMENT).to_pylist()[0]
    assert customer["reducible_bits"] == 0
    assert customer["difference_bits"] == pytest.approx(0, abs=1e-3)


def test_without_categories_the_outcome_is_the_product():
    row = gap.build({"purchases": without(small(30), "category")}, MOMENT).table.to_pylist()[0]
    assert row["outcome"] == "product"
    assert {"code": "insight-outcome-product", "params": {}} in json.loads(row["reasons"])


def test_many_products_become_the_top_300_and_other():
    rng = generator(2, "products")
    many = Business(shares=np.full((1, 500), 1 / 500), n_customers=40, n_weeks=16)
    purchases = without(many.purchases(np.zeros(40, dtype=np.int64), rng), "category")
    model = gap.build({"purchases": purchases}, MOMENT).models[0]
    assert len(json.loads(model.text["values"])) == 301
    assert model.arrays["market_share"].sum() == pytest.approx(1)
    assert model.arrays["market_share"].min() > 0


def test_a_value_never_seen_before_costs_finite_bits():
    purchases = small(30)
    late = purchases["ordered_at"].to_numpy() > np.datetime64(AS_OF) - np.timedelta64(7, "D")
    category = np.array(purchases["category"].to_pylist(), dtype=object)
    category[np.flatnonzero(late)[:5]] = "brand new"
    purchases = purchases.set_column(3, "category", pa.array(category))
    row = gap.build({"purchases": purchases}, MOMENT).table.to_pylist()[0]
    assert np.isfinite(row["remaining_bits"])


def test_what_cannot_be_said_has_a_reason():
    purchases = small(5)
    assert code_of(without(purchases, "category", "product_id")) == "insight-no-outcome"
    assert code_of(without(purchases, "customer_id")) == "insight-no-customers"
    assert code_of(small(5, n_weeks=9)) == "insight-short-history"
    assert code_of(small(5, n_weeks=3)) == "insight-no-evidence"
    old = purchases["ordered_at"].to_numpy() - np.timedelta64(10 * SECONDS_PER_WEEK, "s")
    place = purchases.column_names.index("ordered_at")
    assert code_of(purchases.set_column(place, "ordered_at", pa.array(old))) == "insight-no-outcomes"


def test_views_and_answer_agree_with_the_gap():
    purchases = small(40)
    table = gap.build({"purchases": purchases}, MOMENT).table
    weeks = gap_weeks.build({"gap": table}, MOMENT).to_pylist()
    sources = gap_sources.build({"gap": table}, MOMENT).to_pylist()
    evaluated = evaluation_gap.build({"gap": table}, MOMENT).to_pylist()[0]
    row = table.to_pylist()[0]
    answer = business_answer(row, weeks=weeks, sources=sources)
    assert json.loads(json.dumps(answer)) == answer
    assert answer["market_bits"] - answer["remaining_bits"] == pytest.approx(answer["advantage_bits"])
    assert sum(week["n_outcomes"] for week in weeks) == answer["n_outcomes"] == evaluated["n"]
    mean = sum(week["remaining_bits"] * week["n_outcomes"] for week in weeks) / answer["n_outcomes"]
    assert mean == pytest.approx(answer["remaining_bits"])
    assert evaluated["value"] == answer["remaining_bits"]
    assert evaluated["better"] == "lower"


def test_the_answer_for_a_customer():
    purchases = small(40)
    table = gap.build({"purchases": purchases}, MOMENT).table
    segments = pa.table({"customer_id": [str(n) for n in range(40)], "segment": [n % 2 for n in range(40)]})
    inputs = {"purchases": purchases, "gap": table, "segments": segments}
    row = customer_gap.build(inputs, MOMENT).to_pylist()[0]
    declared = {
        "customer_id": row["customer_id"],
        "age_group": "35-44",
        "gender": None,
        "traits": '{"pet": "cat"}',
    }
    answer = customer_answer(row, declared=declared)
    states = {
        entry["attribute"]: entry["state"] for entry in answer["ledger"] if entry["state"] != "inferred"
    }
    assert states == {"age_group": "known", "gender": "unknown", "pet": "known"}
    assert answer["discovery"] is None
    assert answer["reducible_bits"] >= 0
    assert {reason["code"] for reason in answer["reasons"]} == {
        "insight-no-discovery",
        "insight-no-question",
    }
    both = with_customer(business_answer(None), answer)
    assert both["advantage_bits"] is None
    assert both["terms"]
    assert len(both["reasons"]) == 3


def test_a_stranger_gets_reasons_only():
    answer = customer_answer(None)
    assert answer["difference_bits"] is None
    assert answer["ledger"] is None
    assert "insight-unknown-customer" in {reason["code"] for reason in answer["reasons"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language):
    params = {"weeks": 3, "needed": 8, "days": 35, "customers": 1}
    ours = {code for code in codes("en") if code.startswith("insight-")}
    assert ours
    for code in ours:
        assert say(code, language, params)
