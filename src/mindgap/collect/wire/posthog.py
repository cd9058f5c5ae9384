"""PostHog's capture protocols, so that its SDKs send here unchanged; feature flags are answered with none.

What PostHog means by its events: https://posthog.com/docs/api/capture. An event's properties stay as they
came; what the log's messages say elsewhere (page, traits, ids) is said there too. A `consent` among an
event's properties is taken for its `context.consent`.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Request, SourceOf
from mindgap.collect.events.envelopes import bad_json, too_many
from mindgap.collect.wire.segment import source_for
from mindgap.collect.wire.translating import (
    Members,
    added,
    empty_batch,
    identity,
    kept,
    listed,
    members,
    opened,
    text,
    written,
)

_NOTHING = Answer(
    b'{"flags":{},"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,'
    b'"hasFeatureFlags":false,"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,'
    b'"surveys":false,"heatmaps":false,"siteApps":[]}'
)
"""No flags, in the words of every version of the answer, and nothing else that a browser could load."""

_MOST_VALUES = 100_000
_CAPTURED = Answer(b'{"status":1}')
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FALSE, _EMPTY = b"false", msgspec.Raw(b"{}")
_PLACED = frozenset({"event", "uuid", "properties", "timestamp", "distinct_id", "$set", "api_key", "token"})
"""Members of an event that find a place in the message; the others go to `context.posthog`."""


class _Envelope(NamedTuple):
    """A request's parts.

    Attributes:
        key: The project's key, our write key.
        events: The events, one JSON text each.
        sent_at: When the client sent it, as written.
    """

    key: str
    events: Sequence[msgspec.Raw]
    sent_at: str


def read_events(request: Request, source_of: SourceOf) -> Delivery:
    """The events of a capture request, translated.

    Raises:
        Rejected: The body is no JSON, has no events, or its key is not known.
    """
    envelope = _envelope(request)
    source = source_for(request, source_of, envelope.key)
    if not envelope.events:
        raise empty_batch()
    return Delivery(source, [_message(event) for event in envelope.events], envelope.sent_at)


def read_flags(request: Request, source_of: SourceOf) -> Delivery:
    """A question for feature flags; nothing of it is kept.

    Raises:
        Rejected: The body is no JSON, or its key is not known.
    """
    return Delivery(source_for(request, source_of, _envelope(request).key))


def read_settings(request: Request, source_of: SourceOf) -> Delivery:
    """A browser's question for the project's settings.

    Raises:
        Rejected: Its key is not known.
    """
    return Delivery(source_of(request.path_params["key"]))


def answer_results(request: Request) -> Answer:
    """What became of each event, as version 1 of the protocol wants it: all are stored."""
    taken = {text(members(event).get("uuid")): {"result": "ok"} for event in _envelope(request).events}
    return Answer(msgspec.json.encode({"results": taken}))


def _envelope(request: Request) -> _Envelope:
    """The parts of a request: one event, a list of events, or a batch; as JSON or as a form."""
    body = _unwrapped(request.body)
    outer, events = ({}, listed(body)) if body[:1] == b"[" else opened(body, array="batch")
    events = events or ([msgspec.Raw(written(outer))] if "event" in outer else [])
    key = _key(outer) or (_key(members(events[0])) if events else "") or request.query.get("token", "")
    sent_at = text(outer.get("sent_at")) or request.headers.get("posthog-request-timestamp", "")
    return _Envelope(key, events, sent_at)


def _unwrapped(body: bytes) -> bytes:
    """The JSON of a form's field `data`, which browsers send in base64; any other body as it is.

    Raises:
        Rejected: It is no base64, or holds more than any page sends.
    """
    if not body.startswith(b"data="):
        return body
    try:
        data = parse_qs(body.decode("ascii"))["data"][0]
        plain = data.encode() if data[:1] in "[{" else base64.b64decode(data, validate=True)
    except (KeyError, UnicodeError, binascii.Error) as error:
        raise bad_json() from error
    if plain.count(b",") > _MOST_VALUES:
        raise too_many()
    return plain


def _key(event: Members) -> str:
    """The key inside a body or an event; the browser's SDK puts it among the properties."""
    inner = members(event.get("properties"))
    return text(event.get("api_key")) or text(event.get("token")) or text(inner.get("token"))


