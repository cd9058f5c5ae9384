"""Requests that real clients sent to a server that only listened; the write key is key_1, or id1:secret1."""

import json
from pathlib import Path

from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import LiveSource, Rejected, Request
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.wire import jitsu, posthog, rudderstack, segment, snowplow

CAPTURED = json.loads((Path(__file__).parent / "captured.json").read_text("utf-8"))
_OPTIONS = StreamOptions()
SHOP = LiveSource("shop", "http", _OPTIONS, door(_OPTIONS))


def source_of(key):
    if key not in {"key_1", "id1"}:
        raise Rejected(401, "bad-key", "The write key is not good.")
    return SHOP


def captured(name, **changes):
    said = CAPTURED[name] | changes
    return Request(**(said | {"body": said["body"].encode()}))


def delivered(request):
    """What the endpoint of a request's path makes of it: the delivery, and its messages decoded."""
    for module in (jitsu, posthog, rudderstack, segment, snowplow):
        for endpoint in module.ENDPOINTS:
            if endpoint.method == request.method and endpoint.path == request.path:
                delivery = endpoint.read(request, source_of)
                return delivery, [json.loads(message) for message in delivery.messages]
    raise LookupError(request.path)


def by_type(messages):
    return {message.get("event") or message["type"]: message for message in messages}
