"""Huge, slow, packed and malformed requests: each has an answer, none costs more than it may."""

import asyncio
import gzip
import json
import socket
import threading
import time
import tracemalloc

import pytest
import uvicorn
from collector_shop import EVENT, Shop, basic, batch
from hypothesis import given, settings
from hypothesis import strategies as st

from mindgap.api import protocol
from mindgap.api.collector.intake import Gone, Hold, Intake
from mindgap.api.collector.unpacking import unpacked
from mindgap.api.listening import configuration
from mindgap.api.serving import Serving
from mindgap.collect.events.delivery import Rejected

LIMIT = 5_000_000


def receiving(*parts, pause_s=0.0, ends=True):
    """A client that sends these parts, and then hangs up or never says another word."""
    left = list(parts)

    async def receive():
        await asyncio.sleep(pause_s)
        if left:
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left) or not ends}
        if ends:
            return {"type": "http.disconnect"}
        await asyncio.sleep(60)
        return {}

    return receive


def read(intake, receive):
    hold = Hold(intake)
    try:
        return asyncio.run(intake.read(receive, hold)), hold
    finally:
        hold.release()


def test_a_body_in_pieces_is_put_together():
    body, hold = read(Intake(), receiving(b"a", b"", b"bc"))
    assert (body, hold.whole) == (b"abc", True)


def test_reading_stops_at_the_cap_and_what_was_held_is_let_go():
    intake = Intake(body_bytes=100)
    with pytest.raises(Rejected) as refused:
        read(intake, receiving(b"x" * 60, b"x" * 60, b"never read"))
    assert refused.value.status == 413
    assert intake.waiting_bytes == 0


def test_slow_bodies_are_given_up():
    with pytest.raises(Rejected) as refused:
        read(Intake(seconds=0.1), receiving(b"x", ends=False))
    assert refused.value.status == 408


def test_who_hangs_up_needs_no_answer():
    with pytest.raises(Gone):
        read(Intake(), receiving())


@pytest.mark.parametrize(("declared", "status"), [("5000001", 413), ("4000000", 429), ("x", 0), ("٣", 0)])
def test_what_is_announced_is_refused_before_it_is_read(declared, status):
    intake = Intake(waiting_bytes=30_000_000)
    if not status:
        intake.check(declared)
        return
    with pytest.raises(Rejected) as refused:
        intake.check(declared)
    assert refused.value.status == status


def test_all_bodies_together_have_a_cap_packed_or_not():
    intake = Intake(most_bytes=1_000)
    with pytest.raises(Rejected) as refused:
        read(intake, receiving(b"x" * 1_001))
    assert (refused.value.status, refused.value.retry_after_s) == (429, 1)
    hold = Hold(intake)
    with pytest.raises(Rejected):
        intake.unpack(gzip.compress(b" " * 2_000), "gzip", hold)
    hold.release()
    assert intake.waiting_bytes == 0


def test_a_bomb_is_stopped_early():
    packed = gzip.compress(bytes(1 << 27), 9)
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(Rejected):
        unpacked(packed, "gzip", limit_bytes=LIMIT)
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 0.5
    assert peak < 16_000_000


def test_endless_members_are_no_way_around_the_cap():
    with pytest.raises(Rejected):
        unpacked(gzip.compress(b"") * 1_000, "gzip", limit_bytes=LIMIT)


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "deflate"]))
def test_whatever_comes_is_unpacked_or_refused(body, encoding):
    try:
        assert unpacked(gzip.compress(body), encoding, limit_bytes=200) == body
        unpacked(b"\x1f\x8b" + body, encoding, limit_bytes=200)
    except Rejected as refused:
        assert refused.status in {400, 413}  # noqa: PT017 - either may be


NAMES = (
    "batch", "data", "context", "consent", "categoryPreferences", "userId", "type", "messageId", "event",
    "sentAt", "writeKey", "api_key", "distinct_id", "properties", "schema", "traits",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
PATHS = (
    "/v1/batch", "/v1/track", "/v1/alias", "/beacon/v1/batch", "/batch/", "/e/", "/api/s/track",
    "/com.snowplowanalytics.snowplow/tp2",
)  # fmt: skip


@pytest.fixture(scope="module")
def anything(tmp_path_factory):
    """A collector to which anything may be sent; the right key comes along in a header."""
    shop = Shop(tmp_path_factory.mktemp("shop"), None)
    shop.declare()
    front = shop.front()
    return lambda address: shop.client(front=front, address=address)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), path=st.sampled_from(PATHS), value=VALUES, cut=st.integers(0, 3))
def test_no_json_whatsoever_is_a_fault_of_ours(anything, data, path, value, cut):
    body = bytearray(json.dumps(value).encode())
    for _ in range(cut):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    client = anything(f"10.0.{data.draw(st.integers(0, 255))}.{data.draw(st.integers(0, 255))}")
    answer = client.post(path, content=bytes(body), headers={**basic(), "x-write-key": "key-of-web"})
    assert answer.status_code < 500
    assert answer.status_code == 200 or {"code", "message"} <= answer.json().keys()


@pytest.fixture
def listening(tmp_path, accounts):
    """The address of a real server."""
    shop = Shop(tmp_path, accounts)
    shop.declare()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = uvicorn.Server(configuration(shop.front(), Serving(port=port)))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield "127.0.0.1", port
    server.should_exit = True
    thread.join()


def spoken(address, *pieces):
    """What the server says to these bytes until it hangs up."""
    with socket.create_connection(address, timeout=10) as client:
        for piece in pieces:
            client.sendall(piece)
        said = b""
        while part := client.recv(65_536):
            said += part
        return said


def head(*lines):
    return "\r\n".join(
        ["POST /v1/batch HTTP/1.1", "Host: h", "Authorization: Bearer key-of-web", *lines]
    ).encode()


def test_a_large_body_that_is_announced_is_left_unread_and_the_connection_ends(listening):
    said = spoken(listening, head("Content-Length: 100000000", "", "x"))
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in said
    assert b'"code":"too-large"' in said


def test_a_large_body_in_chunks_is_cut_off(listening):
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with socket.create_connection(listening, timeout=10) as client:
        client.sendall(head("Transfer-Encoding: chunked", "", ""))
        with pytest.raises(ConnectionError):
            client.sendall(chunk * 2_000)


def test_heads_without_end_are_cut_off(listening):
    assert spoken(listening, head("X-A: " + "a" * protocol.HEAD_BYTES)).startswith(b"HTTP/1.1 400 ")
    assert spoken(listening, head(*["X-A: a"] * 200, "", "")).startswith(b"HTTP/1.1 400 ")


def test_good_requests_may_follow_each_other(listening):
    body = batch(*[EVENT] * 2_000)  # longer than a head may be
    one = head(f"Content-Length: {len(body)}", "", "") + body
    last = head("Connection: close", f"Content-Length: {len(body)}", "", "") + body
    said = spoken(listening, one, one[:100], one[100:], last)
    assert said.count(b"HTTP/1.1 200 ") == 3
