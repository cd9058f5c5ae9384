"""What clients get from the collector, and what it stores of what they send."""

import base64
import gzip
import json
import zlib

import pytest
from collector_shop import EVENT, Shop, basic, batch

from kits.streams import MOMENT
from mindgap.api.sign_in import make_key
from mindgap.kernel.errors import OverloadError, StorageError
from mindgap.store.accounts import Scope


@pytest.fixture
def shop(tmp_path, accounts):
    found = Shop(tmp_path, accounts)
    found.declare()
    return found


@pytest.fixture
def client(shop):
    return shop.client()


def test_a_batch_is_stored_word_for_word_and_answered_with_200(shop, client):
    messages = b'{"userId": "u1", "n": 1.10, "n": NaN},\n {"userId":"u2"}'
    text = b'{"batch": [' + messages + b'], "sentAt": "2024-05-01T11:59:59Z"}'
    answer = client.post("/v1/batch", content=text, headers=basic())
    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    [entry] = shop.log.entries
    assert entry.source == "web"
    assert entry.received_at == MOMENT
    assert entry.messages == [b'{"userId": "u1", "n": 1.10, "n": NaN}', b'{"userId":"u2"}']
    assert entry.sent_at == "2024-05-01T11:59:59Z"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/identify", "identify"),
        ("/v1/p", "page"),
        ("/v1/s", "screen"),
        ("/v1/g", "group"),
        ("/v1/a", "alias"),
    ],
)
def test_the_path_says_the_type_and_the_collector_makes_an_id(shop, client, path, kind):
    assert client.post(path, json={"userId": "u1", "type": None}, headers=basic()).status_code == 200
    [message] = shop.stored
    assert message["type"] == kind
    assert message["messageId"].startswith("mindgap-")


def test_what_a_message_says_itself_counts(shop, client):
    client.post("/v1/track", json=EVENT, headers=basic())
    assert shop.stored == [EVENT]


@pytest.mark.parametrize(
    ("headers", "query", "beside"),
    [
        (basic(), "", {}),
        ({"authorization": "Bearer key-of-web"}, "", {}),
        ({"x-write-key": "key-of-web:secret"}, "", {}),
        ({}, "?writeKey=key-of-web", {}),
        ({}, "", {"writeKey": "key-of-web"}),
    ],
)
def test_the_key_may_stand_in_many_places(client, headers, query, beside):
    answer = client.post(f"/v1/batch{query}", content=batch(**beside), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-json"),
        (b"{", 400, "bad-json"),
        (b"[]", 400, "bad-json"),
        (b'{"batch": []}', 400, "empty-batch"),
        (b'{"batch": {}}', 400, "bad-json"),
        (b'{"batch": [{"event": "x"}, {"userId": ""}, {"userId": null}, 5]}', 400, "no-id"),
        (b'{"batch": [' + b"[" * 100_000, 400, "bad-json"),
        (b'{"batch": [' + b"{}," * 30_000 + b"{}]}", 413, "too-many-messages"),
        (b'{"batch": [' + b"1," * 400_000 + b"1]}", 413, "too-many-values"),
        (b" " * 5_000_001, 413, "too-large"),
    ],
    ids=["nothing", "cut", "list", "empty", "object", "nobody", "deep", "many", "values", "large"],
)
def test_what_cannot_be_taken_is_refused_with_code_and_message(shop, client, body, status, code):
    answer = client.post("/v1/batch", content=body, headers=basic())
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "code", "message"}
    assert not shop.log.entries


def test_one_good_message_carries_the_others(shop, client):
    assert client.post("/v1/batch", content=batch({"x": 1}, EVENT, 5), headers=basic()).status_code == 200
    assert shop.stored == [{"x": 1}, EVENT, 5]


def test_a_key_that_is_not_good_is_refused_and_nothing_of_it_told(client):
    answer = client.post("/v1/batch", content=batch(), headers=basic("guess"))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-key")
    assert "guess" not in answer.text
    assert client.post("/v1/batch", content=batch()).json()["code"] == "no-key"


def test_ten_wrong_keys_close_the_door_to_an_address_and_to_no_other(shop):
    front = shop.front()
    client = shop.client(front=front, address="192.0.2.1")
    wrong = [client.post("/v1/batch", content=batch(), headers=basic("guess")) for _ in range(11)]
    assert [answer.status_code for answer in wrong] == [401] * 10 + [429]
    assert 0 < int(wrong[-1].headers["retry-after"]) <= 900
    assert wrong[-1].headers["x-ratelimit-reset"] == wrong[-1].headers["retry-after"]
    assert client.post("/v1/batch", content=batch(), headers=basic()).status_code == 429
    other = shop.client(front=front, address="192.0.2.2")
    assert other.post("/v1/batch", content=batch(), headers=basic()).status_code == 200


