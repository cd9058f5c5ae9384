"""What a live view hides: direct identifiers by key and by looks, wherever they stand."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.collect.events.masking import HIDDEN, masked, masked_id

CANARIES = (
    "ada.lovelace@example.com",
    "+44 20 7946 0958",
    "13812345678",
    "11010519491231002X",
    "203.0.113.9",
    "１３８１２３４５６７８",
    "2001:db8:0:0:1:0:0:1",
)


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize(
    "shape",
    [
        "{}",
        "call {} now",
        "https://shop.example/?to={}&q=mug",
        "<{}>",
        '"{}"',
        "电话{}。",
    ],
)
def test_what_looks_like_a_person_is_hidden_in_any_text(canary, shape):
    assert canary not in json.dumps(
        masked({"properties": {"note": shape.format(canary)}}), ensure_ascii=False
    )


@pytest.mark.parametrize(
    "key", ["firstName", "last_name", "email", "Phone", "address", "ip", "姓名", "手机号", "latitude"]
)
def test_what_is_named_after_a_person_is_hidden_whatever_it_holds(key):
    shown = masked({"traits": {key: "Ada"}, "context": {"traits": {key: {"a": ["Ada"]}}}})
    assert "Ada" not in str(shown)


def test_products_and_pages_keep_their_names():
    message = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "web-1714557600000-a1b2c3",
        "timestamp": "2024-05-01T12:00:00.123Z",
        "properties": {"name": "Blue mug", "price": 4.5, "sku": "4006381333931", "quantity": 3},
        "context": {"page": {"title": "Mugs", "path": "/mugs"}, "campaign": {"name": "spring"}},
    }
    assert masked(message) == message


def test_ids_keep_two_signs_and_personal_ids_none():
    assert masked({"userId": 1042, "anonymousId": "3f8a-77", "messageId": "m1"}) == {
        "userId": "•••42",
        "anonymousId": "•••77",
        "messageId": "m1",
    }
    assert masked_id("13812345678") == HIDDEN
    assert masked_id("7") == HIDDEN


def test_a_very_deep_message_is_cut():
    message = "canary"
    for _ in range(60):
        message = [message]
    assert "canary" not in str(masked(message))


@pytest.mark.parametrize("piece", ["x", "1", "@", "a.", "+1", "a@", "1.", "f:", "%40", "（", "1 ", "a@b."])
def test_a_long_text_takes_no_longer_than_its_length(piece):
    begun = time.process_time()
    masked(piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(message=JSON, canary=st.sampled_from(CANARIES), key=st.text(max_size=8))
def test_masking_takes_any_json_and_lets_no_canary_through(message, canary, key):
    shown = masked({"properties": {key: [message, {"x": canary}]}})
    assert canary not in json.dumps(shown, ensure_ascii=False)
    assert masked(shown) == shown
