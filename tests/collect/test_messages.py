"""From a message to an event: what is kept of it, by which clock, and why some are set aside."""

import json
from datetime import datetime, timedelta

import pytest

from mindgap.collect.events.event_fields import FIELDS
from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import NO_PURPOSE, is_against_plan, read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.strict import Fault
from mindgap.collect.events.tracking_plan import read_plan
from mindgap.kernel.errors import SettingsError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import EVENTS
from mindgap.store.log import Entry

NOON = datetime(2024, 5, 1, 12)
TRACK = {"type": "track", "event": "Product Viewed", "userId": "u1", "messageId": "m1"}


def read(message, *, how=None, **entry):
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    entry = Entry(source="shop", received_at=NOON, messages=[raw], **entry)
    (found,) = read_messages(entry, how or reading(StreamOptions()))
    return found


def fault(message, **entry):
    found = read(message, **entry)
    assert isinstance(found, Fault), found
    return found.reason


def row(message=(), **entry):
    found = read({**TRACK, **dict(message)}, **entry)
    assert isinstance(found, EventRow), found.reason
    return found


def test_a_row_has_the_columns_of_the_table():
    names = tuple(column.name for column in EVENTS.columns)
    assert EventRow._fields == names
    first = names.index(FIELDS[0])
    assert names[first : first + len(FIELDS)] == FIELDS


def test_an_order_fills_its_columns():
    found = row(
        {
            "event": "Order Completed",
            "anonymousId": "a1",
            "properties": {
                "order_id": 77,
                "revenue": "25.50",
                "currency": "EUR",
                "coupon": "SPRING",
                "products": [{"sku": "p1", "price": 12.75, "quantity": "2", "category": "Shoes"}],
            },
            "context": {
                "page": {
                    "url": "https://shop.example/done?mail=x@y.example",
                    "referrer": "https://www.search.example/?q=a",
                    "title": "Thanks",
                },
                "ip": "203.0.113.7",
                "locale": "en-GB",
            },
        }
    )
    assert (found.order_id, found.value, found.currency, found.campaign_id) == ("77", 25.5, "EUR", "SPRING")
    assert (found.product_id, found.price, found.quantity, found.category) == ("p1", 12.75, 2.0, "Shoes")
    assert (found.url, found.referrer, found.title) == (
        "https://shop.example/done",
        "www.search.example",
        "Thanks",
    )
    assert (found.customer_id, found.anonymous_id, found.channel) == ("u1", "a1", "web")
    assert found.context == '{"locale":"en-GB"}'
    assert "operations" in found.purposes.split()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"{", "bad-json"),
        (b'{"type": "track"} trailing', "bad-json"),
        (b"\xff", "bad-json"),
        (b'{"a": "\n"}', "bad-json"),
        (b"[]", "wrong-type"),
        (b'"text"', "wrong-type"),
        (b'{"type": "track", "type": "page"}', "duplicate-key"),
        (b'{"type": "track", "properties": {"a": 1, "\\u0061": 2}}', "duplicate-key"),
        (b'{"a": NaN}', "not-finite"),
        (b'{"a": [-Infinity]}', "not-finite"),
        (b'{"a": 1e999}', "number-out-of-range"),
        (b'{"a": 9223372036854775808}', "number-out-of-range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number-out-of-range"),
        (b'{"a": "\\ud800"}', "lone-surrogate"),
        (b'{"\\udfff": 1}', "lone-surrogate"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too-deep"),
        (b'{"a":' + b"[" * 100_000, "too-deep"),
        ({"userId": "u"}, "no-type"),
        ({"type": "", "userId": "u"}, "no-type"),
        ({"type": "purchase", "userId": "u"}, "unknown-type"),
        ({"type": {}, "userId": "u"}, "unknown-type"),
        ({"type": "track", "event": "x"}, "no-id"),
        ({"type": "track", "event": "x", "userId": " ", "anonymousId": None}, "no-id"),
        ({**TRACK, "userId": True}, "wrong-type"),
        ({**TRACK, "userId": {"id": 1}}, "wrong-type"),
        ({**TRACK, "event": 7}, "wrong-type"),
        ({**TRACK, "properties": [1]}, "wrong-type"),
        ({**TRACK, "context": "web"}, "wrong-type"),
        ({**TRACK, "messageId": "m" * 101}, "id-too-long"),
        ({**TRACK, "userId": "u" * 201}, "id-too-long"),
        ({**TRACK, "timestamp": "yesterday"}, "bad-time"),
        ({**TRACK, "timestamp": 1e30}, "bad-time"),
        ({**TRACK, "timestamp": True}, "bad-time"),
        ({**TRACK, "timestamp": "0001-01-01T00:00:00+05:00"}, "bad-time"),
    ],
)
def test_what_is_set_aside_and_why(message, reason):
    assert fault(message) == reason


