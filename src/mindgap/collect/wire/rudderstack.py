"""What RudderStack's SDKs need beside the paths that they share with Segment's (collect/wire/segment.py)."""

import msgspec

from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Request, SourceOf
from mindgap.collect.wire.segment import source_for


def read_source(request: Request, source_of: SourceOf) -> Delivery:
    """An SDK that asks where its events go; it delivers nothing.

    Raises:
        Rejected: The key is not good.
    """
    return Delivery(source_for(request, source_of))


def source_config(request: Request) -> Answer:
    """What RudderStack's control plane says of a source: it is on, and no destination is fed by the client.

    https://www.rudderstack.com/docs/sources/event-streams/sdks/rudderstack-javascript-sdk/; the browser's SDK
    refuses to start unless `source.config`, `id`, `enabled` and `destinations` are there.
    """
    source = {
        "id": "mindgap",
        "name": "Mindgap",
        "writeKey": request.query.get("writeKey", ""),
        "enabled": True,
        "workspaceId": "mindgap",
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        "destinations": [],
        "connections": [],
        "dataplanes": {},
    }
    return Answer(msgspec.json.encode({"source": source, "updatedAt": "2024-01-01T00:00:00.000Z"}))


ENDPOINTS = tuple(
    Endpoint("GET", path, read_source, source_config) for path in ("/sourceConfig/", "/sourceConfig")
)
"""Browsers ask with the slash, apps without."""
