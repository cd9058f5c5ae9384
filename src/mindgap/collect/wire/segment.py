"""The Segment HTTP tracking API: single calls, batches, the browser's short forms, beacon and pixel.

Reference: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/. RudderStack's
clients speak it too.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mindgap.collect.events.delivery import (
    Answer,
    Delivery,
    Endpoint,
    LiveSource,
    Rejected,
    Request,
    SourceOf,
)
from mindgap.collect.events.envelopes import UNREADABLE, bad_json, batch, single, write_key
from mindgap.collect.wire.translating import of_device

KIND = "http"
"""The kind of the sources to which clients send with a write key."""

CALLS: Mapping[str, str] = {
    "identify": "identify",
    "track": "track",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
}
"""Type of message by the last part of a path."""

_GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NO_STORE = (("cache-control", "no-store"),)
_UNSTORED = {"writeKey", "data"}


def source_for(request: Request, source_of: SourceOf, said: str = "") -> LiveSource:
    """The source that a request's write key stands for; `said` is the key in its body.

    Raises:
        Rejected: The key is not good, or belongs to a source of another kind.
    """
    source = source_of(write_key(request, said))
    if source.kind != KIND:
        raise Rejected(401, "bad-key", "This key is not for clients of this kind.")
    return source


def read_batch(request: Request, source_of: SourceOf) -> Delivery:
    """A batch of messages.

    Raises:
        Rejected: The key is not good, or the batch is none.
    """
    found = batch(request.body)
    source = source_for(request, source_of, found.write_key)
    return Delivery(source, found.messages, found.sent_at, found.context)


def reads_single(kind: str) -> Callable[[Request, SourceOf], Delivery]:
    """A reader of requests that are one message of a type."""

    def read(request: Request, source_of: SourceOf) -> Delivery:
        found = single(request.body, kind)
        source = source_for(request, source_of, found.write_key)
        messages = [of_device(message, request) for message in found.messages]
        return Delivery(source, messages, request.headers.get("sentat", ""))

    return read


def reads_pixel(kind: str) -> Callable[[Request, SourceOf], Delivery]:
    """A reader of image requests: the message is in the query, nested names with dots, or in `data` whole."""

    def read(request: Request, source_of: SourceOf) -> Delivery:
        body = _pixel_data(request.query["data"]) if "data" in request.query else _from_query(request.query)
        found = single(body, kind)
        return Delivery(source_for(request, source_of, found.write_key), found.messages)

    return read


def read_settings(request: Request, source_of: SourceOf) -> Delivery:
    """A browser client that asks how to work; it delivers nothing.

    Raises:
        Rejected: The key is not good.
    """
    return Delivery(source_of(request.path_params["key"]))


def settings(request: Request) -> Answer:
    """What Segment's browser client reads before it starts: send everything here, and nothing elsewhere."""
    enabled = {"__default": {"enabled": True, "integrations": {}}}
    sender = {
        "apiKey": request.path_params["key"],
        "apiHost": f"{request.headers.get('host', '')}/v1",
        "protocol": request.scheme,
        "addBundledMetadata": True,
        "unbundledIntegrations": [],
        "maybeBundledConfigIds": {},
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }
    said = {
        "integrations": {"Segment.io": sender},
        "plan": {"track": enabled, "identify": enabled, "group": enabled},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {"routingRules": []},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
    return Answer(msgspec.json.encode(said))


def pixel(_request: Request) -> Answer:
    """A transparent image of one dot."""
    return Answer(_GIF, "image/gif", _NO_STORE)


def _from_query(query: Mapping[str, str]) -> bytes:
    message: dict[str, Any] = {}
    for name, value in query.items():
        *folders, last = name.split(".")
        place = message
        for folder in folders[:8]:
            inner = place.setdefault(folder, {})
            place = inner if isinstance(inner, dict) else {}
        if name not in _UNSTORED:
            place[last] = _read_value(value)
    return msgspec.json.encode(message)


def _read_value(value: str) -> Any:
    """A query's value: an object or a list where it is written as one, else the text."""
    if value[:1] not in {"{", "["}:
        return value
    try:
        return msgspec.json.decode(value)
    except UNREADABLE:
        return value


def _pixel_data(value: str) -> bytes:
    try:
        return b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError) as error:
        raise bad_json() from error


ENDPOINTS = (
    *(Endpoint("POST", f"/v1/{name}", reads_single(kind)) for name, kind in CALLS.items()),
    *(Endpoint("POST", path, read_batch) for path in ("/v1/batch", "/v1/b", "/v1/import")),
    Endpoint("POST", "/beacon/v1/batch", read_batch),
    *(Endpoint("GET", f"/pixel/v1/{kind}", reads_pixel(kind), pixel) for kind in ("track", "page")),
    Endpoint("GET", "/v1/projects/{key}/settings", read_settings, settings),
)
"""What the collector serves of it."""
