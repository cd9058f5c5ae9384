"""Before anything is kept: what names a person is sealed under their key, and its token kept beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.hmac import HMAC

from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import Reading
from mindgap.collect.events.personal import identifiers, is_spoken, without_persons
from mindgap.collect.events.user_ids import is_finished
from mindgap.loop.sorting import Readings
from mindgap.store.keys import TOKENS, Keys, key_of
from mindgap.trust.identifiers import VOUCHED, IdentifierKind, column_of, keyed, normalise, token
from mindgap.trust.keys import Cipher, holder_of, sealed

_Objects = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


class _Ready(NamedTuple):
    """Keys made ready for many rows: by holder, and the one of tokens."""

    ciphers: Mapping[str, Cipher]
    tokens: HMAC


def seal_rows(rows: Sequence[EventRow], keys: Keys, readings: Readings) -> list[EventRow]:
    """These rows as they may be kept; those with nothing personal are as they were.

    Args:
        rows: As they were read (collect.events.messages).
        keys: Gives each person's key, and makes it.
        readings: How each source is read.
    """
    holders = [None if is_finished(row.identifiers) else _holder(row) for row in rows]
    named = {holder for holder in holders if holder is not None}
    if not named:
        return list(rows)
    held = keys.made({TOKENS, *named})
    ready = _Ready({holder: Cipher(held[holder]) for holder in named}, keyed(held[TOKENS]))
    return [
        row if holder is None else _sealed(row, holder, ready, readings=readings)
        for row, holder in zip(rows, holders, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class ImportSeals:
    """What an import keeps of what names a person (store.importing.Seals).

    Attributes:
        keys: Gives each customer's key, and makes it.
        region: Country of phone numbers without a country code, ISO 3166 alpha-2.
    """

    keys: Keys
    region: str

    def tokens(self, kinds: Sequence[IdentifierKind], values: Sequence[str | None]) -> list[str | None]:
        """A token for each identifier that is one; whoever made the file vouches for it."""
        key = keyed(key_of(self.keys, TOKENS))
        found: list[str | None] = []
        for kind, value in zip(kinds, values, strict=True):
            plain = None if value is None else normalise(kind, value, self.region)
            found.append(None if plain is None else VOUCHED + token(kind, plain, key))
        return found

    def words(self, customer_ids: Sequence[str | None], texts: Sequence[str | None]) -> list[str | None]:
        """Texts sealed under the keys of the customers they are of."""
        holders = [holder_of(customer_id, None) for customer_id in customer_ids]
        given = [holder for holder, text in zip(holders, texts, strict=True) if text is not None]
        held = {holder: Cipher(key) for holder, key in self.keys.made(set(given)).items()}
        return [
            None if text is None else sealed(text, held[holder], holder)
            for holder, text in zip(holders, texts, strict=True)
        ]


def _holder(row: EventRow) -> str:
    return holder_of(row.customer_id, row.anonymous_id)


def _sealed(row: EventRow, holder: str, ready: _Ready, *, readings: Readings) -> EventRow:
    cipher = ready.ciphers[holder]

    def seal(text: str) -> str:
        return sealed(text, cipher, holder)

    properties, traits, context = told = _objects(row)
    how, is_group = readings(row.source), row.type == "group"
    region = how.region if isinstance(how, Reading) else "US"
    found = _said(row, ({} if is_group else traits, properties, context))
    tokens = {
        token(kind, plain, ready.tokens) for kind, value in found if (plain := normalise(kind, value, region))
    }
    spoken = is_spoken(row.name or "")
    safe = (
        without_persons(properties, seal, spoken=spoken),
        without_persons(traits, seal, person=not is_group),
        without_persons(context, seal),
    )
    texts = [
        _ENCODER.encode(new).decode() if new != old else None for new, old in zip(safe, told, strict=True)
    ]
    return row._replace(
        properties=texts[0] or row.properties,
        traits=texts[1] or row.traits,
        context=texts[2] or row.context,
        identifiers=_column(row.identifiers or "", tokens),
    )


def _column(said: str, tokens: set[str]) -> str | None:
    """The tokens, vouched for or not, and what was said of the user id before."""
    vouched, _blank, of_user = said.partition(" ")
    return " ".join(filter(None, (column_of(tokens, vouched=vouched == VOUCHED), of_user))) or None


def _objects(row: EventRow) -> _Objects:
    read = _DECODER.decode
    return read(row.properties), read(row.traits), read(row.context)


def _said(row: EventRow, objects: _Objects) -> Iterator[tuple[IdentifierKind, str]]:
    """What the person is reached or known by; an address that serves as the customer's id too."""
    if row.customer_id is not None and "@" in row.customer_id:
        yield "email", row.customer_id
    traits, properties, context = objects
    yield from identifiers(traits, properties, context)


_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder()
