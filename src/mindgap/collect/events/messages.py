"""From a message of the log to a row of the table `events`, or to the reason why it is set aside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from mindgap.collect.events.clocks import corrected, moment
from mindgap.collect.events.consent import Door, door, purposes
from mindgap.collect.events.event_fields import address, fields_of, host, own_text
from mindgap.collect.events.event_row import EventRow, bucket, row_id
from mindgap.collect.events.personal import Looker, has_address, has_number, is_spoken
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.strict import Fault, parse
from mindgap.collect.events.tracking_plan import TrackingPlan
from mindgap.collect.events.user_ids import UNSIGNED, standing
from mindgap.kernel.purposes import Purpose
from mindgap.store.log import Entry
from mindgap.trust.identifiers import VOUCHED

NO_PURPOSE = "no-purpose"
"""Reason of a message that must not be kept, nor set aside: the source's purposes became fewer."""
MESSAGE_ID_LENGTH, CUSTOMER_ID_LENGTH = 100, 200
_TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})
_TRAITS_ARE_MEANT = frozenset({"identify", "group"})
_NOT_KEPT = frozenset(
    {"ip", "$ip", "$current_url", "$referrer", "$session_entry_url", "$session_entry_referrer"}
)
"""Internet addresses, and PostHog's addresses of pages, of which `context.page` says what may be kept."""
_IN_COLUMNS = frozenset({"ip", "$ip", "page", "traits", "userHash"})
_ADDRESSES = ("url", "referrer", "tab_url", "initial_referrer")
_PAGES = frozenset({"page", "screen"})
_MOST_KNOWN_NAMES = 10_000
_LOOKER = Looker()
_Persons = tuple[str | None, str | None, str | None]
_Claim = tuple[str | None, str | None, str | None, str | None]
_Clocks = tuple[datetime, datetime | None, datetime | None, datetime]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the messages of one source are read.

    Attributes:
        options: Its options.
        rules: Its consent rules, worked out.
        plan: Its tracking plan.
        region: Country of phone numbers without a country code, ISO 3166 alpha-2.
        identity_secret: Under which user ids are signed; empty where they are not.
        known: What events of a name may be used for where they say nothing of consent; reading adds to it.
    """

    options: StreamOptions
    rules: Door
    plan: TrackingPlan = field(default_factory=TrackingPlan)
    region: str = "US"
    identity_secret: str = ""
    known: dict[str, str] = field(default_factory=dict)


def reading(
    options: StreamOptions, plan: TrackingPlan | None = None, *, region: str = "US", identity_secret: str = ""
) -> Reading:
    """How the messages of a source with these options are read."""
    return Reading(options, door(options), plan or TrackingPlan(), region, identity_secret)


def read_messages(entry: Entry, how: Reading) -> Iterator[EventRow | Fault]:
    """What each message of an entry is, in their order: a row, or why there is none.

    A row whose identifiers are not None is in the clear: loop/sealing.py seals it before it is kept.
    """
    try:
        context = parse(entry.context) if entry.context else {}
    except Fault as fault:
        yield from (fault for _ in entry.messages)
        return
    batch = _Batch(entry, context, _sent(entry.sent_at), how)
    for message in entry.messages:
        try:
            yield _row(message, batch)
        except Fault as fault:
            yield fault


class _Batch(NamedTuple):
    """What the messages of an entry have in common."""

    entry: Entry
    context: Mapping[str, Any]
    sent_at: datetime | None
    how: Reading


def _row(raw: bytes, batch: _Batch) -> EventRow:
    """The columns in their order (kernel.tables.EVENTS); by position, which takes half the time of names."""
    message, entry, how = parse(raw), batch.entry, batch.how
    kind, name = _kind_and_name(message)
    context = _context(kind, message, batch)
    message_id = _id(message, "messageId", MESSAGE_ID_LENGTH) or _made_up_id(raw)
    persons, said_of_user = _believed(kind, _persons(message), context, how=how)
    allowed = _purposes(name if kind == "track" else "", context, batch)
    traits = _traits(kind, message, context)
    properties = _without(_mapping(message, "properties"), _NOT_KEPT)
    page = _page(kind, properties, context)
    if kind in _PAGES:
        name = name or own_text(properties.get("name")) or ""
        properties = _public(properties)
    if how.plan.schemas and how.options.plan_mode == "quarantine":
        _check(how.plan, _planned(kind, name, properties=properties, traits=traits))
    around = _without(context, _IN_COLUMNS)
    texts = _json(properties), _json(traits), _json(around)
    is_personal = _is_personal(kind, name, (properties, traits, around), texts=texts)
    return EventRow(
        row_id(entry.source, message_id),
        entry.source,
        message_id,
        kind,
        name or None,
        *_clocks(message, batch),
        *persons,
        own_text(message.get("channel")) or own_text(context.get("channel")) or how.options.channel,
        allowed,
        *fields_of(properties, context, category=message.get("category")),
        *page,
        *texts,
        _identifiers(how, said_of_user, is_personal=is_personal),
        bucket(persons[0], persons[1]),
    )


def _is_personal(
    kind: str, name: str, objects: tuple[Mapping[str, Any], ...], *, texts: tuple[str, ...]
) -> bool:
    """Whether anything in properties, traits and context names or reaches a person, or is in their words."""
    properties, traits, context = objects
    told, of_person, around = texts
    return (
        _LOOKER.is_personal(properties, spoken=is_spoken(name))
        or (bool(traits) and (_LOOKER.is_personal(traits, person=kind != "group") or has_number(of_person)))
        or _LOOKER.is_personal(context)
        or (("@" in told or "%40" in told) and has_address(told))
        or ("@" in of_person and has_address(of_person))
        or ("@" in around and has_address(around))
    )


def _identifiers(how: Reading, said_of_user: str, *, is_personal: bool) -> str | None:
    """The column of identifiers until they are sealed: who vouches for them, and for the user id."""
    if not is_personal:
        return said_of_user or None
    vouched = VOUCHED if how.options.trusted else ""
    return f"{vouched} {said_of_user}" if said_of_user else vouched


def _believed(
    kind: str, persons: _Persons, context: Mapping[str, Any], *, how: Reading
) -> tuple[_Claim, str]:
    """Customer, device, former id and the customer who is only claimed; and what vouches for the first.

    That is told where it could join something.
    """
    customer, device, previous = persons
    if customer is None:
        return (*persons, None), ""
    stands = standing(customer, context, secret=how.identity_secret, trusted=how.options.trusted)
    if stands == UNSIGNED:
        return (None, device, previous, customer), ""
    return (*persons, None), stands if device or kind == "alias" else ""


def _context(kind: str, message: Mapping[str, Any], batch: _Batch) -> Mapping[str, Any]:
    """What stands around a message; of the call `group` it says which group, as clients say it elsewhere."""
    context = _merged(batch.context, _mapping(message, "context"))
    if kind != "group":
        return context
    return {**context, "groupId": _id(message, "groupId", CUSTOMER_ID_LENGTH)}


def _kind_and_name(message: Mapping[str, Any]) -> tuple[str, str]:
    kind = message.get("type")
    if kind is None or kind == "":
        raise Fault("no-type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Fault("unknown-type")
    said = message.get("event" if kind == "track" else "name")
    if not isinstance(said, str):
        if said is not None:
            raise Fault("wrong-type", "event" if kind == "track" else "name")
        return kind, ""
    return kind, said


def _persons(message: Mapping[str, Any]) -> _Persons:
    customer = _id(message, "userId", CUSTOMER_ID_LENGTH)
    anonymous = _id(message, "anonymousId", CUSTOMER_ID_LENGTH)
    previous = _id(message, "previousId", CUSTOMER_ID_LENGTH)
    if customer is None and anonymous is None:
        raise Fault("no-id")
    return customer, anonymous, previous


def _id(message: Mapping[str, Any], key: str, longest: int) -> str | None:
    """An id as text; None where it is null, empty or not there."""
    said = message.get(key)
    if said is None:
        return None
    if not isinstance(said, str):
        said = own_text(said)
        if said is None:
            raise Fault("wrong-type", key)
    if len(said) > longest:
        raise Fault("id-too-long", key)
    return said if said and not said.isspace() else None


def _made_up_id(raw: bytes) -> str:
    """The id of a message that has none: the same bytes are the same message."""
    return f"hash:{blake2b(raw, digest_size=16).hexdigest()}"


def _purposes(name: str, context: Mapping[str, Any], batch: _Batch) -> str:
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    how, opted_out = batch.how, batch.entry.opted_out
    plain = preferences is None and not opted_out
    allowed = how.known.get(name) if plain else None
    if allowed is None:
        found = purposes(how.rules, name, preferences=preferences, opted_out=opted_out)
        allowed = " ".join(purpose for purpose in Purpose if purpose in found)
        if plain and len(how.known) < _MOST_KNOWN_NAMES:
            how.known[name] = allowed
    if not allowed:
        raise Fault(NO_PURPOSE)
    return allowed


def _sent(said: Any) -> datetime | None:
    """When the client sent it; what cannot be read corrects nothing, and harms nothing."""
    try:
        return moment(said)
    except Fault:
        return None


def _traits(kind: str, message: Mapping[str, Any], context: Mapping[str, Any]) -> Mapping[str, Any]:
    """The traits; the RudderStack client for Python has them in the context. Those of a group are its own."""
    own = _mapping(message, "traits")
    around = context.get("traits") if kind != "group" else None
    return _without({**around, **own} if isinstance(around, dict) else own, _NOT_KEPT)


def _clocks(message: Mapping[str, Any], batch: _Batch) -> _Clocks:
    said = moment(message.get("timestamp") or message.get("originalTimestamp"))
    sent = _sent(message.get("sentAt")) or batch.sent_at
    received = batch.entry.received_at
    return corrected(said=said, sent=sent, received=received), said, sent, received


def _page(
    kind: str, properties: Mapping[str, Any], context: Mapping[str, Any]
) -> tuple[str | None, str | None, str | None]:
    """Address, referrer and title of the page: its own event tells them in its properties."""
    said = context.get("page")
    page = said if isinstance(said, dict) else {}
    if kind in _PAGES:
        page = {**page, **properties}
    return address(page.get("url")), host(page.get("referrer")), own_text(page.get("title"))


def _check(plan: TrackingPlan, planned: tuple[str, Mapping[str, Any]]) -> None:
    place = plan.breach(*planned)
    if place:
        raise Fault("against-plan", place)


def is_against_plan(row: EventRow, plan: TrackingPlan) -> bool:
    """Whether an event that was kept is against the plan of its source."""
    name = _planned(row.type, row.name or "", properties={}, traits={})[0]
    if not plan.has(name):
        return False
    properties, traits = msgspec.json.decode(row.properties), msgspec.json.decode(row.traits)
    return bool(plan.breach(*_planned(row.type, row.name or "", properties=properties, traits=traits)))


def _planned(
    kind: str, name: str, *, properties: Mapping[str, Any], traits: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Under which name the plan has an event, and what the plan is about."""
    return name if kind == "track" else kind, traits if kind in _TRAITS_ARE_MEANT else properties


def _mapping(message: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    said = message.get(key)
    if isinstance(said, dict):
        return said
    if said is not None and said != "":
        raise Fault("wrong-type", key)
    return {}


def _merged(batch: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message says, and what it does not say itself from its batch; objects inside likewise."""
    if not batch:
        return own
    merged = {**batch, **own}
    for key, value in own.items():
        inherited = batch.get(key)
        if isinstance(value, dict) and isinstance(inherited, dict):
            merged[key] = {**inherited, **value}
    return merged


def _without(values: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    if names.isdisjoint(values):
        return values
    return {name: value for name, value in values.items() if name not in names}


def _public(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page's properties without what its address carries behind `?`: tokens and addresses stand there."""
    addresses = {name: address(properties[name]) for name in _ADDRESSES if name in properties}
    return {**_without(properties, frozenset({"search"})), **addresses}


def _json(values: Mapping[str, Any]) -> str:
    return _ENCODER.encode(values).decode() if values else "{}"


_ENCODER = msgspec.json.Encoder()
