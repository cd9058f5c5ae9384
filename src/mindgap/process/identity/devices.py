"""Whose a browser or device is: the one person's whom it was seen with; a shared one is nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mindgap.process.identity.columns import Columns
from mindgap.process.identity.joining import Joined
from mindgap.process.identity.ordering import Flags, Ints, Small, begins, in_groups, reduced
from mindgap.process.identity.ties import CONFIRMED, VOUCHED, Edges, Ties, decided_edges

UNVERIFIED = "unverified"
REASONS = ("", "shared-device", "unsigned", UNVERIFIED)
"""Why a device is nobody's; in the order of the texts."""
_NONE, _SHARED, _UNSIGNED, _UNVERIFIED = range(4)
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What people decided on devices.

    Attributes:
        confirmed: Device and customer who belong together, and since when.
        apart: Devices and customers who do not.
    """

    confirmed: Mapping[tuple[int, int], int]
    apart: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Columns):
    """Devices and persons who were seen together, a row each pair, by device and person.

    Attributes:
        device: The device.
        person: The person.
        since: When an event that may be used showed it first, microseconds.
        kinds: Kinds of evidence that may be used, a bit each.
        events: In how many events.
        persons: How many persons the device was seen with.
        joins: Whether the device is that person's.
        reason: Why not, where a person may decide on it: its place in REASONS.
    """

    device: Ints
    person: Ints
    since: Ints
    kinds: Ints
    events: Ints
    persons: Ints
    joins: Flags
    reason: Small


def place_devices(ties: Ties, joined: Joined, decided: Decided) -> Seen:
    """Find whose each device is, of those that were seen with a person."""
    owned = claims_of_persons(ties, joined)
    pairs = replace(ties.pairs, left=ties.pairs.right, right=joined.person[ties.pairs.left])
    pairs = pairs.joined(owned.where(owned.trust == VOUCHED))
    pairs = pairs.where(~is_apart(pairs.left, pairs.right, joined=joined, decided=decided))
    confirmed = decided_edges(decided.confirmed, ties.kind(CONFIRMED))
    confirmed = replace(confirmed, right=joined.person[confirmed.right])
    return _judged(pairs.joined(confirmed), confirmed=ties.kind(CONFIRMED))


def claimed(ties: Ties, joined: Joined, decided: Decided, *, seen: Seen) -> Seen:
    """Devices that say an identifier of a person's which nobody vouches for: no more than a proposal."""
    owned = claims_of_persons(ties, joined)
    plain = owned.where((owned.trust != VOUCHED) & owned.is_allowed)
    plain = plain.where(~is_apart(plain.left, plain.right, joined=joined, decided=decided))
    if not len(plain):
        return seen.where(np.zeros(0, np.int64))
    size = len(ties.customers)
    known = seen.device[seen.joins] * size + seen.person[seen.joins]
    plain = plain.where(~np.isin(plain.left * size + plain.right, known))
    found = _judged(plain, confirmed=-1)
    return replace(
        found, joins=np.zeros(len(found), np.bool_), reason=np.full(len(found), _UNVERIFIED, np.int8)
    )


def claims_of_persons(ties: Ties, joined: Joined) -> Edges:
    """Edges from devices to the persons whose identifiers they say."""
    tokens, owners = joined.own
    claims = ties.device_claims
    place = np.searchsorted(tokens, claims.right)
    place[place == len(tokens)] = 0
    found = (tokens[place] == claims.right) if len(tokens) else np.zeros(len(claims), np.bool_)
    return replace(claims, right=owners[place] if len(tokens) else claims.right).where(found)


def is_apart(device: Ints, person: Ints, *, joined: Joined, decided: Decided) -> Flags:
    """Which devices people keep apart from which persons."""
    if not decided.apart:
        return np.zeros(len(device), np.bool_)
    size = len(joined.person)
    kept = [one * size + int(joined.person[customer]) for one, customer in decided.apart]
    return np.isin(device * size + person, np.array(sorted(kept), np.int64))


def _judged(pairs: Edges, *, confirmed: int) -> Seen:
    """One row per device and person, with what the device's other persons leave of it."""
    order, starts = in_groups(pairs.left, pairs.right)
    rows = pairs.where(order)
    usable = rows.is_allowed & (rows.trust > 0)
    device = rows.left[starts]
    is_first = begins(device)
    place = np.cumsum(is_first) - 1
    persons = np.bincount(place)
    is_usable = _any(usable, starts)
    vouched = _any(usable & (rows.trust == VOUCHED), starts)
    sure = _any(rows.kind == confirmed, starts)
    n_vouched, n_sure = _counted(vouched, place), _counted(sure, place)
    alone = (persons[place] == 1) & is_usable
    joins = np.where(n_sure > 0, sure & (n_sure == 1), alone | (vouched & (n_vouched == 1)))
    open_question = is_first & (_counted(joins, place) == 0)
    shared = open_question & (persons[place] > 1) & (_counted(is_usable, place) > 0)
    unsigned = open_question & (persons[place] == 1) & _any(rows.is_allowed, starts)
    return Seen(
        device=device,
        person=rows.right[starts],
        since=reduced(np.minimum, np.where(usable, rows.since, _NEVER), starts),
        kinds=reduced(np.bitwise_or, np.where(usable, np.left_shift(np.int64(1), rows.kind), 0), starts),
        events=reduced(np.add, rows.events, starts),
        persons=persons[place],
        joins=joins,
        reason=np.select([shared, unsigned], [np.int8(_SHARED), np.int8(_UNSIGNED)], np.int8(_NONE)),
    )


def _counted(chosen: Flags, place: Ints) -> Ints:
    """By row: of how many rows at the same place this is so."""
    return np.bincount(place[chosen], minlength=int(place[-1]) + 1 if len(place) else 0)[place]


def _any(values: Flags, starts: Ints) -> Flags:
    return np.logical_or.reduceat(values, starts) if len(starts) else values
