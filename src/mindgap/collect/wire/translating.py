"""What translations are made of: JSON values that stay word for word while they move to another place.

A translation takes an object apart one level deep and puts its members elsewhere; the members themselves are
never read and written again, so that nothing about them (long numbers, repeated names, odd escapes) changes
before compaction judges them.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from mindgap.collect.events import lenient
from mindgap.collect.events.delivery import Rejected, Request
from mindgap.collect.events.envelopes import MOST_MESSAGES, bad_json, one_line, too_many

Members = dict[str, msgspec.Raw]

_MEMBERS = msgspec.json.Decoder(Members)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_NUMBER = msgspec.json.Decoder(float)
_ENCODER = msgspec.json.Encoder()
_FIRST_LETTER_OF_NUMBERS = b"-0123456789"


def opened(body: bytes, *, array: str) -> tuple[Members, list[msgspec.Raw]]:
    r"""The members of a body and the elements of one that is an array, each on one line.

    A body that strict JSON refuses for a single event (NaN, lone surrogates) is cut into pieces all the same.

    >>> outer, inner = opened(b'{"a":\n 1.0, "b": [NaN]}', array="b")
    >>> bytes(outer["a"]), bytes(inner[0])
    (b'1.0', b'NaN')

    Raises:
        Rejected: It is no JSON object, or has too many elements.
    """
    tidy = one_line(body)
    try:
        outer = _MEMBERS.decode(tidy)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently(tidy, array)
    elements = items(outer.pop(array, None))
    if len(elements) > MOST_MESSAGES:
        raise too_many()
    return outer, elements


def listed(body: bytes) -> list[msgspec.Raw]:
    """The elements of a body that is an array.

    Raises:
        Rejected: It is no JSON array, or has too many elements.
    """
    outer, elements = opened(b'{"list":' + body + b"}", array="list")
    if outer or body.lstrip()[:1] != b"[":
        raise bad_json()
    return elements


def _leniently(body: bytes, array: str) -> tuple[Members, list[msgspec.Raw]]:
    try:
        found = lenient.members(body, array=array, most=MOST_MESSAGES)
    except (ValueError, RecursionError) as error:
        raise bad_json() from error
    except OverflowError as error:
        raise too_many() from error
    elements = found.pop(array, [])
    outer = {name: msgspec.Raw(value) for name, value in found.items() if isinstance(value, bytes)}
    return outer, [msgspec.Raw(item) for item in elements] if isinstance(elements, list) else []


def empty_batch() -> Rejected:
    """The answer to a request without a single event."""
    return Rejected(400, "empty-batch", "The request holds no events. Send at least one.")


def members(value: bytes | msgspec.Raw | None) -> Members:
    """The members of a JSON object, each as it is; none when it is something else.

    >>> members(b'{"a": 1.0, "b": {}}')["a"] == msgspec.Raw(b"1.0")
    True
    """
    try:
        return _MEMBERS.decode(value) if value is not None else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def items(value: bytes | msgspec.Raw | None) -> list[msgspec.Raw]:
    """The items of a JSON array, each as it is; none when it is something else."""
    try:
        return _ITEMS.decode(value) if value is not None else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def text(value: bytes | msgspec.Raw | None) -> str:
    r"""What a JSON text says; empty when it is something else.

    >>> text(b'"A\\u0041"'), text(b"7")
    ('AA', '')
    """
    try:
        return _TEXT.decode(value) if value is not None else ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def identity(value: msgspec.Raw | None) -> msgspec.Raw | str | None:
    """An id, which may be a number at the client: it becomes a text, all else stays as it is.

    >>> identity(msgspec.Raw(b"42")), identity(msgspec.Raw(b"null")), identity(None)
    ('42', None, None)
    """
    if value is None or (written := bytes(value)) == b"null":
        return None
    return written.decode() if written[:1] in _FIRST_LETTER_OF_NUMBERS else value


def number(written: str) -> msgspec.Raw | str:
    """A number that a client wrote into a text, as that number; a text when it is none.

    >>> bytes(number("20.50")), number("1e"), number("NaN")
    (b'20.50', '1e', 'NaN')
    """
    try:
        _NUMBER.decode(written)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return written
    return msgspec.Raw(written.encode())


def moment(milliseconds: str) -> str:
    """Milliseconds since 1970, as clients' clocks give them, in ISO 8601; as written when they are none.

    >>> moment("1795384662927"), moment("soon")
    ('2026-11-22T21:57:42.927Z', 'soon')
    """
    try:
        at = datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return milliseconds
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def added(value: msgspec.Raw | None, more: Mapping[str, Any]) -> msgspec.Raw:
    """An object with more members before its own, which stay as they are; one that it has is not added.

    >>> bytes(added(msgspec.Raw(b'{"a": 1}'), {"a": 2, "b": 3, "c": None}))
    b'{"b":3,"a": 1}'
    """
    own = members(value)
    new = {name: said for name, said in kept(more).items() if name not in own}
    if not new or not own:
        return msgspec.Raw(_ENCODER.encode(new)) if new or value is None else value
    return msgspec.Raw(_ENCODER.encode(new)[:-1] + b"," + bytes(value or b"").lstrip()[1:])


def of_device(message: bytes, request: Request) -> bytes:
    """A message with the anonymous id that RudderStack's clients put into a header too, where it has none.

    >>> request = Request(method="POST", path="/v1/track", headers={"anonymousid": "ZDE="})
    >>> of_device(b'{"event":"A"}', request)
    b'{"anonymousId":"d1","event":"A"}'
    """
    if not (header := request.headers.get("anonymousid", "")):
        return message
    try:
        device = b64decode(header, validate=True).decode()
    except (binascii.Error, ValueError):
        return message
    return bytes(added(msgspec.Raw(message), {"anonymousId": device}))


def written(message: Mapping[str, Any]) -> bytes:
    """A message for the log; members that are None, empty objects or empty texts are left out.

    >>> written({"type": "track", "event": msgspec.Raw(b'"A"'), "userId": None, "context": {}})
    b'{"type":"track","event":"A"}'
    """
    return _ENCODER.encode(kept(message))


def kept(message: Mapping[str, Any]) -> dict[str, Any]:
    """The members of which there is something to say."""
    return {name: value for name, value in message.items() if value is not None and value not in ("", {})}
