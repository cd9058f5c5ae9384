"""Taking a batch apart that strict JSON readers refuse: NaN, Infinity, lone surrogates.

Clients send such things, and one wrong figure in one message must not cost the others. The messages are cut
out word for word; what is wrong in them is judged later, message by message. It is some ten times slower than
the strict reader, which is asked first.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json import JSONDecoder
from typing import Any, TypeVar

Part = TypeVar("Part")

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder(parse_int=len, parse_float=len)


def members(body: bytes, *, array: str, most: int) -> dict[str, Any]:
    """The members of a JSON object as written, one of them as a list of its elements.

    Args:
        body: The object; NaN, Infinity, lone surrogates and bytes that are no UTF-8 may be in it.
        array: The member whose elements are wanted.
        most: Reading stops with an error after that many elements.

    >>> members(b'{"a": [1], "b": [NaN, 2]}', array="b", most=9)
    {'a': b'[1]', 'b': [b'NaN', b'2']}

    Raises:
        ValueError: It is no JSON object.
        OverflowError: There are more elements.
        RecursionError: It is nested too deep.
    """
    cursor = _Cursor(body.decode("utf-8", "surrogateescape"))
    found: dict[str, Any] = {}
    for name in cursor.listed("{}", cursor.name):
        if name == array and cursor.next() == "[":
            found[name] = _at_most(most, cursor.listed("[]", cursor.value))
        else:
            found[name] = cursor.value()
    if cursor.next():
        raise ValueError
    return found


def _at_most(most: int, elements: Iterator[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for element in elements:
        if len(found) == most:
            raise OverflowError
        found.append(element)
    return found


@dataclass(slots=True)
class _Cursor:
    """A place in a text, moving on."""

    text: str
    at: int = 0

    def next(self) -> str:
        """The next character that is no white space, not yet taken; nothing at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def take(self, character: str) -> None:
        if self.next() != character:
            raise ValueError
        self.at += 1

    def value(self) -> bytes:
        """The next value, as written."""
        self.next()
        start = self.at
        self.at = _DECODER.raw_decode(self.text, start)[1]
        return self.text[start : self.at].encode("utf-8", "surrogateescape")

    def name(self) -> str:
        """The next member's name, with ? for what is no character; its value comes next."""
        if self.next() != '"':
            raise ValueError
        name, self.at = _DECODER.raw_decode(self.text, self.at)
        self.take(":")
        return str(name).encode("utf-8", "replace").decode()

    def listed(self, brackets: str, read: Callable[[], Part]) -> Iterator[Part]:
        """What stands between brackets, one after the other; whoever iterates may read on in between."""
        self.take(brackets[0])
        if self.next() != brackets[1]:
            yield read()
            while self.next() == ",":
                self.at += 1
                yield read()
        self.take(brackets[1])
