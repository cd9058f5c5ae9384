"""Snowplow's tracker protocol, so that its trackers send here unchanged; the app id is the write key.

https://docs.snowplow.io/docs/fundamentals/canonical-event/ and the tracker protocol of its documentation.
What a message has no place for stays under the tracker's own short names in `context.snowplow`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Request, SourceOf
from mindgap.collect.wire.segment import pixel, source_for
from mindgap.collect.wire.snowplow_events import CONSUMED, described, event_data, meaning, product
from mindgap.collect.wire.translating import (
    empty_batch,
    items,
    kept,
    members,
    moment,
    opened,
    text,
    written,
)

_TAKEN = Answer(b"ok", "text/plain")
_CHANNELS = {"web": "web", "mob": "mobile", "srv": "server", "app": "app"}
_CONTEXT = {"lang": "locale", "tz": "timezone", "ua": "userAgent", "ip": "ip"}
_PAGE = {"url": "url", "page": "title", "refr": "referrer"}
_PLACED = CONSUMED | {"eid", "aid", "uid", "duid", "dtm", "stm", "tv", "cx", "co", *_CONTEXT, *_PAGE}


def read_post(request: Request, source_of: SourceOf) -> Delivery:
    """Events in the array `data`, all under the first one's app id.

    Raises:
        Rejected: The body is no JSON, has no events, or the app id is not a good key.
    """
    _, events = opened(request.body, array="data")
    if not events:
        raise empty_batch()
    source = source_for(request, source_of, text(members(events[0]).get("aid")))
    posted = [_fields(event) for event in events]
    ordered = _ordered(posted)
    messages = [
        # what is no object goes to the log as it is, to be set aside
        _message(fields, ordered.get(fields.get("tr_id", ""))) if fields else bytes(event)
        for event, fields in zip(events, posted, strict=True)
    ]
    return Delivery(source, messages)


def read_get(request: Request, source_of: SourceOf) -> Delivery:
    """One event in the query.

    Raises:
        Rejected: The app id is not a good key.
    """
    return Delivery(source_for(request, source_of, request.query.get("aid", "")), [_message(request.query)])


def _ordered(posted: list[dict[str, str]]) -> dict[str, list[dict[str, Any]]]:
    """The products of each order's items, which trackers send as events of their own beside the order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for fields in posted:
        if fields.get("e") == "ti":
            found.setdefault(fields.get("ti_id", ""), []).append(product(fields))
    return found


def _fields(event: msgspec.Raw) -> dict[str, str]:
    return {name: _plain(value) for name, value in members(event).items()}


def _plain(value: msgspec.Raw) -> str:
    """A value as a query would carry it: texts as such, all else as written."""
    said = bytes(value)
    return text(value) if said[:1] == b'"' else "" if said == b"null" else said.decode(errors="replace")


def _message(fields: Mapping[str, str], products: list[dict[str, Any]] | None = None) -> bytes:
    """One event as a message; whoever sent no id at all is a visitor of this one event.

    Args:
        fields: The event.
        products: Of an order, what was ordered.
    """
    entities = items(described(fields, "cx", "co").get("data"))
    person = kept({"userId": fields.get("uid"), "anonymousId": fields.get("duid")})
    true_time = fields.get("ttm")
    message: dict[str, Any] = {
        "type": "track",
        "messageId": fields.get("eid"),
        "timestamp": moment(true_time or fields.get("dtm", "")),
        "sentAt": None if true_time else moment(fields.get("stm", "")),
        "channel": _CHANNELS.get(fields.get("p", "")),
        "context": _context(fields, entities),
    }
    person = person or {"anonymousId": fields.get("eid")}
    said = meaning(fields, entities)
    if products and fields.get("e") == "tr":
        said["properties"]["products"] = products
    return written({**message, **person, **said})


def _context(fields: Mapping[str, str], entities: list[msgspec.Raw]) -> dict[str, Any]:
    """What stands around an event; a `categoryPreferences` in an entity is its consent."""
    consent = [
        one["data"] for one in map(members, entities) if "categoryPreferences" in members(one.get("data"))
    ]
    return kept(
        {
            "library": {"name": "snowplow", "version": fields.get("tv", "")},
            "page": kept({name: fields.get(said) for said, name in _PAGE.items()}),
            **{name: fields.get(said) for said, name in _CONTEXT.items()},
            "consent": consent[0] if consent else None,
            "entities": entities or None,
            "snowplow": _rest(fields, entities),
        }
    )


def _rest(fields: Mapping[str, str], entities: list[msgspec.Raw]) -> dict[str, Any]:
    """What has no place elsewhere: the schema of the event, and what could not be read."""
    schema = event_data(fields).get("schema")
    unread = {name for name in ("ue_px", "ue_pr") if schema is None} | {
        name for name in ("cx", "co") if not entities
    }
    rest = {name: value for name, value in fields.items() if name not in _PLACED or name in unread}
    return rest if schema is None else {**rest, "schema": schema}


ENDPOINTS = (
    Endpoint("POST", "/com.snowplowanalytics.snowplow/tp2", read_post, lambda _: _TAKEN),
    Endpoint("GET", "/i", read_get, pixel),
)
