"""Bodies: capped in size and time, whole or in pieces."""

import asyncio

import pytest

from mindgap.api.body import form_fields, read_body, replay
from mindgap.api.problems import Refusal


def _channel(*messages, delay=0.0):
    pending = list(messages)

    async def receive():
        await asyncio.sleep(delay)
        return pending.pop(0)

    return receive


def _part(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_pieces_are_put_together():
    channel = _channel(_part(b"a", more=True), _part(b"b", more=False))
    assert asyncio.run(read_body(channel)) == b"ab"


def test_a_body_in_pieces_is_capped_before_it_is_all_there():
    channel = _channel(*[_part(b"x" * 100, more=True)] * 3)
    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body(channel, limit=150))
    assert refused.value.status == 413


def test_slow_bodies_are_cut_off():
    with pytest.raises(Refusal) as refused:
        asyncio.run(read_body(_channel(_part(b"x", more=True), delay=5), seconds=0.02))
    assert refused.value.status == 408


def test_visitors_who_leave_are_let_go():
    with pytest.raises(Refusal):
        asyncio.run(read_body(_channel({"type": "http.disconnect"})))


def test_a_body_can_be_read_again():
    again = replay(b"abc", _channel({"type": "http.disconnect"}))
    assert asyncio.run(read_body(again)) == b"abc"
    assert asyncio.run(again())["type"] == "http.disconnect"


def test_the_first_value_of_a_field_counts():
    assert form_fields(b"a=1&b=%E4%B8%AD&a=2") == {"a": "1", "b": "中"}


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=1"] * 60)])
def test_what_is_no_form_is_refused(body):
    with pytest.raises(Refusal):
        form_fields(body)
