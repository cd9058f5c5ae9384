"""The door: what of a delivery may be kept goes into an entry of the log; the rest is only counted."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from mindgap.collect.events.consent import Door, purposes
from mindgap.collect.events.delivery import Delivery, Rejected
from mindgap.collect.events.envelopes import UNREADABLE
from mindgap.store.log import Entry


class Head(msgspec.Struct, rename="camel"):
    """What the door looks at in a message.

    Attributes:
        type: track, identify, ...
        event: The event's name.
        user_id: The customer.
        anonymous_id: The browser or device.
        previous_id: Of alias: the id before.
        context: The context, unread.
    """

    type: Any = None
    event: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    context: Raw = Raw()

    @property
    def has_id(self) -> bool:
        """Whether it says whose it is."""
        ids = self.user_id, self.anonymous_id, self.previous_id
        return any(type(one) in {str, int, float} and one != "" for one in ids)

    @property
    def name(self) -> str:
        """The event's name; nothing where it is no event."""
        tracked = self.type is None or self.type == "track"
        return self.event if tracked and isinstance(self.event, str) else ""


class _Context(msgspec.Struct):
    consent: Any = None


_CONSENT = re.compile(rb"consent")  # finds it faster than `in` does
_HEADS = msgspec.json.Decoder(Head)
_CONTEXTS = msgspec.json.Decoder(_Context)


def entry(delivery: Delivery, *, received_at: datetime, opted_out: bool) -> Entry:
    """What is to be stored of a delivery.

    Args:
        delivery: The delivery, with a message at least.
        received_at: When it arrived, naive UTC.
        opted_out: Whether `Sec-GPC: 1` came with it.

    Raises:
        Rejected: None of its messages has an id, and a client sent it.
    """
    messages = delivery.messages
    # what services and connectors give is never sent again with ids: it is set aside rather than refused
    if delivery.source.kind == "http" and not any(head(message).has_id for message in messages):
        raise Rejected(400, "no-id", "No message says whose it is. Give each a userId or an anonymousId.")
    if _every_one_may(delivery, opted_out=opted_out):
        kept = messages
    else:
        kept = _those_that_may(delivery, opted_out=opted_out)
    return Entry(
        source=delivery.source.name,
        received_at=received_at,
        messages=kept,
        sent_at=delivery.sent_at,
        context=delivery.context,
        opted_out=opted_out,
        refused=len(messages) - len(kept),
    )


def head(message: bytes) -> Head:
    """What the door sees of a message; of one that cannot be read, nothing.

    >>> head(b'{"event": "Order Completed", "userId": "u1", "total": NaN}').name
    'Order Completed'
    """
    try:
        return _HEADS.decode(message)
    except UNREADABLE:
        return _lenient_head(message)


def preferences(context: bytes | Raw) -> Any:
    """The consent that a context carries: its `consent.categoryPreferences`; None without one.

    >>> preferences(b'{"consent": {"categoryPreferences": {"Analytics": false}}}')
    {'Analytics': False}
    """
    if not bytes(context):
        return None
    try:
        consent = _CONTEXTS.decode(context).consent
    except UNREADABLE:
        consent = _lenient_object(bytes(context)).get("consent")
    return consent.get("categoryPreferences") if isinstance(consent, dict) else None


def _every_one_may(delivery: Delivery, *, opted_out: bool) -> bool:
    """Whether all may be kept without a look at each: none says anything of consent, and none needs to."""
    if not purposes(delivery.source.rules, "", preferences=None, opted_out=opted_out):
        return False
    whole = b"".join((delivery.context, *delivery.messages))
    # names may be written with escapes, as in \u0063onsent; a lone backslash is found much faster
    return not _CONSENT.search(whole) and (b"\\" not in whole or b"\\u00" not in whole)


def _those_that_may(delivery: Delivery, *, opted_out: bool) -> Sequence[bytes]:
    rules, inherited = delivery.source.rules, preferences(delivery.context)
    return [one for one in delivery.messages if _may(rules, one, inherited, opted_out=opted_out)]


def _may(rules: Door, message: bytes, inherited: Any, *, opted_out: bool) -> bool:
    seen = head(message)
    own = preferences(seen.context)
    said = inherited if own is None else own
    return bool(purposes(rules, seen.name, preferences=said, opted_out=opted_out))


def _lenient_head(message: bytes) -> Head:
    found = _lenient_object(message)
    context = json.dumps(found.get("context")).encode()
    return Head(
        type=found.get("type"),
        event=found.get("event"),
        user_id=found.get("userId"),
        anonymous_id=found.get("anonymousId"),
        previous_id=found.get("previousId"),
        context=Raw(context),
    )


def _lenient_object(text: bytes) -> dict[str, Any]:
    """An object that may hold NaN, lone surrogates and the like; of what is none, an empty one."""
    try:
        found = json.loads(text.decode("utf-8", "surrogateescape"), parse_int=float)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
