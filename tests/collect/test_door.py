"""What the door sees of messages, takes apart, and lets in."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import Delivery, LiveSource, Rejected, Request
from mindgap.collect.events.door import entry, head, preferences
from mindgap.collect.events.envelopes import batch, single, write_key
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.kernel.purposes import Purpose

NOON = datetime(2024, 5, 1, 12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)


def delivery(*messages, context=None, **options):
    stated = StreamOptions(**options)
    source = LiveSource("web", "http", stated, door(stated))
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    return Delivery(source, texts, "", json.dumps(context).encode() if context else b"")


def let_in(what, *, opted_out=False):
    return entry(what, received_at=NOON, opted_out=opted_out)


def consent(**choices):
    return {"consent": {"categoryPreferences": choices}}


ALL_DENIED = consent(analytics=False, functional=False, preferences=False, advertising=False)
EVENT = {"type": "track", "event": "Product Viewed", "userId": "u1"}


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (EVENT, True),
        ({**EVENT, "context": consent(advertising=False)}, True),
        ({**EVENT, "context": ALL_DENIED}, False),
        ({**EVENT, "event": "Order Completed", "context": ALL_DENIED}, True),
        ({**EVENT, "event": "Segment Consent Preference Updated", "context": ALL_DENIED}, True),
        ({"type": "page", "event": "Order Completed", "userId": "u1", "context": ALL_DENIED}, False),
        ({**EVENT, "context": {"consent": "no"}}, True),
        (json.dumps({**EVENT, "context": ALL_DENIED}).replace("consent", "\\u0063onsent").encode(), False),
        (json.dumps({**EVENT, "price": float("nan"), "context": ALL_DENIED}).encode(), False),
        (json.dumps({**EVENT, "context": {**ALL_DENIED, "x": float("nan")}}).encode(), False),
        (json.dumps({**EVENT, "context": {**ALL_DENIED, "x": "\ud800"}}).encode(), False),
        (json.dumps({**EVENT, "context": ALL_DENIED}).replace("u1", "\xff").encode("latin-1"), False),
    ],
)  # fmt: skip
def test_what_has_no_lawful_purpose_is_refused(message, kept):
    found = let_in(delivery(EVENT, message))
    assert (len(found.messages), found.refused) == ((2, 0) if kept else (1, 1))


def test_opt_in_keeps_only_what_was_granted():
    granted, asked = {**EVENT, "context": consent(Analytics=True)}, consent(Analytics=True)
    assert let_in(delivery(EVENT, granted, consent="opt-in")).refused == 1
    assert let_in(delivery(EVENT, granted, consent="opt-in", context=asked)).refused == 0


def test_a_message_of_its_own_mind_does_not_inherit():
    own = {**EVENT, "context": consent(analytics=True)}
    assert let_in(delivery(EVENT, own, context=ALL_DENIED)).messages == [json.dumps(own).encode()]


def test_a_source_for_advertising_alone_takes_nothing_of_who_opted_out():
    only = (Purpose.MARKETING,)
    assert let_in(delivery(EVENT, purposes=only)).refused == 0
    found = let_in(delivery(EVENT, purposes=only), opted_out=True)
    assert (found.messages, found.refused, found.opted_out) == ([], 1, True)


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_nothing_is_lost_between_the_body_and_the_entry(values):
    body = json.dumps({"batch": [EVENT, *values]}, indent=1).encode()
    found = let_in(delivery(*batch(body).messages))
    assert [json.dumps(json.loads(one)) for one in found.messages] == list(map(json.dumps, [EVENT, *values]))
    assert not any(b"\n" in one for one in found.messages)
    assert len(found.messages) + found.refused == 1 + len(values)


@pytest.mark.parametrize("said", [{"userId": 7}, {"anonymousId": "a"}, {"previousId": "p"}])
def test_what_is_an_id(said):
    assert head(json.dumps(said).encode()).has_id


@pytest.mark.parametrize("said", [{}, {"userId": ""}, {"userId": True}, {"userId": ["u"]}, 5, [], None])
def test_what_is_none(said):
    with pytest.raises(Rejected, match="no-id"):
        let_in(delivery(json.dumps(said).encode()))


@given(VALUES)
def test_a_single_message_gets_a_type_and_an_id_and_nothing_else_changes(value):
    message = {"userId": "u", "x": value}
    text = json.dumps(message)
    [found] = single(text.encode(), "track").messages
    assert found.endswith(text[1:].encode())
    said = json.loads(found)
    assert (said.pop("type"), said.pop("messageId")[:8]) == ("track", "mindgap-")
    assert json.dumps(said) == text


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_type_or_id_is_none(empty):
    [found] = single(json.dumps({"a": 1.0, "messageId": empty, "type": empty}).encode(), "page").messages
    assert json.loads(found)["type"] == "page"
    assert json.loads(found)["messageId"]
    assert found.count(b"messageId") == found.count(b'"type"') == 1


@pytest.mark.parametrize("body", [b"", b"5", b"[]", b"{", b'{"a":NaN', b'{"a":1}x', b'{"a":' + b"[" * 9_999])
def test_what_is_no_message(body):
    with pytest.raises(Rejected, match="bad-json"):
        single(body, "track")


def test_preferences_are_found_whatever_else_is_wrong():
    assert preferences(b"") is None
    assert preferences(b"[") is None
    assert preferences(b'{"consent":{"categoryPreferences":{"a":true}},"n":NaN}') == {"a": True}


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("Basic azE6", "k1"),
        ("basic azE6c2VjcmV0", "k1"),
        ("Basic ###", ""),
        ("Bearer  k2 ", "k2"),
        ("k3", ""),
    ],
)
def test_the_key_of_an_authorization(shown, key):
    assert write_key(Request(method="POST", path="/", headers={"authorization": shown})) == key
