"""Snowplow's requests, as its tracker for Python sent them."""

import json

import pytest
from captured_requests import by_type, captured, delivered

from mindgap.collect.events.delivery import Rejected, Request


def _posted(*events):
    body = json.dumps({"schema": "iglu:x", "data": events}).encode()
    return delivered(Request(method="POST", path="/com.snowplowanalytics.snowplow/tp2", body=body))


@pytest.mark.parametrize("name", ["snowplow base64", "snowplow plain"])
def test_every_kind_of_event(name):
    _, messages = delivered(captured(name))
    sent = json.loads(captured(name).body)["data"]
    assert [message["messageId"] for message in messages] == [event["eid"] for event in sent]
    assert {message["userId"] for message in messages} == {"u1"}
    assert {message["anonymousId"] for message in messages} == {"d1"}
    found = by_type(messages)
    page = found["page"]
    assert page["properties"] == {"url": "https://a.b/c?x=1", "title": "T", "referrer": "https://r.s/"}
    assert page["context"]["entities"] == [
        {"schema": "iglu:com.acme/user/jsonschema/1-0-0", "data": {"a": 1}}
    ]
    assert page["context"]["locale"] == "en"
    assert page["sentAt"].endswith(":42.000Z")
    assert found["Page Pinged"]["properties"] == {"min_x": 0, "max_x": 1, "min_y": 0, "max_y": 2}
    structured = {"category": "shop", "label": "l", "property": "p", "value": 2.5}
    assert found["add-to-basket"]["properties"] == structured
    assert found["product_viewed"]["properties"] == {"product_id": "p1"}
    schema = found["product_viewed"]["context"]["snowplow"]["schema"]
    assert schema == "iglu:com.acme/product_viewed/jsonschema/1-0-0"
    assert found["product_viewed"]["timestamp"] == "2023-11-14T22:13:20.000Z"
    assert "sentAt" not in found["product_viewed"]
    assert (found["screen"]["name"], found["screen"]["properties"]["id"]) == ("Home", "sid")


def test_an_order_holds_its_items():
    _, messages = delivered(captured("snowplow base64"))
    found = by_type(messages)
    item = {"product_id": "p1", "name": "n", "category": "c", "price": 10, "quantity": 2}
    assert found["Order Completed"]["properties"] == {
        "order_id": "o1",
        "total": 20.5,
        "affiliation": "a",
        "tax": 1,
        "shipping": 2,
        "city": "c",
        "state": "s",
        "country": "it",
        "currency": "EUR",
        "products": [item],
    }
    assert found["Order Item"]["properties"] == {"order_id": "o1", "currency": "EUR", **item}


def test_one_event_in_the_query():
    _, [message] = delivered(captured("snowplow get"))
    assert message["type"] == "page"
    assert message["context"]["page"]["title"] == "T"
    assert message["context"]["snowplow"] == {"p": "pc", "tna": "n"}


def test_actions_of_the_shop():
    def described(schema, data):
        return {
            "schema": f"iglu:com.snowplowanalytics.snowplow.ecommerce/{schema}/jsonschema/1-0-0",
            "data": data,
        }

    action = described("snowplow_ecommerce_action", {"type": "transaction"})
    attached = [
        described("transaction", {"transaction_id": "o9", "revenue": 12, "currency": "EUR"}),
        described("product", {"id": "p1", "price": 6, "quantity": 2}),
        described("consent", {"categoryPreferences": {"Advertising": False}}),
    ]
    event = {"e": "ue", "aid": "key_1", "eid": "e1", "ue_pr": json.dumps({"schema": "x", "data": action})}
    _, [message] = _posted({**event, "co": json.dumps({"schema": "x", "data": attached})})
    assert message["event"] == "Order Completed"
    assert message["anonymousId"] == "e1"
    said = message["properties"]
    assert (said["order_id"], said["revenue"], said["type"]) == ("o9", 12, "transaction")
    assert said["products"] == [{"id": "p1", "price": 6, "quantity": 2, "product_id": "p1"}]
    assert message["context"]["consent"] == {"categoryPreferences": {"Advertising": False}}


def test_carts_and_searches():
    def own(schema, data):
        name = f"iglu:com.snowplowanalytics.snowplow/{schema}/jsonschema/1-0-0"
        inner = {"schema": "x", "data": {"schema": name, "data": data}}
        return {"e": "ue", "aid": "key_1", "eid": schema, "ue_pr": json.dumps(inner)}

    _, [cart, search] = _posted(
        own("add_to_cart", {"sku": "p1", "quantity": 2, "unitPrice": 3.5}),
        own("site_search", {"terms": ["red", "shoes"]}),
    )
    assert cart["event"] == "Product Added"
    assert cart["properties"] == {
        "product_id": "p1",
        "price": 3.5,
        "sku": "p1",
        "quantity": 2,
        "unitPrice": 3.5,
    }
    assert (search["event"], search["properties"]["query"]) == ("Products Searched", "red shoes")


def test_what_cannot_be_read_is_kept():
    delivery, _ = _posted({"e": "ue", "aid": "key_1", "eid": "1", "ue_px": "%%", "odd": "7"}, 3, {})
    broken, number, nothing = delivery.messages
    assert json.loads(broken)["context"]["snowplow"] == {"ue_px": "%%", "odd": "7"}
    assert (number, nothing) == (b"3", b"{}")


def test_more_than_an_event_holds_is_left_unread():
    entities = json.dumps({"data": [1] * 30_000})
    _, [message] = _posted({"e": "pv", "aid": "key_1", "eid": "1", "co": entities})
    assert "entities" not in message["context"]
    assert message["context"]["snowplow"] == {"co": entities}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[]", 400, "bad-json"),
        (b'{"data": []}', 400, "empty-batch"),
        (b'{"data": [{"aid": "other"}]}', 401, "bad-key"),
    ],
)
def test_refusals(body, status, code):
    with pytest.raises(Rejected) as refused:
        delivered(Request(method="POST", path="/com.snowplowanalytics.snowplow/tp2", body=body))
    assert (refused.value.status, refused.value.code) == (status, code)
