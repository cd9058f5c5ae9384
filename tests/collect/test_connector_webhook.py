"""Webhooks: genuine ones become messages, all others are told why not; what means nothing is kept."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.collect.connectors.webhook import OPTIONS
from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import LiveSource, Rejected, Request
from mindgap.collect.events.door import entry
from mindgap.collect.events.payloads import messages, payload_map, presets, with_id
from mindgap.collect.events.signatures import Signed, is_genuine, scheme, schemes, sign
from mindgap.collect.wire import webhook
from mindgap.kernel.errors import SettingsError

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of plain secret").decode()
NOW = datetime(2024, 5, 1, 12)
STAMP = str(int(NOW.replace(tzinfo=UTC).timestamp()))
BODY = b'{"kind":"Order Completed","buyer":"c1","total":9.5}'
MAP = {"type": "'track'", "event": "kind", "userId": "buyer", "properties.total": "total"}


def live(**said):
    options = msgspec.convert({"secret_env": "WEBHOOK_SECRET", "map": MAP, **said}, OPTIONS)
    return LiveSource("hooks", "webhook", options, door(options))


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("VERIFY", "shown-token")


def signed_headers(how_name, body, *, secret=SECRET, at=STAMP, url=""):
    """The headers that a sender of this scheme sets."""
    how = scheme(how_name)
    headers = {how.id_header: "evt-1"} if how.id_header else {}
    if how.timestamp_header:
        headers[how.timestamp_header] = at
    if how.style == "pairs":
        headers[how.header] = f"t={at},v1="
    raw = sign(how, secret, Signed(headers=headers, body=body, url=url))
    text = raw.hex() if how.encoding == "hex" else base64.b64encode(raw).decode()
    match how.style:
        case "list":
            headers[how.header] = f"v1,{base64.b64encode(b'x' * 32).decode()} v1,{text} v2,{text}"
        case "pairs":
            headers[how.header] = f"t={at},v1={text},v0=00"
        case _:
            headers[how.header] = how.prefix + text
    return headers


def post(source, body=BODY, headers=None, *, at=NOW):
    request = Request(
        method="POST",
        path="/webhook/v1/key",
        path_params={"key": "key"},
        headers={"host": "shop.example", **(headers or {})},
        body=body,
    )
    return webhook.read(request, lambda _key: source, clock=lambda: at)


@pytest.mark.parametrize("name", schemes())
def test_each_scheme_takes_its_own_and_refuses_all_else(name):
    source = live(scheme=name)
    url = "http://shop.example/webhook/v1/key"
    delivery = post(source, headers=signed_headers(name, BODY, url=url))
    message = json.loads(delivery.messages[0])
    assert (message["event"], message["userId"], message["properties"]) == (
        "Order Completed",
        "c1",
        {"total": 9.5},
    )
    wrong = [
        {},
        signed_headers(name, BODY + b" ", url=url),
        signed_headers(name, BODY, secret="another", url=url),
    ]
    for headers in wrong:
        with pytest.raises(Rejected) as refused:
            post(source, headers=headers)
        assert refused.value.status == 401


def test_the_standard_is_met():
    """The example of the Standard Webhooks specification's reference libraries."""
    known = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert is_genuine(scheme("standard-webhooks"), Signed(headers=headers, body=body), secrets=[known])


def test_github_signs_as_documented():
    """The example of GitHub's documentation, "Validating webhook deliveries"."""
    headers = {
        "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    }
    signed = Signed(headers=headers, body=b"Hello, World!")
    assert is_genuine(scheme("github"), signed, secrets=["It's a Secret to Everybody"])


def test_a_replay_is_refused_when_old_and_a_duplicate_when_fresh():
    source, headers = live(), signed_headers("standard-webhooks", BODY)
    first, again = post(source, headers=headers), post(source, headers=headers)
    assert first.messages == again.messages
    assert json.loads(first.messages[0])["messageId"] == "evt-1:0"
    for at in (NOW + timedelta(seconds=301), NOW - timedelta(seconds=301)):
        with pytest.raises(Rejected, match="stale"):
            post(source, headers=headers, at=at)


def test_without_a_name_of_the_delivery_its_hash_is_the_name():
    source = live(scheme="hmac-sha256-hex")
    headers = signed_headers("hmac-sha256-hex", BODY)
    (first,), (again,) = post(source, headers=headers).messages, post(source, headers=headers).messages
    assert first == again
    assert len(json.loads(first)["messageId"]) == 34


def test_a_secret_being_changed(monkeypatch):
    monkeypatch.setenv("NEW_SECRET", "It's new")
    source = live(secret_env="NEW_SECRET", previous_secret_env="WEBHOOK_SECRET")
    assert post(source, headers=signed_headers("standard-webhooks", BODY)).messages
    assert post(source, headers=signed_headers("standard-webhooks", BODY, secret="It's new")).messages


def test_a_missing_secret_is_the_servers_fault(monkeypatch):
    monkeypatch.delenv("WEBHOOK_SECRET")
    with pytest.raises(Rejected) as refused:
        post(live(), headers=signed_headers("standard-webhooks", BODY))
    assert (refused.value.status, SECRET in refused.value.message) == (503, False)


def test_a_list_becomes_several_messages_and_what_means_nothing_is_kept():
    body = b'[{"kind":"A","buyer":"c1"},{"other":1},\n{"kind":"B","buyer":"c2"}]'
    source = live()
    delivery = post(source, body, signed_headers("standard-webhooks", body))
    found = [json.loads(message) for message in delivery.messages]
    assert [one.get("event") for one in found] == ["A", None, "B"]
    assert found[1] == {"messageId": "evt-1:1", "other": 1}
    assert len(entry(delivery, received_at=NOW, opted_out=False).messages) == 3


@pytest.mark.parametrize(
    "body", [b"no json at all", b'{"kind": NaN}', b'"text"', b"[]", b"null", b"\xff\xfe"]
)
def test_what_cannot_be_read_is_kept_word_for_word(body):
    delivery = post(live(), body, signed_headers("standard-webhooks", body))
    stored = entry(delivery, received_at=NOW, opted_out=False)
    assert len(stored.messages) == 1
    assert body in stored.messages[0] or b'"kind"' in stored.messages[0]


def test_the_sender_may_ask_whether_we_are_there():
    ask = partial(Request, method="GET", path="/webhook/v1/key", path_params={"key": "key"})
    good = ask(query={"hub.verify_token": "shown-token", "hub.challenge": "12345"})
    source = live(verify_env="VERIFY")
    assert webhook.greet(good, lambda _key: source).messages == ()
    assert webhook.challenge(good).body == b"12345"
    assert webhook.challenge(ask(query={"hub.challenge": "<script>"})).body == b""
    with pytest.raises(Rejected, match="bad-token"):
        webhook.greet(ask(query={"hub.verify_token": "guess"}), lambda _key: source)


@given(st.binary(max_size=200))
def test_no_payload_breaks_a_map(payload):
    mapped = payload_map("hooks", MAP)
    found = messages(payload, mapped)
    assert found
    assert not any(b"\n" in one or b"\r" in one for one in found)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.none() | st.text(max_size=5), max_size=4))
