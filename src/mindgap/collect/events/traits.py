"""What a client says of a customer: which of it is an attribute, and what names a person and is left out.

The same words decide as for the columns of a file (synonyms.toml).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from mindgap.collect.events.clocks import moment
from mindgap.collect.events.strict import Fault
from mindgap.collect.files.contents import contents_of, is_contact
from mindgap.collect.files.fields import is_named_after_a_person
from mindgap.collect.files.synonyms import EXACT, fit, normalised, vocabulary
from mindgap.trust.keys import is_sealed

_FIELDS = ("joined_at", "birth_year", "age_group", "gender", "region", "income_group", "household_size")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST = 200
_PICTURES = frozenset({"avatar", "photo", "picture", "image", "website"})
_MOST = 50
_PLACES = ("city", "state", "region", "country")
"""What of an address is kept: where somebody lives, and not at which door."""


def attributes(traits: str) -> dict[str, Any]:
    """Columns of `customers` that traits fill, with a mapping `traits` of what is left.

    >>> attributes('{"email": "a@b.c", "gender": "f", "plan": "gold", "address": {"city": "Ulm"}}')
    {'gender': 'f', 'region': 'Ulm', 'traits': {'plan': 'gold'}}

    Args:
        traits: A JSON object.
    """
    found: dict[str, Any] = {}
    others: dict[str, str] = {}
    for name, value in _plain(msgspec.json.decode(traits)):
        field = _field(name)
        if field:
            read = _read(field, value)
            if read is not None:
                found.setdefault(field, read)
        elif not _names_a_person(name, value) and len(others) < _MOST:
            others[name] = value
    return {**found, "traits": others} if others else found


def _plain(traits: Any) -> Iterator[tuple[str, str]]:
    """Traits that are single values, as texts; of an address its places."""
    if not isinstance(traits, Mapping):
        return
    for name, value in traits.items():
        match value:
            case bool():
                yield name, "true" if value else "false"
            case str() | int() | float() if 0 < len(str(value).strip()) <= _LONGEST:
                yield name, str(value).strip()
            case Mapping() if normalised(name) == "address":
                yield from _plain({place: value[place] for place in _PLACES if place in value})
            case _:
                pass


@cache
def _field(name: str) -> str:
    """The column that a trait of this name fills; empty for none."""
    label = normalised(name)
    names = vocabulary().fields["customers"]
    return next((field for field in _FIELDS if fit(label, names[field]) >= EXACT), "")


def _read(field: str, value: str) -> str | int | datetime | None:
    match field:
        case "joined_at":
            try:
                return moment(value)
            except Fault:
                return None
        case "birth_year":
            year = _YEAR.search(value)
            return int(year.group()) if year else None
        case _:
            return None if is_sealed(value) or is_contact(value) else value


def _names_a_person(name: str, value: str) -> bool:
    return is_sealed(value) or _is_personal(name) or is_contact(value)


@cache
def _is_personal(name: str) -> bool:
    return normalised(name) in _PICTURES or is_named_after_a_person(
        name, contents_of([str(n) for n in range(20)])
    )
