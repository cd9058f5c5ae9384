"""Gorse's feedback, as its client for Python sent it."""

import json

import pytest
from captured_requests import source_of

from mindgap.collect.events.delivery import Rejected, Request
from mindgap.collect.wire import gorse

SENT = (
    b'[{"FeedbackType": "read", "UserId": "u1", "ItemId": "p1", "Timestamp": "2026-05-01T10:00:00Z", '
    b'"Value": 0}, {"FeedbackType": "star", "UserId": "u1", "ItemId": "p1", '
    b'"Timestamp": "2026-05-01T10:00:00Z", "Value": 4, "Comment": "good"}]'
)


def _posted(body, key="key_1"):
    return Request(method="POST", path="/api/feedback", body=body, headers={"x-api-key": key})


def test_feedback_becomes_events():
    viewed, starred = map(json.loads, gorse.read(_posted(SENT), source_of).messages)
    assert (viewed["event"], viewed["userId"], viewed["timestamp"]) == (
        "Product Viewed",
        "u1",
        "2026-05-01T10:00:00Z",
    )
    assert viewed["properties"]["product_id"] == "p1"
    assert starred["event"] == "star"
    assert starred["properties"] == {**json.loads(SENT)[1], "product_id": "p1"}


def test_answer_counts_rows():
    assert gorse.answer(_posted(SENT)).body == b'{"RowAffected":2}'


def test_same_feedback_is_the_same_text():
    first, again = (gorse.read(_posted(SENT), source_of).messages for _ in range(2))
    assert list(first) == list(again)


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [(b"[]", "key_1", 400), (b"{", "key_1", 400), (b"", "key_1", 400), (SENT, "x", 401)],
)
def test_refusals(body, key, status):
    with pytest.raises(Rejected) as refused:
        gorse.read(_posted(body, key), source_of)
    assert refused.value.status == status