def test_an_id_changes_nothing_else(members):
    text = json.dumps(members).encode()
    named = json.loads(with_id(text, "d1"))
    assert {name: value for name, value in named.items() if name != "messageId"} == {
        name: value for name, value in members.items() if name != "messageId"
    }
    assert named["messageId"]


@pytest.mark.parametrize(
    ("preset", "payload", "expected"),
    [
        (
            "crm-contact",
            [{"eventId": 1, "portalId": 2, "objectId": 123, "occurredAt": 1_700_000_000_000,
              "propertyName": "plan", "propertyValue": "gold"}],
            {"type": "identify", "userId": "123", "messageId": "2:1:1700000000000",
             "traits": {"plan": "gold"},
             "timestamp": "2023-11-14T22:13:20.000+00:00"},
        ),
        (
            "crm-contact",
            [{"objectId": 9, "propertyName": "hs_email_optout", "propertyValue": "true"}],
            {"context": {"consent": {"categoryPreferences": {"marketing": False}}}},
        ),
        (
            "service-ticket",
            {"id": "e1", "type": "zen:event-type:ticket.status_changed", "time": "2024-05-01T10:00:00Z",
             "detail": {"id": "35", "requester_id": 77, "status": "SOLVED", "subject": "Late"}},
            {"event": "Ticket Updated", "userId": "77", "messageId": "e1", "channel": "service"},
        ),
        (
            "social-comment",
            {"object": "page", "entry": [{"changes": [{"field": "feed", "value": {
                "item": "comment", "verb": "add", "comment_id": "5_6", "post_id": "5", "message": "Nice",
                "created_time": 1_700_000_000, "from": {"id": "88"}}}]}]},
            {"event": "Comment Received", "userId": "88", "messageId": "5_6:add:1700000000"},
        ),
        (
            "survey",
            {"event_id": "v1", "form_response": {"form_id": "f", "token": "t",
             "hidden": {"customer_id": "c7"}, "submitted_at": "2024-05-01T10:00:00Z",
             "answers": [{"type": "number", "number": 9, "field": {"ref": "nps"}}]}},
            {"event": "Survey Answered", "userId": "c7", "anonymousId": "t", "messageId": "v1"},
        ),
    ],
)  # fmt: skip
def test_presets(preset, payload, expected):
    (found,) = messages(json.dumps(payload).encode(), payload_map("hooks", {}, preset=preset))
    assert expected.items() <= json.loads(found).items()


def test_presets_can_be_said_otherwise():
    mapped = payload_map("hooks", {"event": "'Answered'", "anonymousId": ""}, preset="survey")
    payload = {"form_response": {"hidden": {"customer_id": "c"}, "token": "t"}}
    (found,) = messages(json.dumps(payload).encode(), mapped)
    assert json.loads(found)["event"] == "Answered"
    assert "anonymousId" not in json.loads(found)
    assert presets() == ["crm-contact", "service-ticket", "social-comment", "survey"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"map": {"event": "a["}}, "no JMESPath"),
        ({"map": {"a..b": "x"}}, "no field"),
        ({"preset": "x"}, "preset"),
    ],
)
def test_wrong_options_are_told(said, message):
    headers = signed_headers("standard-webhooks", BODY)
    with pytest.raises(Rejected) as refused:
        post(live(**said), headers=headers)
    assert refused.value.status == 503
    assert message in refused.value.message
    with pytest.raises(SettingsError):
        scheme("none-such")