@pytest.mark.parametrize(
    "message",
    [
        b'{"type":"track","event":"x","userId":"u","a":9223372036854775807,"b":"\\ud83d\\ude00"}',
        b'{"type":"track","event":"x","userId":"u","a":' + b"[" * 31 + b"]" * 31 + b"}",
        b'{"type":"track","event":"x","userId":"u","a":"' + b"[{" * 100 + b'\\""}',
        b' {"type":"track","event":"x","userId":"u"}\n',
        json.dumps({**TRACK, "properties": {"products": [{"sku": n} for n in range(90)]}}).encode(),
    ],
)
def test_what_is_strict_enough(message):
    assert isinstance(read(message), EventRow)


def test_nulls_empty_and_numeric_ids_are_taken():
    nothing = dict.fromkeys(["properties", "context", "integrations", "timestamp", "traits", "channel"])
    found = row({**nothing, "userId": "", "anonymousId": 17, "_metadata": {"bundled": []}, "messageId": 5})
    assert (found.customer_id, found.anonymous_id, found.message_id) == (None, "17", "5")
    assert (found.properties, found.traits, found.context) == ("{}", "{}", "{}")


def test_a_message_without_an_id_is_named_after_its_bytes():
    message = {"type": "track", "event": "x", "userId": "u"}
    first, again, other = read(message), read(message), read({**message, "event": "y"})
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.startswith("hash:")
    assert first.row_id == again.row_id


def test_traits_are_taken_from_where_clients_put_them():
    message = {
        "type": "identify",
        "context": {"traits": {"plan": "a", "age": 4}},
        "traits": {"plan": "b", "ip": "::1"},
    }
    assert json.loads(row(message).traits) == {"plan": "b", "age": 4}
    assert json.loads(row({**message, "type": "group", "groupId": "g"}).traits) == {"plan": "b"}
    assert json.loads(row({**message, "type": "group", "groupId": 7}).context)["groupId"] == "7"


def test_what_a_message_does_not_say_its_batch_says():
    batch = b'{"locale": "de", "library": {"name": "py", "version": "1"}, "traits": {"vip": true}}'
    found = row({"context": {"library": {"version": "2"}}, "type": "identify"}, context=batch)
    assert json.loads(found.context) == {"locale": "de", "library": {"name": "py", "version": "2"}}
    assert found.traits == '{"vip":true}'
    assert fault(TRACK, context=b'{"a": 1, "a": 2}') == "duplicate-key"


def test_a_page_s_address_is_kept_without_what_is_private():
    said = {"url": "https://u:p@shop.example/a?token=1#x", "search": "?token=1", "name": "A", "path": "/a"}
    found = row({"type": "page", "event": None, "properties": said, "category": "Docs"})
    assert (found.name, found.category, found.url) == ("A", "Docs", "https://shop.example/a")
    assert json.loads(found.properties) == {"url": "https://shop.example/a", "name": "A", "path": "/a"}


def test_texts_that_are_numbers_become_numbers_and_others_nothing():
    found = row({"properties": {"price": "1e3", "quantity": "about 3", "value": True, "rating": "4.5"}})
    assert (found.price, found.quantity, found.value, found.score) == (1000.0, None, None, 4.5)


def test_of_several_spellings_the_first_of_the_list_counts():
    said = {"total": 3, "value": 1, "revenue": 2, "sku": "s", "product_id": "p"}
    found = row({"properties": said})
    assert (found.value, found.product_id) == (1.0, "p")


