"""What the requests of event clients have in common: the write key, the batch, the single message."""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from mindgap.collect.events.delivery import Rejected, Request
from mindgap.collect.events.lenient import members

MOST_MESSAGES = 20_000
"""What one request may hold; 5 MB of messages of 250 bytes."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the fast reader raises on texts that are no JSON, no UTF-8, or nested too deep."""

_NO_BREAKS = bytes.maketrans(b"\r\n", b"  ")
_NOTHING = frozenset({b"", b"null", b'""'})
_BOM = b"\xef\xbb\xbf"


class Envelope(NamedTuple):
    """What a body says beside its messages.

    Attributes:
        messages: The messages, each as it came but for line breaks.
        sent_at: `sentAt`, as written.
        context: The batch's own context, a JSON object.
        write_key: `writeKey`, where the body holds it.
    """

    messages: Sequence[bytes] = ()
    sent_at: str = ""
    context: bytes = b""
    write_key: str = ""


class _Batch(msgspec.Struct):
    batch: list[Raw]
    sentAt: Raw = Raw()  # noqa: N815 - the name on the wire
    context: Raw = Raw()
    writeKey: Raw = Raw()  # noqa: N815


class _Single(msgspec.Struct):
    type: Raw = Raw()
    messageId: Raw = Raw()  # noqa: N815
    writeKey: Raw = Raw()  # noqa: N815


_BATCHES = msgspec.json.Decoder(_Batch)
_SINGLES = msgspec.json.Decoder(_Single)
_STRINGS = msgspec.json.Decoder(str)


def write_key(request: Request, said: str = "") -> str:
    """The write key that a request shows.

    Basic authorization (the user name), Bearer, X-Write-Key (before the colon), the query's `writeKey`, or
    what the body says, whichever comes first.

    >>> write_key(Request(method="POST", path="/", headers={"authorization": "Basic azE6"}))
    'k1'
    """
    shown = request.headers.get("authorization", "")
    kind, _, value = shown.partition(" ")
    match kind.lower():
        case "basic":
            return _user_name(value)
        case "bearer":
            return value.strip()
        case _:
            own = request.headers.get("x-write-key") or request.query.get("writeKey") or said
            return own.partition(":")[0]


def batch(body: bytes) -> Envelope:
    """A body of `{"batch": [...], "sentAt", "context", "writeKey"}`.

    Raises:
        Rejected: It is no JSON, has no messages, or too many.
    """
    tidy = one_line(body)
    found = _strictly(tidy)
    if found is None:
        found = _leniently(tidy)
    if not found.messages:
        raise Rejected(400, "empty-batch", "The batch holds no messages. Send some in the array “batch”.")
    return found


def single(body: bytes, kind: str) -> Envelope:
    """A body that is one message; without an id it gets one, and counts twice should it come again.

    Args:
        body: The message.
        kind: Its type, where it does not say it.

    Raises:
        Rejected: It is no JSON object.
    """
    tidy = one_line(body).strip()
    try:
        said = _SINGLES.decode(tidy)
    except UNREADABLE:
        said = _lenient_single(tidy)
    written = {"type": bytes(said.type), "messageId": bytes(said.messageId)}
    lacking = {name: value for name, value in written.items() if value in _NOTHING}
    if not lacking:
        return Envelope((tidy,), write_key=text_of(said.writeKey))
    made = {"type": kind, "messageId": _new_id()}
    empty = {name: made[name] for name, value in lacking.items() if value}
    absent = {name: made[name] for name, value in lacking.items() if not value}
    message = _put_in(_replaced(tidy, empty) if empty else tidy, absent)
    return Envelope((message,), write_key=text_of(said.writeKey))


def one_line(body: bytes) -> bytes:
    """A JSON text without line breaks; they stand only between its tokens."""
    text = body.removeprefix(_BOM)
    return text.translate(_NO_BREAKS) if b"\n" in text or b"\r" in text else text


def text_of(value: bytes | Raw) -> str:
    """The content of a JSON string; of a number its digits, of anything else nothing.

    >>> text_of(b'"a"'), text_of(b"17"), text_of(b"null")
    ('a', '17', '')
    """
    raw = bytes(value)
    try:
        return _STRINGS.decode(raw) if raw[:1] == b'"' else raw.decode() if raw[:1].isdigit() else ""
    except UNREADABLE:
        return ""


def bad_json() -> Rejected:
    """The answer to a body that is no JSON object of the shape that belongs to its path."""
    return Rejected(400, "bad-json", "The body is no JSON of the shape that this path takes.")


def too_many() -> Rejected:
    """The answer to a batch of too many messages."""
    return Rejected(413, "too-many-messages", f"More than {MOST_MESSAGES} messages. Send smaller batches.")


def _strictly(body: bytes) -> Envelope | None:
    """A batch as the fast reader understands it; None where it does not."""
    try:
        found = _BATCHES.decode(body)
    except UNREADABLE:
        return None
    if len(found.batch) > MOST_MESSAGES:
        raise too_many()
    return _envelope(list(map(bytes, found.batch)), (found.sentAt, found.context, found.writeKey))


def _leniently(body: bytes) -> Envelope:
    try:
        found = members(body, array="batch", most=MOST_MESSAGES)
    except (ValueError, RecursionError) as error:
        raise bad_json() from error
    except OverflowError as error:
        raise too_many() from error
    messages = found.get("batch", [])
    if not isinstance(messages, list):
        raise bad_json()
    return _envelope(messages, tuple(found.get(name, b"") for name in ("sentAt", "context", "writeKey")))


def _envelope(messages: list[bytes], rest: tuple[bytes | Raw, ...]) -> Envelope:
    """An envelope of messages, and of sentAt, context and writeKey as written."""
    sent_at, context, key = map(bytes, rest)
    return Envelope(messages, text_of(sent_at), context if context[:1] == b"{" else b"", text_of(key))


def _lenient_single(body: bytes) -> _Single:
    try:
        found = members(body, array="", most=0)
    except (ValueError, RecursionError) as error:
        raise bad_json() from error
    return _Single(**{name: Raw(found.get(name, b"")) for name in _Single.__struct_fields__})


def _replaced(body: bytes, values: dict[str, str]) -> bytes:
    """A message with other values of these members; twofold members become one."""
    try:
        found: dict[str, Any] = members(body, array="", most=0)
    except (ValueError, RecursionError) as error:
        raise bad_json() from error
    said = {name: msgspec.json.encode(value) for name, value in values.items()}
    parts = (msgspec.json.encode(name) + b":" + value for name, value in {**found, **said}.items())
    return b"{" + b",".join(parts) + b"}"


def _put_in(message: bytes, values: dict[str, str]) -> bytes:
    """A message with more members; all else stays as it was written."""
    if not values:
        return message
    more = msgspec.json.encode(values)[:-1]
    rest = message[1:].lstrip()
    return more + (b"" if rest == b"}" else b",") + rest


def _new_id() -> str:
    return f"mindgap-{token_urlsafe(16)}"


def _user_name(value: str) -> str:
    try:
        return b64decode(value).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
