"""From a flat row of a warehouse back to the message that it was."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_TYPES = {
    "tracks": "track",
    "identifies": "identify",
    "pages": "page",
    "screens": "screen",
    "groups": "group",
    "aliases": "alias",
}
_OWN = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "previous_id": "previousId",
    "group_id": "groupId",
    "channel": "channel",
}
_LOADING = frozenset(
    {"id", "uuid", "uuid_ts", "loaded_at", "received_at", "sent_at", "timestamp", "original_timestamp"}
    | {"event", "event_text", "rudder_id", "row_id"}
)
_WITHIN = {
    "app": ("name", "version", "build", "namespace"),
    "campaign": ("name", "source", "medium", "term", "content", "id"),
    "device": ("id", "advertising_id", "manufacturer", "model", "name", "type", "ad_tracking_enabled"),
    "library": ("name", "version"),
    "network": ("bluetooth", "carrier", "cellular", "wifi"),
    "os": ("name", "version"),
    "page": ("path", "referrer", "referring_domain", "search", "title", "url"),
    "referrer": ("id", "type"),
    "screen": ("density", "height", "width"),
}
"""Objects that a context has, and what lies in them."""
_CAMEL = {"user_agent": "userAgent", "advertising_id": "advertisingId", "group_id": "groupId"}
_CONSENT = ("consent_category_preferences_", "consent_categorypreferences_")
_CONTEXT = "context_"


def message_of(table: str, row: Mapping[str, Any]) -> bytes:
    """The message of a row of a table of calls.

    Its time is the one that was corrected when it first arrived; what it cost to get here corrects nothing.

    >>> print(message_of("tracks", {"id": "m1", "event": "seen", "event_text": "Seen", "user_id": "u",
    ...     "context_page_url": "https://a.example/", "price": 2}).decode())
    {"type":"track","messageId":"m1","event":"Seen","userId":"u","context":{"page":{"url":"https://a.example/"}},"properties":{"price":2}}
    """
    kind = _TYPES[table]
    message: dict[str, Any] = {"type": kind, "messageId": str(row["id"])}
    if kind == "track":
        message["event"] = row.get("event_text") or row.get("event")
    if kind in {"page", "screen"}:
        message["name"] = row.get("name")
        message["category"] = row.get("category")
    message |= {name: row.get(column) for column, name in _OWN.items()}
    message["timestamp"] = row.get("timestamp") or row.get("original_timestamp") or row.get("received_at")
    message["context"] = _context(row)
    rest = "traits" if kind in {"identify", "group"} else "properties"
    message[rest] = {name: _parsed(value) for name, value in row.items() if _is_of_event(name, value)}
    kept = {name: _plain(value) for name, value in message.items() if value not in (None, "", {})}
    return json.dumps(kept, separators=(",", ":"), default=_plain).encode()


def _is_of_event(name: str, value: Any) -> bool:
    return value is not None and name not in _LOADING and name not in _OWN and not name.startswith(_CONTEXT)


def _context(row: Mapping[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for column, value in row.items():
        if column.startswith(_CONTEXT) and value is not None:
            _put(context, column.removeprefix(_CONTEXT), value)
    return context


def _put(context: dict[str, Any], name: str, value: Any) -> None:
    """Put a flat name where it was; what is not known to lie within something stays on top."""
    for start in _CONSENT:
        if name.startswith(start):
            category = name.removeprefix(start)
            consent = context.setdefault("consent", {}).setdefault("categoryPreferences", {})
            consent[category] = _truth(value)
            return
    head, _line, tail = name.partition("_")
    if head == "traits" and tail:
        context.setdefault("traits", {})[tail] = _parsed(value)
    elif tail in _WITHIN.get(head, ()):
        context.setdefault(head, {})[_CAMEL.get(tail, tail)] = value
    else:
        context[_CAMEL.get(name, name)] = _parsed(value)


def _truth(value: Any) -> Any:
    """A choice, as databases without truth values hold it; anything else is no grant."""
    return value in (True, 1, "true", "True", "t", "1")


def _parsed(value: Any) -> Any:
    """Lists and objects were written as JSON texts."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _plain(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value if isinstance(value, (str, int, float, bool, dict, list)) else str(value)
    utc = value if value.tzinfo else value.replace(tzinfo=UTC)
    return utc.astimezone(UTC).isoformat().replace("+00:00", "Z")
