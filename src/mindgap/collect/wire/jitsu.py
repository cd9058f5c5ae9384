"""Jitsu's protocol: one message a request, in the log's own shape already.

https://docs.jitsu.com/sending-data/http. Its SDKs show a key as `id:secret`, of which the id is our write
key, and never send again what was not taken.
"""

from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Request, SourceOf
from mindgap.collect.events.envelopes import single
from mindgap.collect.wire.segment import source_for

_TAKEN = Answer(b'{"ok":true}')


def read(request: Request, source_of: SourceOf) -> Delivery:
    """The message of a request; the path says its type where the body does not.

    Raises:
        Rejected: The body is no JSON object, or the key is not good.
    """
    source = source_for(request, source_of, request.query.get("writekey", ""))
    return Delivery(source, single(request.body, request.path_params["type"]).messages)


ENDPOINTS = (
    Endpoint("POST", "/api/s/{type}", read, lambda _: _TAKEN),
    Endpoint("POST", "/api/s/s2s/{type}", read, lambda _: _TAKEN, private=True),
)
"""From browsers, and from servers."""
