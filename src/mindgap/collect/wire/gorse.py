"""Gorse's REST call for feedback, so that what feeds that recommender feeds this store unchanged.

https://gorse.io/docs/api/restful-api.html. Other calls of Gorse are not here.
"""

import msgspec

from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Request, SourceOf
from mindgap.collect.wire.segment import source_for
from mindgap.collect.wire.translating import added, empty_batch, identity, listed, members, text, written

_NAMES = {"read": "Product Viewed", "view": "Product Viewed", "click": "Product Clicked"}
"""Feedback types that say what happened; the others, which each shop makes up, are names of events."""


def read(request: Request, source_of: SourceOf) -> Delivery:
    """A list of feedback.

    Raises:
        Rejected: The body is no JSON list, is empty, or the key is not good.
    """
    source = source_for(request, source_of, request.headers.get("x-api-key", ""))
    feedback = listed(request.body)
    if not feedback:
        raise empty_batch()
    return Delivery(source, [_message(one) for one in feedback])


def answer(request: Request) -> Answer:
    """How many rows there are now that were not there before: all, as far as can be said at once."""
    return Answer(msgspec.json.encode({"RowAffected": len(listed(request.body))}))


def _message(feedback: msgspec.Raw) -> bytes:
    """One feedback as an event; sent again it is the same text, hence the same event."""
    said = members(feedback)
    if not said:
        return bytes(feedback)
    kind = text(said.get("FeedbackType"))
    return written(
        {
            "type": "track",
            "event": _NAMES.get(kind, kind),
            "userId": identity(said.get("UserId")),
            "timestamp": said.get("Timestamp"),
            "properties": added(feedback, {"product_id": identity(said.get("ItemId"))}),
        }
    )


ENDPOINTS = tuple(Endpoint(method, "/api/feedback", read, answer, private=True) for method in ("POST", "PUT"))
