"""Consent at the door: what a message may be used for, and whether it may be kept at all."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mindgap.collect.events.stream_options import CATEGORIES, StreamOptions
from mindgap.kernel.purposes import Purpose

PREFERENCE_EVENT = "Segment Consent Preference Updated"
"""The event by which consent tools report a choice; it is a receipt and always kept."""

_ORDER_EVENTS = "Order ", "Payment ", "Checkout "
"""What an event's name begins with when serving an order needs it."""


class Door(NamedTuple):
    """What one source lets in.

    Attributes:
        allowed: Its purposes.
        opt_in: Whether a purpose needs to be granted.
        categories: Purposes by consent category, in lower case.
    """

    allowed: frozenset[Purpose]
    opt_in: bool
    categories: Mapping[str, tuple[Purpose, ...]]


def door(options: StreamOptions) -> Door:
    """The rules of a source, worked out once."""
    own = {name.lower(): purposes for name, purposes in options.categories.items()}
    return Door(frozenset(options.purposes), options.consent == "opt-in", {**CATEGORIES, **own})


def purposes(rules: Door, name: str, *, preferences: Any, opted_out: bool) -> frozenset[Purpose]:
    """What a message may be used for; none at all means that it must not be kept.

    Args:
        rules: Of its source.
        name: The event's name; empty for what has none.
        preferences: Its `context.consent.categoryPreferences`, whatever was sent there.
        opted_out: Whether `Sec-GPC: 1` came with it: the sale and sharing of data, and advertising by it, are
            off (Global Privacy Control; CCPA 1798.135, read here as marketing).

    What serves an order is kept for that alone; nothing else is operations.
    """
    if name == PREFERENCE_EVENT:
        return frozenset({Purpose.PRIVACY})
    granted, denied = decided(rules, preferences)
    left = rules.allowed - {Purpose.OPERATIONS, Purpose.PRIVACY}
    left = left & granted if rules.opt_in else left - denied
    if opted_out:
        left -= {Purpose.MARKETING}
    if Purpose.OPERATIONS in rules.allowed and name.startswith(_ORDER_EVENTS):
        left |= {Purpose.OPERATIONS}
    return left


def decided(rules: Door, preferences: Any) -> tuple[frozenset[Purpose], frozenset[Purpose]]:
    """The purposes that were granted and those that were denied; what one category denies is denied.

    >>> rules = door(StreamOptions())
    >>> granted, denied = decided(rules, {"Analytics": True, "Advertising": False})
    >>> [purpose.value for purpose in (*granted, *denied)]
    ['analytics', 'marketing']
    """
    if not isinstance(preferences, Mapping):
        return frozenset(), frozenset()
    granted: set[Purpose] = set()
    denied: set[Purpose] = set()
    for category, choice in preferences.items():
        (granted if choice is True else denied).update(rules.categories.get(str(category).lower(), ()))
    return frozenset(granted - denied), frozenset(denied)
