"""What names a person is sealed before it is kept; its token stays, and only the key opens it."""

import json

import pytest

from kits.event_log import NOON, entry, lake, message, readings, work_up
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.loop.compaction import replay
from mindgap.store.keys import TOKENS, key_of, opened_texts
from mindgap.trust.identifiers import normalise, token
from mindgap.trust.keys import HIDDEN, is_sealed, opened, sealed_by

EMAIL, PHONE = "ada.canary@example.com", "+1 212 555 2368"


@pytest.fixture
def stores(workspace):
    return workspace.stores


def identify(number=1, *, user="u1", **traits):
    return message(number, type="identify", event=None, userId=user, properties={}, traits=traits)


def row_of(stores, *messages, **changes):
    work_up(stores, entry(*messages), **changes)
    (row,) = lake(stores)
    return row, json.loads(row["traits"]), json.loads(row["properties"]), json.loads(row["context"])


def test_identifiers_become_tokens_and_their_values_are_sealed(stores):
    row, traits, _, _ = row_of(stores, identify(email=EMAIL, phone=PHONE, plan="gold", birthday="1990-05-02"))
    key = key_of(stores.keys, TOKENS)
    expected = {
        token("email", EMAIL, key),
        token("phone", "+12125552368", key),
    }
    assert set(row["identifiers"].split()) == expected
    assert (traits["plan"], traits["birthday"]) == ("gold", "1990")
    assert sealed_by(traits["email"]) == "customer/u1"
    assert opened_texts([traits["email"], traits["phone"]], stores.keys) == [EMAIL, PHONE]


def test_the_same_person_has_the_same_token_in_every_source(stores):
    work_up(
        stores,
        entry(identify(1, user="a", email=EMAIL.upper())),
        entry(identify(2, user="b", email=EMAIL), source="app"),
    )
    first, second = lake(stores)
    assert first["identifiers"] == second["identifiers"]
    assert json.loads(first["traits"])["email"] != json.loads(second["traits"])["email"]


def test_only_a_trusted_source_vouches(stores):
    row, *_ = row_of(stores, identify(email=EMAIL), how=readings(StreamOptions(trusted=True)))
    assert row["identifiers"].startswith("+email:")


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        ({"product_id": "p1", "name": "Mug"}, {"product_id": "p1", "name": "Mug"}),
        ({"products": [{"name": "Mug", "sku": "1"}]}, {"products": [{"name": "Mug", "sku": "1"}]}),
        ({"text": "Buy now"}, {"text": "Buy now"}),
        ({"ip_address": "10.0.0.1", "step": 1}, {"step": 1}),
    ],
)
def test_things_stay_in_the_clear(stores, properties, kept):
    _, _, found, _ = row_of(stores, message(1, event="Button Clicked", properties=properties))
    assert found == kept


@pytest.mark.parametrize(
    "properties",
    [
        {"email": EMAIL},
        {"customer": {"name": "Ada Canary"}},
        {"shipping_address": {"street": "1 Canary Wharf"}},
        {"billingAddress": "1 Canary Wharf"},
        {"收货人": "金丝雀"},
        {"手机号": "13800138000"},
        {"firstName": "Ada"},
        {"credit_card": 4111111111111111},
        {"anything": f"write to {EMAIL}"},
        {"deep": [{"er": [{"lastName": "Canary"}]}]},
        {"note": "call me after six"},
        {"url": "https://shop.example/a%40b.com/x?u=ada%40example.com"},
    ],
)
def test_persons_are_sealed_wherever_they_stand(stores, properties):
    _, _, found, _ = row_of(stores, message(1, event="Order Completed", properties=properties))
    leaves = list(_leaves(found))
    assert leaves
    assert all(is_sealed(leaf) for leaf in leaves)
    assert [str(leaf) for leaf in _leaves(properties)] == opened_texts(leaves, stores.keys)


def _leaves(value):
    match value:
        case dict():
            for one in value.values():
                yield from _leaves(one)
        case list():
            for one in value:
                yield from _leaves(one)
        case _:
            yield value


def test_of_an_address_the_places_stay(stores):
    _, traits, _, _ = row_of(
        stores, identify(address={"street": "Canary 1", "city": "Ulm", "postalCode": "89073"})
    )
    assert traits["address"]["city"] == "Ulm"
    assert is_sealed(traits["address"]["street"])
    assert is_sealed(traits["address"]["postalCode"])


def test_words_of_a_review_are_sealed_and_its_score_is_not(stores):
    said = {"product_id": "p1", "rating": 4, "review_body": "it broke"}
    _, _, found, _ = row_of(stores, message(1, event="Product Reviewed", properties=said))
    assert is_sealed(found["review_body"])
    assert found["rating"] == 4


def test_a_device_is_a_token(stores):
    context = {"device": {"id": "6D92078A-8246", "name": "Ada's phone", "type": "ios"}}
    row, _, _, found = row_of(stores, message(1, context=context))
    assert row["identifiers"].startswith("device:")
    assert found["device"]["type"] == "ios"
    assert is_sealed(found["device"]["id"])
    assert is_sealed(found["device"]["name"])


def test_an_address_that_is_the_customers_id_is_a_token_too(stores):
    row, *_ = row_of(stores, message(1, userId=EMAIL, traits={"name": "Ada"}))
    assert row["identifiers"] == token("email", normalise("email", EMAIL, "US"), key_of(stores.keys, TOKENS))


def test_a_group_is_no_person(stores):
    said = message(
        1, type="group", event=None, groupId="g", traits={"name": "Acme", "email": EMAIL}, properties={}
    )
    row, traits, *_ = row_of(stores, said)
    assert (row["identifiers"], traits["name"]) == (None, "Acme")
    assert is_sealed(traits["email"])


def test_without_anything_personal_no_key_is_made(stores):
    row_of(stores, message(1))
    assert stores.keys.state().holders == {}


def test_a_destroyed_key_opens_nothing_any_more(stores):
    _, traits, _, _ = row_of(stores, identify(email=EMAIL))
    assert stores.keys.destroy(["customer/u1"]) == 1
    assert opened_texts([traits["email"]], stores.keys) == [HIDDEN]


def test_a_seal_that_a_client_made_up_is_sealed_and_opens_as_it_came(stores):
    forged = "sealed:v1:customer/u2:AAAA"
    _, traits, _, _ = row_of(stores, identify(email=forged, plan=forged))
    assert opened(traits["email"], stores.keys.of(["customer/u1"])) == forged
    assert opened_texts([traits["plan"]], stores.keys) == [HIDDEN]


def test_what_is_set_aside_lies_whole_under_a_key_and_can_be_tried_again(stores):
    work_up(stores, entry(message(1, type="unknown", traits={"email": EMAIL})))
    (part,) = stores.streams.quarantine()
    assert EMAIL.encode() not in stores.lake.path(part.path).read_bytes()
    assert replay(stores, readings(), at=NOON).stored == 0
