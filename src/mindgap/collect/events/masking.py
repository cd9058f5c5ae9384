"""Messages as they may be shown to whoever looks after a source: without what names a person directly."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from unicodedata import normalize

from mindgap.collect.events.personal import PERSONS, THINGS
from mindgap.collect.files.synonyms import normalised, vocabulary

HIDDEN = "•••"
"""What stands where something was hidden."""
_IDS = frozenset({"userId", "anonymousId", "previousId", "groupId", "user_id", "anonymous_id", "distinct_id"})
_EMAIL = re.compile(
    # bounded, so that a long text without an end takes no more than a look at each sign
    r"[^@\s\"'<>()/=?&]{1,64}@[^@\s\"'<>()/=?&]{1,255}\.[A-Za-z]{2,}"
)
_NUMBERS = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:\+\d[\d ().-]{7,40}\d|1[3-9]\d{9}"  # phone ...
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![0-9A-Za-z_-])"  # ... of America
    r"|(?<![0-9A-Za-z_])\d{17}[\dXx](?![0-9A-Za-z_])"  # identity card
    r"|(?<![0-9A-Za-z_.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9A-Za-z_])"  # IPv4
    r"|(?<![0-9A-Za-z_:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{0,4}(?![0-9A-Za-z_:])"  # IPv6
)
_DEEPEST = 32
_LEFT = 2


def masked(message: Any, *, person: bool = False, depth: int = 0) -> Any:
    """A message with its direct identifiers hidden; ids of customers keep their last two signs.

    Names, e-mail, phone, addresses and the like are told by their keys, and by their looks wherever they
    stand, in addresses of pages and in free text too.

    >>> masked({"userId": "1042", "traits": {"name": "Ada", "plan": "gold"}, "properties": {"name": "Mug"}})
    {'userId': '•••42', 'traits': {'name': '•••', 'plan': 'gold'}, 'properties': {'name': 'Mug'}}
    >>> masked({"properties": {"note": "write to ada@example.com", "url": "https://shop.example/?q=mug"}})
    {'properties': {'note': 'write to •••', 'url': 'https://shop.example/?q=mug'}}

    Args:
        message: Any JSON value.
        person: Whether it is about a person.
        depth: How deep in the message it stands; what is deeper than 32 is hidden whole.
    """
    if depth > _DEEPEST:
        return HIDDEN
    match message:
        case Mapping():
            return {
                masked_text(str(key)): _value(str(key), value, person=person, depth=depth + 1)
                for key, value in message.items()
            }
        case list():
            return [masked(one, person=person, depth=depth + 1) for one in message]
        case str():
            return masked_text(message)
        case int() | float():
            return message if masked_text(str(message)) == str(message) else HIDDEN
        case _:
            return message


def _value(key: str, value: Any, *, person: bool, depth: int) -> Any:
    if key in _IDS:
        return masked_id(value)
    if value not in (None, "", {}, []) and _names_a_person(key, person=person):
        return HIDDEN
    return masked(value, person=person or key.lower() in PERSONS, depth=depth)


def masked_id(value: Any) -> Any:
    """An id of a customer or browser: its last two signs, enough to know one's own test again.

    >>> masked_id("1042"), masked_id("ada@example.com"), masked_id("")
    ('•••42', '•••', '')
    """
    if value in (None, ""):
        return value
    text = str(value)
    return HIDDEN if masked_text(text) != text or len(text) <= _LEFT else HIDDEN + text[-_LEFT:]


def masked_text(text: str) -> str:
    """A text with everything hidden that looks like a person's address or number."""
    plain = normalize("NFKC", text)  # wide digits and signs are read as people read them
    hidden = _NUMBERS.sub(HIDDEN, plain)
    addressed = hidden.replace("%40", "@")
    without = _EMAIL.sub(HIDDEN, addressed) if "@" in addressed else addressed
    hidden = hidden if without == addressed else without
    return text if hidden == plain else hidden


@cache
def _names_a_person(key: str, *, person: bool) -> bool:
    tight = normalised(key).replace(" ", "")
    return tight in _identifiers() and (person or tight not in THINGS)


@cache
def _identifiers() -> frozenset[str]:
    return frozenset(name.replace(" ", "") for name in vocabulary().identifiers)
