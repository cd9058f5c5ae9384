"""Strict JSON: what two parsers could read in two ways is not read at all.

The standard library's parser tells what faster ones hide: a key that stands twice, and integers that would
silently become floating-point numbers. A faster one does the rest.
"""

import json
import re
from collections.abc import Callable
from math import isinf
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 32
_INT64 = range(-(2**63), 2**63)
_INT64_DIGITS = 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Fault(Exception):  # noqa: N818 - it is an answer: why a message is set aside
    """Why a message cannot become an event.

    Attributes:
        reason: In kebab case, e.g. ``bad-json``; docs/collect.md lists them.
        place: Where, in words of our own or of a schema; never a value of the message.
    """

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def parse(raw: bytes) -> dict[str, Any]:
    """A JSON object.

    >>> parse(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> parse(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    mindgap.collect.events.strict.Fault: duplicate-key

    Raises:
        Fault: too-deep, bad-json, duplicate-key, not-finite, number-out-of-range, lone-surrogate or
            wrong-type.
    """
    # there cannot be more levels than brackets: most messages need no closer look
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise Fault("too-deep")
    value = _canonical(raw)
    return _checked(raw) if value is None else value


def _canonical(raw: bytes) -> dict[str, Any] | None:
    """A message that is written in the one way in which we would write it; None for all others.

    What comes out again byte by byte had no key twice and nothing else that two parsers read in two ways.
    Browsers write so, and the faster parser takes a third of the time.
    """
    if b'": ' in raw or _LONG_NUMBER in raw.translate(_DIGITS_ALIKE):
        return None
    try:
        value = _FAST.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return value if isinstance(value, dict) and msgspec.json.encode(value) == raw else None


def _checked(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode().strip(_SPACE)
        value, end = _SCAN(text, 0)
    except (ValueError, StopIteration) as error:  # also of UTF-8; its text would show the message
        raise Fault("bad-json") from error
    if end != len(text):
        raise Fault("bad-json")
    if not isinstance(value, dict):
        raise Fault("wrong-type", "message")
    if _ESCAPED_SURROGATE.search(raw) and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise Fault("lone-surrogate")
    return value


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Fault("duplicate-key")
    return found


def _integer(text: str) -> int:
    if len(text) > _INT64_DIGITS or (number := int(text)) not in _INT64:
        raise Fault("number-out-of-range")
    return number


def _number(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise Fault("number-out-of-range")
    return number


def _constant(_name: str) -> NoReturn:
    raise Fault("not-finite")


_DECODER: Any = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
# what JSONDecoder.decode does around it costs as much as the parsing itself
_SCAN: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once
_FAST = msgspec.json.Decoder()
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
"""The shortest number that may be outside 64 bits, its digits all alike."""
_SPACE = " \t\n\r"