@pytest.mark.parametrize("skew", [timedelta(days=1), timedelta(days=3650), -timedelta(days=1)])
def test_a_wrong_clock_is_corrected_and_every_clock_is_kept(skew):
    said, sent = NOON + skew - timedelta(seconds=90), NOON + skew
    found = row({"timestamp": f"{said.isoformat()}Z"}, sent_at=f"{sent.isoformat()}Z")
    assert found.occurred_at == NOON - timedelta(seconds=90)
    assert (found.said_at, found.sent_at, found.received_at) == (said, sent, NOON)


def at(said, sent=None):
    message = {"timestamp": said} if sent is None else {"timestamp": said, "sentAt": sent}
    return row(message).occurred_at


def test_nothing_happens_later_than_it_arrives():
    assert at("2024-05-01T12:00:10Z", "2024-05-01T12:00:00Z") == NOON
    assert at("2024-05-01T12:04:00Z") == NOON


def test_without_the_time_of_sending_a_plausible_time_counts():
    assert at("2024-04-20T12:00:00Z") == datetime(2024, 4, 20, 12)
    assert at("2024-05-01T12:06:00Z") == NOON
    assert at("1979-12-31T00:00:00Z") == NOON
    assert at("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z") == NOON
    assert at(0, "2024-05-01T12:00:00Z") == NOON
    assert row().occurred_at == NOON


def test_an_import_of_the_past_stays_in_the_past():
    assert at("2023-01-05T08:00:00+02:00", "2024-05-01T12:00:00Z") == datetime(2023, 1, 5, 6)


@pytest.mark.parametrize("said", [1714557600000, "1714557600000", 1714557600, "2024-05-01T10:00:00.000Z"])
def test_times_come_in_several_forms(said):
    assert row({"originalTimestamp": said}).occurred_at == datetime(2024, 5, 1, 10)


def test_a_time_of_sending_that_cannot_be_read_corrects_nothing():
    assert row({"timestamp": "2024-04-20T12:00:00Z", "sentAt": "soon"}).occurred_at.day == 20


def test_what_no_purpose_allows_is_neither_kept_nor_set_aside():
    how = reading(StreamOptions(purposes=(Purpose.MARKETING,)))
    assert read(TRACK, how=how).purposes == "marketing"
    assert read(TRACK, how=how, opted_out=True).reason == NO_PURPOSE
    denied = {**TRACK, "context": {"consent": {"categoryPreferences": {"Advertising": False}}}}
    assert read(denied, how=how).reason == NO_PURPOSE


def test_purposes_follow_consent():
    consent = {"context": {"consent": {"categoryPreferences": {"Analytics": False}}}}
    assert row(consent).purposes == "personalization marketing service"
    assert row(opted_out=True).purposes == "analytics personalization service"


def plan(folder, mode):
    schema = {"required": ["order_id"], "properties": {"total": {"type": "number", "minimum": 0}}}
    (folder / "Order Completed.json").write_text(json.dumps(schema))
    (folder / "identify.json").write_text('{"properties": {"age": {"type": "integer"}}}')
    return reading(StreamOptions(plan="plan", plan_mode=mode), read_plan(folder))


def test_an_event_against_the_plan_is_set_aside_and_the_rule_is_told(tmp_path):
    how = plan(tmp_path, "quarantine")
    order = {**TRACK, "event": "Order Completed", "properties": {"order_id": "o", "total": -5}}
    found = read(order, how=how)
    assert (found.reason, found.place) == ("against-plan", "properties/total/minimum")
    assert read({**TRACK, "event": "order completed"}, how=how).place == "required"
    traits = {"type": "identify", "userId": "u", "traits": {"age": "secret"}}
    assert read(traits, how=how).place == "properties/age/type"
    assert isinstance(read(TRACK, how=how), EventRow)


def test_an_observed_plan_keeps_the_event(tmp_path):
    how = plan(tmp_path, "observe")
    found = read({**TRACK, "event": "Order Completed"}, how=how)
    assert is_against_plan(found, how.plan)
    assert not is_against_plan(read(TRACK, how=how), how.plan)


@pytest.mark.parametrize("schema", ["{", '{"type": 7}', '{"$ref": "https://elsewhere.example/x.json"}'])
def test_a_plan_that_cannot_be_read_says_where(tmp_path, schema):
    (tmp_path / "Order Completed.json").write_text(schema)
    with pytest.raises(SettingsError, match=r"Order Completed\.json"):
        read_plan(tmp_path)
