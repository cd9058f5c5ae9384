"""From somebody's payload to messages: JMESPath expressions, one per field of a message.

A map's keys are fields of a message, with points for what lies within: `userId`, `event`,
`properties.score`. Its values are JMESPath expressions (https://jmespath.org) over the payload. Four more
functions: `time(x)` reads seconds or milliseconds since 1970, `text(x)` makes a number a text, `plain(x)`
takes the mark-up out of HTML, and `object(name, value)` is an object of that one member. The key `each` names
the list whose items become a message each; a payload that is a list is one by itself.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from html import unescape
from importlib import resources
from typing import Any, NamedTuple

import jmespath
import msgspec
from jmespath import functions
from jmespath.exceptions import JMESPathError

from mindgap.kernel.errors import SettingsError

EACH = "each"
_MOST_ITEMS = 10_000
_MILLISECONDS = 100_000_000_000
"""Larger figures are milliseconds since 1970; as seconds they would lie beyond the year 5138."""
_TAG = re.compile(r"<[^>]*>")
_TAKEN = re.compile(r"[A-Za-z_][\w -]*(\.[\w -]+)*")


class PayloadMap(NamedTuple):
    """A map, compiled.

    Attributes:
        each: Where the items lie; None for the payload itself.
        fields: Expression by the path of a field.
    """

    each: Any
    fields: Mapping[tuple[str, ...], Any]


class _Functions(functions.Functions):
    """What expressions may call beside JMESPath's own functions."""

    @functions.signature({"types": ["number", "string", "null"]})
    def _func_time(self, value: Any) -> str | None:
        try:
            figure = float(value)
            seconds = figure / 1000 if abs(figure) >= _MILLISECONDS else figure
            return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
        except (TypeError, ValueError, OverflowError, OSError):
            return value if isinstance(value, str) else None

    @functions.signature({"types": ["number", "string", "null"]})
    def _func_text(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else json.dumps(value)

    @functions.signature({"types": ["string", "null"]})
    def _func_plain(self, value: str | None) -> str | None:
        return None if value is None else " ".join(unescape(_TAG.sub(" ", value)).split())

    @functions.signature({"types": ["string", "null"]}, {"types": []})
    def _func_object(self, name: str | None, value: Any) -> dict[str, Any] | None:
        return {name: value} if name else None


_OPTIONS = jmespath.Options(custom_functions=_Functions())


def payload_map(source: str, said: Mapping[str, str], *, preset: str = "") -> PayloadMap:
    """A source's map: that of a preset, where one is named, with what was said over it.

    Raises:
        SettingsError: An expression is none, a field cannot be one, or there is no such preset.
    """
    expressions = {**(preset_map(preset) if preset else {}), **said}
    compiled: dict[tuple[str, ...], Any] = {}
    for field, expression in expressions.items():
        if not _TAKEN.fullmatch(field):
            raise SettingsError(f"Source {source!r}: {field!r} is no field.", hint="Write e.g. traits.plan.")
        if expression:
            compiled[tuple(field.split("."))] = _compiled(source, field, expression)
    return PayloadMap(compiled.pop((EACH,), None), compiled)


def _compiled(source: str, field: str, expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError:
        raise SettingsError(
            f"Source {source!r}: what {field!r} is mapped to is no JMESPath expression: {expression!r}.",
            hint="https://jmespath.org/tutorial.html explains them; docs/connectors.md has examples.",
        ) from None


def presets() -> Sequence[str]:
    """Names of the maps that come with Mindgap."""
    return sorted(item.name.removesuffix(".toml") for item in _folder().iterdir())


@cache
def preset_map(name: str) -> Mapping[str, str]:
    """A map that comes with Mindgap.

    Raises:
        SettingsError: There is none of that name.
    """
    if name not in presets():
        raise SettingsError(f"There is no preset {name!r}.", hint=f"Presets: {', '.join(presets())}.")
    return msgspec.toml.decode((_folder() / f"{name}.toml").read_bytes(), type=dict[str, str])


def _folder() -> Any:
    return resources.files("mindgap.collect.events") / "presets"


def messages(payload: bytes, mapped: PayloadMap) -> list[bytes]:
    """The messages that a payload stands for.

    What the map makes nothing of, or no event of anybody, is given back as it came: it is stored and set
    aside with a reason, and can be mapped again after the map was corrected.
    """
    plain = one_line(payload)
    if not mapped.fields and mapped.each is None:
        return _unmapped(plain)
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError):
        return [plain]
    items = _items(found, mapped)
    if not items or len(items) > _MOST_ITEMS:
        return [plain]
    return [_message(item, mapped) or (plain if item is found else _encoded(item)) for item in items]


def _unmapped(payload: bytes) -> list[bytes]:
    """A list's items, each word for word; anything else as it is."""
    try:
        return [bytes(item) for item in msgspec.json.decode(payload, type=list[msgspec.Raw])] or [payload]
    except msgspec.DecodeError:
        return [payload]


def one_line(payload: bytes) -> bytes:
    """The same JSON without line breaks, which only ever stand between its tokens.

    >>> one_line(bytes([123, 10, 125])).decode()
    '{ }'
    """
    return payload.replace(b"\r", b" ").replace(b"\n", b" ").strip()


def _items(payload: Any, mapped: PayloadMap) -> list[Any]:
    if mapped.each is None:
        return payload if isinstance(payload, list) else [payload]
    roots = payload if isinstance(payload, list) else [payload]
    found: list[Any] = []
    for root in roots:
        items = _search(mapped.each, root)
        found += items if isinstance(items, list) else [root]
    return found


def _message(item: Any, mapped: PayloadMap) -> bytes:
    """The message; nothing when it would not say what happened, or to whom."""
    message: dict[str, Any] = {}
    for path, expression in mapped.fields.items():
        value = _search(expression, item)
        if value is not None:
            _put(message, path, value)
    named = message.get("event") or message.get("type")
    known = message.get("userId") or message.get("anonymousId")
    return _encoded(message) if named and known else b""


def _search(expression: Any, value: Any) -> Any:
    """What an expression finds; one that does not fit this payload finds nothing."""
    try:
        return expression.search(value, options=_OPTIONS)
    except (JMESPathError, TypeError, ValueError, RecursionError):
        return None


def _put(message: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *above, last = path
    within = message
    for step in above:
        inner = within.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        within = inner
    within[last] = value


def _encoded(value: Any) -> bytes:
    """JSON on one line; a lone surrogate stays the escape that it was."""
    return json.dumps(value, separators=(",", ":")).encode()


class _Known(msgspec.Struct, rename="camel"):
    message_id: str | None = None


_KNOWN = msgspec.json.Decoder(_Known)


def with_id(message: bytes, message_id: str) -> bytes:
    """A message with an id, word for word else; what is no JSON object stays as it is.

    >>> with_id(b'{"event":"A"}', "d1:0"), with_id(b'{"messageId":"m1"}', "d1:1")
    (b'{"messageId":"d1:0","event":"A"}', b'{"messageId":"m1"}')
    """
    try:
        if _KNOWN.decode(message).message_id:
            return message
    except msgspec.DecodeError:
        return message
    rest = message.lstrip()[1:].lstrip()
    if b"messageId" in rest:
        members = json.loads(message)
        return json.dumps({**members, "messageId": message_id}, separators=(",", ":")).encode()
    head = b'{"messageId":' + msgspec.json.encode(message_id)
    return head + (rest if rest.startswith(b"}") else b"," + rest)
