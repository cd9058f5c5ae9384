"""Messages that were set aside, as they may be shown: their shape and what was wrong, no values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.collect.events.masking import masked_text
from mindgap.loop.quarantine import rows_set_aside

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_PARTS_LOOKED_AT = 5
_DEEPEST = 4
_KEYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One message that was set aside.

    Attributes:
        source: Its source.
        reason: Why.
        place: Where in it; empty when it is about the whole.
        received_at: When it arrived, naive UTC.
        shape: Its keys with the kinds of their values; None when it cannot be read.
        size_bytes: How long it is.
    """

    source: str
    reason: str
    place: str
    received_at: datetime
    shape: Any
    size_bytes: int


def examples(workspace: "Desk", source: str | None = None, *, each: int = 2) -> Sequence[Example]:
    """The latest messages that were set aside, a few of each source and reason."""
    found: dict[tuple[str, str], list[Example]] = {}
    seen: dict[str, int] = {}
    for part in reversed(workspace.stores.streams.quarantine(source)):
        seen[part.source] = seen.get(part.source, 0) + 1
        if seen[part.source] > _PARTS_LOOKED_AT:
            continue
        for row in reversed(list(rows_set_aside(workspace.stores, part))):
            known = found.setdefault((part.source, row["reason"]), [])
            if len(known) < each:
                known.append(_example(part.source, row))
    return [one for key in sorted(found) for one in found[key]]


def _example(source: str, row: Mapping[str, Any]) -> Example:
    message: bytes = row["message"]
    try:
        shape = shape_of(msgspec.json.decode(message))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        shape = None
    return Example(
        source=source,
        reason=row["reason"],
        place=row["place"],
        received_at=row["received_at"],
        shape=shape,
        size_bytes=len(message),
    )


def shape_of(value: Any, *, depth: int = 0) -> Any:
    """The kinds of things that a JSON value holds.

    >>> shape_of({"event": "Mug", "price": 4.5, "tags": ["a"], "user": {"vip": True}, "x": None})
    {'event': 'text', 'price': 'number', 'tags': ['text'], 'user': {'vip': 'true or false'}, 'x': 'nothing'}
    """
    match value:
        case dict() if depth < _DEEPEST:
            some = list(value.items())[:_KEYS]
            inner = {masked_text(str(key)): shape_of(one, depth=depth + 1) for key, one in some}
            return inner if len(value) <= _KEYS else {**inner, "…": f"{len(value) - _KEYS} more"}
        case list() if depth < _DEEPEST:
            return [shape_of(one, depth=depth + 1) for one in value[:1]]
        case _:
            return _kind(value)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"
