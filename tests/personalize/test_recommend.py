import json
from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchase_histories import AS_OF, table, two_tastes

from mindgap.kernel.derivation import FittedModel, Moment
from mindgap.kernel.errors import CannotSay, UsageError
from mindgap.kernel.rng import generator
from mindgap.kernel.words import LANGUAGES, say
from mindgap.personalize.model import Recommender, crowd, from_arrays, profile, without
from mindgap.personalize.ranking import again_scores, discover_scores
from mindgap.personalize.reasons import explain, overlap
from mindgap.personalize.recommending import recommender_model
from mindgap.personalize.scoring import recommend

MOMENT = Moment(as_of=AS_OF)


@cache
def fitted() -> FittedModel:
    return recommender_model.build({"purchases": two_tastes()}, MOMENT).models[0]


@cache
def parts() -> Recommender:
    return from_arrays(fitted().arrays)


def bought(customer: str) -> set[str]:
    purchases = two_tastes()
    return set(purchases.filter(pa.compute.field("customer_id") == customer)["product_id"].to_pylist())


def score(model, customer, product, *, again):
    near = crowd(model, customer)
    if not again:
        return float(discover_scores(model, customer, near)[product])
    scores = again_scores(model, customer, near)
    at = customer.product.tolist().index(product)
    return float(scores[at])


def test_repeat_lists_what_was_bought_and_discover_what_was_not():
    for customer in ("c000", "c001", "c077"):
        mine = bought(customer)
        assert {r.product_id for r in recommend(fitted(), customer, kind="repeat")} <= mine
        assert not {r.product_id for r in recommend(fitted(), customer, kind="discover")} & mine


def test_discovery_follows_the_taste():
    for number in range(20):
        listed = recommend(fitted(), f"c{number:03d}", kind="discover", k=3)
        assert {r.product_id[0] for r in listed} == {"AB"[number % 2]}


def test_mixed_is_ordered_by_the_expected_rate():
    listed = recommend(fitted(), "c005", k=20)
    rates = [r.expected_rate for r in listed]
    assert rates == sorted(rates, reverse=True)
    assert all(0 < rate < 1 for rate in rates)
    assert [r.rank for r in listed] == list(range(1, 21))
    assert {r.kind for r in listed} == {"repeat", "discover"}


def test_excluded_products_are_not_listed():
    first = recommend(fitted(), "c003")[0].product_id
    listed = recommend(fitted(), "c003", exclude={first})
    assert len(listed) == 10
    assert first not in {r.product_id for r in listed}


def test_an_unknown_customer_gets_what_is_popular_and_is_told_so():
    for customer in (None, "nobody"):
        listed = recommend(fitted(), customer)
        assert listed[0].product_id == "milk"
        assert {r.reasons[0].code for r in listed} == {"personalize-cold-start"}
        assert recommend(fitted(), customer, kind="repeat") == ()


def test_a_wrong_call_is_refused():
    with pytest.raises(UsageError):
        recommend(fitted(), "c000", k=0)
    with pytest.raises(UsageError):
        recommend(fitted(), "c000", kind="else")


@given(st.integers(0, 119), st.sampled_from(["repeat", "discover"]))
@settings(max_examples=40, deadline=None)
def test_reasons_add_up_to_the_score(row, kind):
    model = parts()
    customer = profile(model, row)
    for one in recommend(fitted(), model.customers.at(row), kind=kind, k=5):
        told = sum(reason.contribution for reason in one.reasons)
        assert told <= one.score * (1 + 1e-5)
        assert told >= 0.9 * one.score  # what is not told is small
        contributions = [reason.contribution for reason in one.reasons]
        assert contributions == sorted(contributions, reverse=True)
    assert len(customer.product)


@given(st.integers(0, 119), st.sampled_from(["repeat", "discover"]))
@settings(max_examples=40, deadline=None)
def test_without_the_cited_event_the_score_falls(row, kind):
    model = parts()
    customer = profile(model, row)
    rows = {model.products.at(at): at for at in range(len(model.products))}
    for one in recommend(fitted(), model.customers.at(row), kind=kind, k=3):
        product = rows[one.product_id]
        for reason in one.reasons:
            for cited in reason.products:
                if cited == one.product_id:
                    continue
                changed = without(model, customer, rows[cited])
                assert score(model, changed, product, again=kind == "repeat") < one.score


