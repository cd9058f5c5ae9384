"""Webhooks over HTTP: a service signs, the collector stores, and says why not."""

import base64
import hmac
import json
from datetime import UTC

import pytest
from collector_shop import Shop

from kits.streams import MOMENT

MAP = {"type": "'track'", "event": "kind", "userId": "buyer"}
BODY = json.dumps([{"kind": "Order Completed", "buyer": "c1"}, {"unknown": True}]).encode()


@pytest.fixture
def shop(tmp_path, accounts, monkeypatch):
    monkeypatch.setenv("DESK_SECRET", "a plain secret")
    monkeypatch.setenv("DESK_GREETING", "hello")
    found = Shop(tmp_path, accounts)
    said = {"scheme": "github", "map": MAP, "verify_env": "DESK_GREETING"}
    found.declare("desk", key="key-of-desk", kind="webhook", secret_env="DESK_SECRET", **said)
    return found


def signed(body):
    signature = hmac.digest(b"a plain secret", body, "sha256").hex()
    return {"x-hub-signature-256": f"sha256={signature}", "x-github-delivery": "d1"}


def test_what_a_service_signs_is_stored_once_named(shop):
    client = shop.client()
    for _ in range(2):
        assert client.post("/webhook/v1/key-of-desk", content=BODY, headers=signed(BODY)).status_code == 200
    assert shop.stored[:2] == [
        {"messageId": "d1:0", "type": "track", "event": "Order Completed", "userId": "c1"},
        {"messageId": "d1:1", "unknown": True},
    ]
    assert shop.stored[2:] == shop.stored[:2]


def test_a_payload_without_anybody_is_kept(shop):
    body = b'{"unknown": true}'
    answer = shop.client().post("/webhook/v1/key-of-desk", content=body, headers=signed(body))
    assert answer.status_code == 200
    assert shop.stored == [{"messageId": "d1:0", "unknown": True}]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/webhook/v1/key-of-desk", {}, 401, "bad-signature"),
        ("/webhook/v1/key-of-desk", {"x-hub-signature-256": "sha256=00"}, 401, "bad-signature"),
        ("/webhook/v1/no-such-key", signed(BODY), 401, "bad-key"),
    ],
)
def test_what_is_not_genuine_is_refused(shop, path, headers, status, code):
    answer = shop.client().post(path, content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert shop.stored == []


def test_a_service_greets(shop):
    asked = {"hub.mode": "subscribe", "hub.verify_token": "hello", "hub.challenge": "1158201444"}
    answer = shop.client().get("/webhook/v1/key-of-desk", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    wrong = shop.client().get("/webhook/v1/key-of-desk", params={**asked, "hub.verify_token": "x"})
    assert wrong.status_code == 401


def test_an_old_signature_is_refused_with_a_timed_scheme(shop):
    shop.declare("bill", key="key-of-bill", kind="webhook", secret_env="DESK_SECRET", map=MAP)
    stamp = str(int(MOMENT.replace(tzinfo=UTC).timestamp()))
    text = f"m1.{stamp}.".encode() + BODY
    signature = base64.b64encode(hmac.digest(b"a plain secret", text, "sha256")).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    answer = shop.client().post("/webhook/v1/key-of-bill", content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "stale")