def _message(written_event: msgspec.Raw) -> bytes:
    """One event as a message; what is no object goes to the log as it is, to be set aside."""
    event = members(written_event)
    if not event:
        return bytes(written_event)
    properties = members(event.get("properties"))
    message: dict[str, Any] = {
        "type": "track",
        "messageId": event.get("uuid"),
        "timestamp": event.get("timestamp"),
        "properties": event.get("properties"),
        "context": _context(event, properties),
    }
    return written(message | _meaning(event, properties))


def _meaning(event: Members, properties: Members) -> dict[str, Any]:
    """What kind of event it is, and whom it is about."""
    name = text(event.get("event"))
    who = identity(event.get("distinct_id")) or identity(properties.get("distinct_id"))
    person = _person(who, event, properties)
    match name:
        case "$identify":
            device = identity(properties.get("$anon_distinct_id")) or identity(properties.get("$device_id"))
            known = {"userId": who, "anonymousId": device}
            return {"type": "identify", "traits": _traits(event, properties), **known}
        case "$set" | "$set_once":
            return {"type": "identify", "traits": _traits(event, properties), **person}
        case "$create_alias" | "$merge_dangerously":
            return {"type": "alias", "previousId": identity(properties.get("alias")), **person}
        case "$groupidentify":
            member = {"anonymousId": who} if _is_made_up(who, properties) else person
            group = {"groupId": properties.get("$group_key"), "traits": properties.get("$group_set")}
            return {"type": "group", **group, **member}
        case _:
            return _happened(name, event, properties) | person


def _happened(name: str, event: Members, properties: Members) -> dict[str, Any]:
    """What somebody did; how long a page was looked at is said when it is left."""
    match name:
        case "$pageview":
            return {"type": "page"}
        case "$screen":
            return {"type": "screen", "name": properties.get("$screen_name")}
        case "$pageleave":
            dwell = {"dwell_seconds": properties.get("$prev_pageview_duration")}
            return {"event": "Page Left", "properties": added(event.get("properties"), dwell)}
        case _:
            return {"event": event.get("event")}


def _person(who: Any, event: Members, properties: Members) -> dict[str, Any]:
    """A distinct id is a user's id, or a device's as long as nobody was identified on it."""
    device = identity(properties.get("$device_id"))
    options = members(event.get("options"))
    personless = _FALSE in {
        bytes(properties.get("$process_person_profile", b"")),
        bytes(properties.get("$is_identified", b"")),
        bytes(options.get("process_person_profile", b"")),
    }
    if personless or _same(who, device):
        return {"anonymousId": who}
    return {"userId": who, "anonymousId": device}


def _is_made_up(who: Any, properties: Members) -> bool:
    """SDKs make up a distinct id where none is given with a group: a UUID, or `$type_key`."""
    named = who if isinstance(who, str) else text(who)
    stand_in = f"${text(properties.get('$group_type'))}_{text(properties.get('$group_key'))}"
    return named == stand_in or _UUID.fullmatch(named) is not None


def _same(one: Any, other: Any) -> bool:
    return other is not None and msgspec.json.encode(one) == msgspec.json.encode(other)


def _traits(event: Members, properties: Members) -> msgspec.Raw | None:
    return event.get("$set") or properties.get("$set")


def _context(event: Members, properties: Members) -> dict[str, Any]:
    """What PostHog says of device, page and library, where other clients say it."""
    page = {"url": "$current_url", "path": "$pathname", "referrer": "$referrer", "title": "title"}
    library = {"name": "$lib", "version": "$lib_version"}
    return kept(
        {
            "library": kept({name: properties.get(said) for name, said in library.items()}),
            "page": kept({name: properties.get(said) for name, said in page.items()}),
            "userAgent": properties.get("$raw_user_agent"),
            "locale": properties.get("$browser_language"),
            "timezone": properties.get("$timezone"),
            "ip": properties.get("$ip"),
            "consent": properties.get("consent"),
            "traits": _traits(event, properties),
            "posthog": {
                name: value for name, value in event.items() if name not in _PLACED and value != _EMPTY
            },
        }
    )


_CAPTURES = "/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch"
_FLAGS = "/flags", "/decide"

ENDPOINTS = (
    *(
        Endpoint("POST", path + end, read_events, lambda _: _CAPTURED)
        for path in _CAPTURES
        for end in ("/", "")
    ),
    *(Endpoint("POST", path + end, read_flags, lambda _: _NOTHING) for path in _FLAGS for end in ("/", "")),
    Endpoint("POST", "/i/v1/analytics/events", read_events, answer_results),
    Endpoint("GET", "/array/{key}/config", read_settings, lambda _: _NOTHING),
)