def test_the_contribution_of_one_product_is_exact():
    model = parts()
    customer = profile(model, 4)
    near = crowd(model, customer)
    product = int(discover_scores(model, customer, near).argmax())
    reason = next(
        r
        for r in explain(model, customer, overlap(model, customer, near), product=product, again=False)
        if r.code == "personalize-similar-customers"
    )
    left = customer
    for own in customer.product.tolist():
        left = without(model, left, own)
    fall = score(model, customer, product, again=False) - score(model, left, product, again=False)
    assert fall == pytest.approx(reason.contribution, rel=1e-3)


def test_forgetting_a_purchase_in_the_data_lowers_the_score_it_explains():
    purchases = two_tastes()
    one = recommend(fitted(), "c010", kind="repeat", k=1)[0]
    assert one.reasons[0].products == (one.product_id,)
    mine = (pa.compute.field("customer_id") == "c010") & (pa.compute.field("product_id") == one.product_id)
    ages = purchases.filter(mine)["ordered_at"]
    latest = pa.compute.max(ages)
    fewer = purchases.filter(~(mine & (pa.compute.field("ordered_at") == latest)))
    again = recommender_model.build({"purchases": fewer}, MOMENT).models[0]
    after = {r.product_id: r.score for r in recommend(again, "c010", kind="repeat", k=50)}
    assert after.get(one.product_id, 0.0) < one.score


def test_reasons_are_json_and_have_words_in_every_language():
    listed = [*recommend(fitted(), "c000", k=40), *recommend(fitted(), None)]
    for reason in (reason for one in listed for reason in one.reasons):
        sent = json.loads(json.dumps(reason.as_json()))
        for language in LANGUAGES:
            assert say(sent["code"], language, sent["params"])


def test_names_come_from_the_catalogue_and_others_are_not_listed():
    stats = pa.table(
        {"product_id": ["milk", *(f"A{i:02d}" for i in range(30))], "product_name": ["Milk 1l"] + [None] * 30}
    )
    built = recommender_model.build({"purchases": two_tastes(), "product_stats": stats}, MOMENT)
    listed = recommend(built.models[0], "c000", k=50)
    assert {r.product_id for r in listed} <= set(stats["product_id"].to_pylist())
    assert next(r for r in listed if r.product_id == "milk").product_name == "Milk 1l"
    assert built.table["products"].to_pylist() == [31]


def test_twenty_customers_are_enough():
    purchases = two_tastes(customers=20)
    built = recommender_model.build({"purchases": purchases}, MOMENT)
    listed = recommend(built.models[0], "c000", k=12)
    assert len(listed) == 12
    assert listed[0].expected_rate is None
    assert listed[0].kind == "repeat"
    assert built.table["rates_known"].to_pylist() == [False]


def test_too_little_is_said_not_guessed():
    with pytest.raises(CannotSay):
        recommender_model.build({"purchases": table([("a", "o", "p", 1.0)])}, MOMENT)


def test_the_same_data_gives_the_same_model():
    other = recommender_model.build({"purchases": two_tastes()}, MOMENT).models[0]
    assert all((other.arrays[name] == array).all() for name, array in fitted().arrays.items())


@given(
    seed=st.integers(0, 10_000),
    customers=st.integers(20, 70),
    products=st.sampled_from([1, 2, 40, 400]),
    days=st.sampled_from([1, 60, 400]),
)
@settings(max_examples=25, deadline=None)
def test_any_purchases_give_valid_lists(seed, customers, products, days):
    rng = generator(seed, "any")
    rows = [
        (f"c{i % customers}", f"o{i}", f"p{int(rng.integers(products))}", float(rng.uniform(0, days)))
        for i in range(max(150, 3 * customers))
    ]
    model = recommender_model.build({"purchases": table(rows)}, MOMENT).models[0]
    mine = {product for customer, _, product, _ in rows if customer == "c1"}
    repeat, discover, mixed = (recommend(model, "c1", kind=kind) for kind in ("repeat", "discover", "mixed"))
    assert {r.product_id for r in repeat} <= mine
    assert not {r.product_id for r in discover} & mine
    assert len({r.product_id for r in mixed}) == len(mixed) == min(10, len({p for _, _, p, _ in rows}))
    assert all(r.score > 0 and r.reasons for r in (*repeat, *discover, *mixed))