def test_requests_without_a_key_are_no_guesses(client):
    assert {client.post("/v1/batch", content=batch()).status_code for _ in range(20)} == {401}


def test_a_source_that_is_switched_off_is_not_found(shop, client):
    shop.declare("old", key="key-of-old", enabled=False)
    answer = shop.client().post("/v1/batch", content=batch(), headers=basic("key-of-old"))
    assert (answer.status_code, answer.json()["code"]) == (404, "source-off")


def test_keys_of_sources_of_other_kinds_are_not_for_clients(shop):
    shop.declare("crm", key="key-of-crm", kind="webhook", secret_env="CRM_SECRET")
    answer = shop.client().post("/v1/batch", content=batch(), headers=basic("key-of-crm"))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-key")


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(batch(), mtime=0), "gzip"),
        (gzip.compress(batch(), mtime=0), ""),
        (gzip.compress(batch()[:9], mtime=0) + gzip.compress(batch()[9:], mtime=0), "gzip"),
        (zlib.compress(batch()), "deflate"),
        (zlib.compress(batch())[2:-4], "deflate"),
        (batch(), "gzip"),
        (batch(), "deflate"),
        (b"\xef\xbb\xbf" + batch(), "identity"),
    ],
    ids=[
        "gzip",
        "not said",
        "two members",
        "zlib",
        "bare",
        "plain, said gzip",
        "plain, said deflate",
        "mark",
    ],
)
def test_packed_bodies_are_told_by_their_first_bytes_whatever_the_headers_say(shop, client, packed, encoding):
    headers = {**basic(), "content-encoding": encoding, "content-type": "application/x-www-form-urlencoded"}
    assert client.post("/v1/batch", content=packed, headers=headers).status_code == 200
    assert shop.stored == [EVENT]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(batch(), mtime=0)[:-9], "gzip"),
        (b"\x1f\x8bnonsense", "gzip"),
        (batch(), "br"),
        (b"\x07", "deflate"),
    ],
)
def test_broken_packing_is_a_fault_of_the_client(client, packed, encoding):
    answer = client.post("/v1/batch", content=packed, headers={**basic(), "content-encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-encoding")


def test_pages_may_send_from_anywhere_unless_the_source_names_origins(shop, client):
    asked = client.options("/v1/t", headers={"origin": "https://shop.example"})
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    assert asked.headers["access-control-allow-credentials"] == "true"
    for name in ["authorization", "content-type", "anonymousid", "sentat", "x-retry-count", "x-write-key"]:
        assert name in asked.headers["access-control-allow-headers"]
    shop.declare("own", key="key-of-own", origins=("https://shop.example",))
    own = shop.client()
    for origin, status in [("https://shop.example", 200), ("https://evil.example", 403), ("null", 403)]:
        headers = {**basic("key-of-own"), "origin": origin}
        answer = own.post("/v1/track", json=EVENT, headers=headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == origin
    assert own.post("/v1/track", json=EVENT, headers=basic("key-of-own")).status_code == 200


def test_what_no_purpose_allows_is_counted_and_not_stored(shop, client):
    denied = dict.fromkeys(("analytics", "functional", "preferences", "advertising"), False)
    refusing = {"consent": {"categoryPreferences": denied}}
    kept = {**EVENT, "context": {"consent": {"categoryPreferences": {"analytics": True}}}}
    client.post("/v1/batch", content=batch(EVENT, kept, context=refusing), headers=basic())
    client.post("/v1/track", json={**EVENT, "context": refusing}, headers=basic())
    assert shop.stored == [kept]
    assert [entry.refused for entry in shop.log.entries] == [1, 1]


@pytest.mark.parametrize(
    ("said", "opted_out"), [(["1"], True), (["0", "1"], True), (["true"], False), ([], False)]
)
def test_global_privacy_control_is_exactly_one(shop, said, opted_out):
    headers = [*basic().items(), *(("sec-gpc", value) for value in said)]
    shop.client().post("/v1/track", content=json.dumps(EVENT), headers=headers)
    assert [entry.opted_out for entry in shop.log.entries] == [opted_out]


def test_the_disk_and_the_queue_speak_through_503_and_429(shop, client):
    for refuse, status in [(StorageError("full"), 503), (OverloadError("much", retry_after_s=7.2), 429)]:
        shop.log.refuse = refuse
        answer = client.post("/v1/batch", content=batch(), headers=basic())
        assert answer.status_code == status
        assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["retry-after"] == "8"
    shop.log.refuse = None
    assert client.post("/v1/batch", content=batch(), headers=basic()).status_code == 200


def test_a_source_may_send_only_so_many_events_a_second(shop):
    shop.declare("slow", key="key-of-slow", events_per_s=2)
    client = shop.client()
    three = batch(EVENT, EVENT, EVENT)
    first, second = (client.post("/v1/batch", content=three, headers=basic("key-of-slow")) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "1"
    assert len(shop.stored) == 3


def test_beacon_and_pixel(shop, client):
    sent = client.post(
        "/beacon/v1/batch?writeKey=key-of-web", content=batch(), headers={"content-type": "text/plain"}
    )
    assert sent.status_code == 200
    query = "writeKey=key-of-web&anonymousId=a&event=Seen&context.page.url=/x&properties={%22price%22:2}"
    seen = client.get(f"/pixel/v1/track?{query}")
    assert (seen.status_code, seen.headers["content-type"], seen.content[:3]) == (200, "image/gif", b"GIF")
    data = base64.urlsafe_b64encode(json.dumps({"userId": "u", "writeKey": "key-of-web"}).encode()).decode()
    assert client.get(f"/pixel/v1/page?data={data}").status_code == 200
    _, tracked, paged = shop.stored
    assert tracked["context"] == {"page": {"url": "/x"}}
    assert tracked["properties"] == {"price": 2}
    assert paged["type"] == "page"


def test_browser_clients_are_told_to_send_here_and_nowhere_else(client):
    said = client.get("/v1/projects/key-of-web/settings").json()
    assert said["integrations"].keys() == {"Segment.io"}
    assert said["integrations"]["Segment.io"]["apiHost"] == "127.0.0.1:8765/v1"
    assert said["integrations"]["Segment.io"]["protocol"] == "http"
    assert said["metrics"] == {"sampleRate": 0}
    assert client.get("/v1/projects/other/settings").status_code == 401


def test_behind_a_proxy_only_the_proxy_may_speak_and_it_says_for_whom(shop):
    front = shop.front(host="0.0.0.0", trusted_proxy="10.0.0.1")
    past = shop.client(front=front, address="192.0.2.9").post("/v1/batch", content=batch(), headers=basic())
    assert (past.status_code, past.json()["code"]) == (403, "past-proxy")
    proxy = shop.client(front=front, address="10.0.0.1")
    guesser = {**basic("guess"), "x-forwarded-for": "spoofed, 192.0.2.1"}
    for _ in range(10):
        proxy.post("/v1/batch", content=batch(), headers=guesser)
    statuses = [
        proxy.post("/v1/batch", content=batch(), headers={**basic(), "x-forwarded-for": address}).status_code
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    assert statuses == [429, 200]


def test_other_paths_and_methods(client):
    assert client.get("/healthz").json() == {"alive": True}
    assert client.get("/readyz").json() == {"ready": True}
    assert client.get("/v1/batch").status_code == 405
    assert client.post("/nothing").json()["code"] == "not-found"
    assert client.get("/sign-in").status_code == 404


def test_metrics_are_for_this_machine_and_for_keys_that_may_read(shop, accounts):
    front = shop.front()
    own = shop.client(front=front)
    own.post("/v1/batch", content=batch(), headers=basic())
    text = own.get("/metrics").text
    assert 'mindgap_collector_requests_total{route="/v1/batch",status="200"} 1.0' in text
    assert 'mindgap_collector_events_total{outcome="stored",source="web"} 1.0' in text
    assert "mindgap_collector_waiting_bytes 0.0" in text
    assert f"mindgap_collector_log_bytes {len(json.dumps(EVENT))}.0" in text
    assert "key-of-web" not in text
    other = shop.client(front=front, address="192.0.2.1")
    assert other.get("/metrics").status_code == 401
    assert own.get("/metrics", headers={"host": "evil.example:8765"}).status_code == 401
    for scope, status in [(Scope.DECIDE, 401), (Scope.READ, 200)]:
        key = make_key(accounts, scope.value, scopes={scope}, at=MOMENT)
        assert other.get("/metrics", headers={"authorization": f"Bearer {key}"}).status_code == status
