"""Any bytes at all: a message becomes an event or a reason, never an exception."""

import json
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindgap.collect.events.event_row import EventRow, event_table
from mindgap.collect.events.messages import read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.strict import Fault, parse
from mindgap.store.log import Entry

NOON = datetime(2024, 5, 1, 12)
HOW = reading(StreamOptions())
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["track", "identify", "page", "2024-05-01", "1e400", "0001-01-01T00:00:00Z"])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KEYS = [
    "event", "anonymousId", "messageId", "timestamp", "sentAt", "context", "traits",
    "properties", "channel", "category", "name", "previousId",
]  # fmt: skip
INNER = ["page", "traits", "consent", "campaign", "url", "referrer", "price", "products", "ip", "coupon"]
objects = st.dictionaries(st.sampled_from(INNER), values)
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "page", "identify", "group"]), "userId": st.just("u")},
    optional=dict.fromkeys(KEYS, values | objects),
)


def read(raw, context=b""):
    entry = Entry(source="s", received_at=NOON, messages=[raw], context=context)
    return list(read_messages(entry, HOW))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages, values)
def test_any_message_becomes_a_row_that_arrow_takes_or_a_reason(message, context):
    (found,) = read(json.dumps(message).encode(), json.dumps(context).encode())
    if isinstance(found, EventRow):
        assert found.occurred_at <= NOON
        assert event_table([found]).num_rows == 1
    else:
        assert isinstance(found, Fault)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,\\u0d8ntNaI1e-. ', max_size=40).map(str.encode))
def test_any_bytes_become_a_row_or_a_reason(raw):
    (found,) = read(raw)
    assert isinstance(found, Fault)


@settings(deadline=None)
@given(values)
def test_what_is_parsed_is_what_was_written(value):
    try:
        assert parse(json.dumps({"a": value}).encode()) == {"a": value}
    except Fault as fault:
        assert fault.reason in {"not-finite", "number-out-of-range", "lone-surrogate", "too-deep"}  # noqa: PT017


@settings(deadline=None)
@given(values)
def test_however_a_message_is_written_the_same_is_read(value):
    wide = json.dumps({"a": value}).encode()
    tight = json.dumps({"a": value}, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass")
    assert outcome(tight) in {outcome(wide), "bad-json"}


def outcome(raw):
    try:
        return repr(parse(raw))
    except Fault as fault:
        return fault.reason
