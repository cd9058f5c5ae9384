"""PostHog's requests, as its SDKs for Python, Node and the browser sent them."""

import json

import pytest
from captured_requests import SHOP, by_type, captured, delivered, source_of

from mindgap.collect.events.delivery import Rejected, Request
from mindgap.collect.wire import posthog


def _posted(body, path="/batch/"):
    return delivered(Request(method="POST", path=path, body=body))


def test_python_batch():
    delivery, messages = delivered(captured("posthog-python"))
    assert delivery.source == SHOP
    assert delivery.sent_at == "2026-11-22T21:57:42.599515+00:00"
    found = by_type(messages)
    viewed = found["Product Viewed"]
    assert viewed["messageId"] == "28c43773-d5bf-4674-9ecd-77b4f536ba37"
    assert (viewed["type"], viewed["userId"], viewed["timestamp"]) == (
        "track",
        "u1",
        "2026-05-01T00:00:00+00:00",
    )
    assert viewed["properties"]["price"] == 9.5
    assert viewed["context"]["library"] == {"name": "posthog-python", "version": "7.91.1"}
    assert "anonymousId" not in viewed
    personless = found["No person"]
    assert personless["anonymousId"] == "c00b146d-1fc5-439f-abcc-588fee7b1995"
    assert "userId" not in personless
    assert found["alias"]["userId"] == "anon-1"
    assert found["alias"]["previousId"] == "u1"
    assert found["group"]["groupId"] == "c1"
    assert found["group"]["traits"] == {"name": "C"}
    assert "userId" not in found["group"]
    assert found["page"]["context"]["page"] == {"url": "https://a.b/c"}
    assert found["screen"]["name"] == "Home"
    told = [message for message in messages if message["type"] == "identify"]
    assert [message.get("traits") for message in told] == [{"email": "a@b.c"}, None]
    assert told[1]["context"]["posthog"] == {"$set_once": {"first": "x"}}


def test_node_batch():
    _, messages = delivered(captured("posthog-node"))
    found = by_type(messages)
    assert found["identify"]["userId"] == "u1"
    assert found["identify"]["anonymousId"] == "anon"
    assert found["identify"]["traits"] == {"email": "a@b.c"}
    assert found["group"]["anonymousId"] == "$company_c1"
    assert (found["alias"]["userId"], found["alias"]["previousId"]) == ("u1", "anon-1")


def test_browser_says_who_is_identified():
    _, messages = delivered(captured("posthog-js"))
    found = by_type(messages)
    before, after = found["Product Viewed"], found["Order Completed"]
    assert "userId" not in before
    assert after["userId"] == "u1"
    assert after["anonymousId"] == before["anonymousId"]
    assert found["group"]["userId"] == "u1"


def test_page_that_closes_sends_a_form():
    _, [left] = delivered(captured("posthog-js closing"))
    assert left["event"] == "Page Left"
    assert left["properties"]["dwell_seconds"] == left["properties"]["$prev_pageview_duration"]


def test_version_1_tells_of_each_event():
    request = captured("posthog-python v1")
    delivery, messages = delivered(request)
    assert delivery.sent_at == "2026-11-22T21:57:42.604548+00:00"
    results = json.loads(posthog.answer_results(request).body)["results"]
    assert results == {message["messageId"]: {"result": "ok"} for message in messages}


@pytest.mark.parametrize("name", ["posthog-python flags", "posthog-node flags"])
def test_no_flags(name):
    delivery, messages = delivered(captured(name))
    assert (delivery.source, messages) == (SHOP, [])


def test_one_event_and_lists_of_events():
    one = b'{"api_key": "key_1", "event": "A", "distinct_id": 7, "properties": {"n": 1.0}}'
    _, [message] = _posted(one, "/capture/")
    assert (message["event"], message["userId"], message["properties"]) == ("A", "7", {"n": 1.0})
    _, messages = _posted(b'[{"event": "A", "properties": {"token": "key_1", "distinct_id": "d"}}]', "/e/")
    assert [message["userId"] for message in messages] == ["d"]


def test_traits_of_a_stranger_make_no_customer():
    event = {"event": "$set", "distinct_id": "d1", "$set": {"colour": "red"}}
    event["properties"] = {"$device_id": "d1", "$is_identified": False}
    _, [message] = _posted(json.dumps({"api_key": "key_1", "batch": [event]}).encode())
    assert (message["type"], message["anonymousId"], message["traits"]) == (
        "identify",
        "d1",
        {"colour": "red"},
    )
    assert "userId" not in message


def test_values_stay_word_for_word():
    properties = b'{"n": 1.00, "big": 18446744073709551616, "s": "\\u00e9", "twice": 1, "twice": 2}'
    event = b'{"event": "A", "distinct_id": "u", "properties": ' + properties + b"}"
    delivery, _ = _posted(b'{"api_key": "key_1",\n "batch": [' + event + b"]}")
    assert properties in delivery.messages[0]


def test_what_is_wrong_inside_one_event_leaves_the_others():
    good = '{"event": "A", "distinct_id": "u", "properties": {}}'
    for bad in ('{"event": "A", "properties": {"n": NaN}}', '{"event": "\\ud800"}', "7", "null"):
        body = f'{{"api_key": "key_1", "batch": [{bad}, {good}]}}'.encode()
        delivery = posthog.read_events(Request(method="POST", path="/batch/", body=body), source_of)
        assert delivery.messages[0] == bad.encode()
        assert json.loads(delivery.messages[1])["userId"] == "u"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-json"),
        (b"data=%%%", 400, "bad-json"),
        (b"data=[" + b"1," * 200_000 + b"1]", 413, "too-many-messages"),
        (b"[" * 10_000, 400, "bad-json"),
        (b'{"api_key": "key_1", "batch": []}', 400, "empty-batch"),
        (b'{"api_key": "other", "batch": [{}]}', 401, "bad-key"),
        (b'{"batch": [{"event": "A"}]}', 401, "bad-key"),
    ],
)
def test_refusals(body, status, code):
    with pytest.raises(Rejected) as refused:
        _posted(body)
    assert (refused.value.status, refused.value.code) == (status, code)
