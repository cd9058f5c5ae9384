"""Whatever comes in a body, every wire format either refuses it or makes messages of one line."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from captured_requests import CAPTURED, captured, source_of
from hypothesis import given, settings
from hypothesis import strategies as st

from mindgap.collect.events.delivery import Rejected, Request
from mindgap.collect.wire import gorse, jitsu, posthog, snowplow

READERS = {
    "posthog": posthog.read_events,
    "snowplow": snowplow.read_post,
    "jitsu": jitsu.read,
    "gorse": gorse.read,
}
NAMES = st.sampled_from(
    [
        "event",
        "properties",
        "distinct_id",
        "$set",
        "uuid",
        "e",
        "ue_pr",
        "co",
        "tr_id",
        "ti_id",
        "eid",
        "UserId",
    ]
)
WORDS = st.sampled_from(
    ["$identify", "$groupidentify", "$pageleave", "ue", "tr", "ti", "se", "{}", '{"data": 1}']
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def _check(reader, body):
    request = Request(
        method="POST",
        path="/",
        path_params={"type": "track"},
        headers={"x-api-key": "key_1", "x-write-key": "key_1"},
        body=body,
    )
    with suppress(Rejected):
        assert all(b"\n" not in message for message in reader(request, source_of).messages)


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=150)
@given(body=st.binary(max_size=60))
def test_any_bytes(name, body):
    _check(READERS[name], body)


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=150)
@given(events=st.lists(VALUES, max_size=4), indent=st.sampled_from([None, 1]), alone=st.booleans())
def test_any_json(name, events, indent, alone):
    body = events if alone else {"api_key": "key_1", "batch": events, "data": [{"aid": "key_1"}, *events]}
    _check(READERS[name], json.dumps(body, indent=indent).encode())


@pytest.mark.parametrize("name", ["posthog-js", "snowplow base64"])
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_any_change_of_a_real_body(name, data):
    reader = posthog.read_events if "posthog" in name else snowplow.read_post
    body = bytearray(CAPTURED[name]["body"].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    request = replace(captured(name), body=bytes(body))
    _check(lambda _request, sources: reader(request, sources), bytes(body))
