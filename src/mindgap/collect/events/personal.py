"""What of an event names or reaches a person, or is in a person's own words: found, and sealed.

The same words tell it as for columns of files (synonyms.toml); what has the looks of an e-mail address is
found wherever it stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

from mindgap.collect.files.contents import is_contact
from mindgap.collect.files.fields import identifier_kind, is_free_text
from mindgap.collect.files.synonyms import tight, tight_names, vocabulary
from mindgap.trust.identifiers import IdentifierKind

Seal = Callable[[str], str]
"""Seals a text under the key of whom it is about."""
PERSONS = frozenset({"traits", "user", "customer", "person", "contact"})
"""Objects that are about a person: in them a name is a person's."""
THINGS = frozenset({"name", "names", "mail"})
"""Names that, elsewhere, are rather a product's or a campaign's."""
_OF_DEVICES = frozenset({"id", "name", "token", "advertisingid", "advertising_id"})
"""What of `context.device` tells one device from all others; people name theirs after themselves."""
_PLACES = frozenset({"city", "state", "region", "country", "province"})
"""What of an address stays: where somebody lives, and not at which door."""
_NEVER_KEPT = frozenset({"ip", "ipaddress"})
_EMAIL = re.compile(r"[^@\s\"'<>()/=?&]{1,64}(?:@|%40)[^@\s\"'<>()/=?&]{1,255}\.[^\W\d_]{2,}")
_FIGURES = re.compile(r"\d[\d ().-]{5,40}\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MOST_NAMES = 20_000


class Looker:
    """Finds what is personal; remembers names that tell nothing, so that most events cost one comparison."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._harmless: dict[bool, set[str]] = {True: set(), False: set()}

    def is_personal(self, values: Mapping[str, Any], *, person: bool = False, spoken: bool = False) -> bool:
        """Whether anything in an object has to be sealed, by the names; its looks are for `has_address`.

        Args:
            values: A JSON object.
            person: Whether it is about a person.
            spoken: Whether the event's name says that it holds somebody's words.
        """
        known = self._harmless[person]
        if not known.issuperset(values) and self._tells(values, person=person, spoken=spoken):
            return True
        for name, value in values.items():  # a loop takes half the time of any(...)
            kind = type(value)
            if kind is dict:
                if self._is_inside(name, value, person=person, spoken=spoken):
                    return True
            elif kind is list and self._is_among(name, value, person=person, spoken=spoken):
                return True
        return False

    def _tells(self, names: Iterable[str], *, person: bool, spoken: bool) -> bool:
        known = self._harmless[person]
        for name in names:
            if is_named(name, person=person) or is_free_text(name, spoken=spoken):
                return True
            if len(known) < _MOST_NAMES and not is_free_text(name, spoken=True):
                known.add(name)
        return False

    def _is_inside(self, name: str, value: dict[str, Any], *, person: bool, spoken: bool) -> bool:
        if name == "device" and not _OF_DEVICES.isdisjoint(map(str.lower, value)):
            return True
        return self.is_personal(value, person=person or name.lower() in PERSONS, spoken=spoken)

    def _is_among(self, name: str, values: list[Any], *, person: bool, spoken: bool) -> bool:
        for value in values:
            if type(value) is dict and self._is_inside(name, value, person=person, spoken=spoken):
                return True
            if type(value) is list and self._is_among(name, value, person=person, spoken=spoken):
                return True
        return False


def has_address(text: str) -> bool:
    """Whether a text, such as a whole JSON text, holds an e-mail address."""
    return ("@" in text or "%40" in text) and _EMAIL.search(text) is not None


def has_number(text: str) -> bool:
    """Whether a text, such as a whole JSON text, holds as many figures as a phone number."""
    return _FIGURES.search(text) is not None


@lru_cache(maxsize=_MOST_NAMES)
def is_named(name: str, *, person: bool) -> bool:
    """Whether a name says that its value names or reaches a person, or tells when one was born."""
    own = tight(name)
    return (own in _identifiers() and (person or own not in THINGS)) or own in _births()


@lru_cache(maxsize=_MOST_NAMES)
def is_spoken(event_name: str) -> bool:
    """Whether an event's name says that it holds somebody's words."""
    lower = event_name.lower()
    return any(word in lower for word in vocabulary().spoken_in)


def without_persons(
    values: Mapping[str, Any], seal: Seal, *, person: bool = False, spoken: bool = False
) -> dict[str, Any]:
    """An object with all that is personal sealed; a birthday becomes its year, a machine's address goes.

    >>> without_persons({"email": "a@b.c", "plan": "gold", "birthday": "1990-05-02"}, lambda text: "…")
    {'email': '…', 'plan': 'gold', 'birthday': '1990'}

    Args:
        values: A JSON object.
        seal: Seals a text.
        person: Whether it is about a person.
        spoken: Whether the event's name says that it holds somebody's words.
    """
    return {
        name: _told(name, value, seal, person=person, spoken=spoken)
        for name, value in values.items()
        if _manner(name, person=person, spoken=spoken) != "never kept"
    }


_Manner = Literal["never kept", "year only", "sealed", "looked through"]


@lru_cache(maxsize=_MOST_NAMES)
def _manner(name: str, *, person: bool, spoken: bool) -> _Manner:
    """What becomes of a value, by its name."""
    own = tight(name)
    if own in _NEVER_KEPT:
        return "never kept"
    if own in _births():
        return "year only"
    is_telling = is_named(name, person=person) or is_free_text(name, spoken=spoken)
    return "sealed" if is_telling else "looked through"


def _told(name: str, value: Any, seal: Seal, *, person: bool, spoken: bool) -> Any:
    manner = _manner(name, person=person, spoken=spoken)
    if manner == "year only" and (year := _YEAR.search(str(value))):
        return year.group()
    if manner != "looked through":
        return _whole(value, seal)
    match value:
        case dict():
            of_person = person or name.lower() in PERSONS
            return (
                _device(value, seal)
                if name == "device"
                else without_persons(value, seal, person=of_person, spoken=spoken)
            )
        case list():
            return [_told(name, one, seal, person=person, spoken=spoken) for one in value]
        case str() if has_address(value) or (person and is_contact(value)):
            return seal(value)
        case _:
            return value


def _whole(value: Any, seal: Seal) -> Any:
    """A value of which everything is personal; of an address the places stay."""
    match value:
        case dict():
            return {
                name: one if name.lower() in _PLACES else _whole(one, seal) for name, one in value.items()
            }
        case list():
            return [_whole(one, seal) for one in value]
        case None | bool() | "":
            return value
        case _:
            return seal(str(value))


def _device(values: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    rest = {name: value for name, value in values.items() if name.lower() not in _OF_DEVICES}
    told = {name: _whole(value, seal) for name, value in values.items() if name.lower() in _OF_DEVICES}
    return {**without_persons(rest, seal), **told}


def identifiers(
    traits: Mapping[str, Any], properties: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterator[tuple[IdentifierKind, str]]:
    """What an event says that its person is reached or known by, as it is written there."""
    for values in (traits, properties):
        for name, value in values.items():
            kind = identifier_kind(name)
            if kind and _is_one(value):
                yield kind, str(value)
    device = context.get("device")
    if isinstance(device, Mapping):
        for name in ("id", "advertisingId"):
            if _is_one(device.get(name)):
                yield "device", str(device[name])


def _is_one(value: Any) -> bool:
    return type(value) in {str, int} and value != ""


def _identifiers() -> frozenset[str]:
    return tight_names(vocabulary().identifiers)


def _births() -> frozenset[str]:
    return tight_names(vocabulary().fields["customers"]["birth_year"])
