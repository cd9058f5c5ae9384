"""Whose a browser or device is: the one person's whom it was seen with; a shared one is nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mindgap.process.identity.coding import Flags, Ints, groups_of
from mindgap.process.identity.joining import Joined
from mindgap.process.identity.ties import CONFIRMED, VOUCHED, Edges, Ties, decided_edges

SHARED, UNSIGNED, UNVERIFIED = "shared-device", "unsigned", "unverified"
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
class Seen:
    """Devices and persons who were seen together, a row each pair, by device and person.

    Attributes:
        device: The device.
        person: The person.
        since: When an event that may be used showed it first, microseconds.
        kinds: Kinds of evidence that may be used, a bit each.
        events: In how many events.
        persons: How many persons the device was seen with.
        joins: Whether the device is that person's.
        reason: Why not, where a person may decide on it; empty elsewhere.
    """

    device: Ints
    person: Ints
    since: Ints
    kinds: Ints
    events: Ints
    persons: Ints
    joins: Flags
    reason: NDArray[np.str_]

    def where(self, chosen: Flags | Ints) -> Self:
        """Some of them."""
        return type(self)(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def stacked(self, other: Self) -> Self:
        """These and others."""
        columns = {
            field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)])
            for field in fields(self)
        }
        return type(self)(**columns)


def place_devices(ties: Ties, joined: Joined, decided: Decided) -> Seen:
    """Find whose each device is, of those that were seen with a person."""
    size = len(ties.customers)
    owned = claims_of_persons(ties, joined)
    pairs = replace(ties.pairs, left=ties.pairs.right, right=joined.person[ties.pairs.left])
    pairs = pairs.joined(owned.where(owned.trust == VOUCHED))
    pairs = pairs.where(~is_apart(pairs.left, pairs.right, joined=joined, decided=decided))
    confirmed = decided_edges(decided.confirmed, ties.kind(CONFIRMED))
    confirmed = replace(confirmed, right=joined.person[confirmed.right])
    return _judged(pairs.joined(confirmed), size=size, confirmed=ties.kind(CONFIRMED))


def claimed(ties: Ties, joined: Joined, decided: Decided, *, seen: Seen) -> Seen:
    """Devices that say an identifier of a person's which nobody vouches for: no more than a proposal."""
    owned = claims_of_persons(ties, joined)
    plain = owned.where((owned.trust != VOUCHED) & owned.is_allowed)
    plain = plain.where(~is_apart(plain.left, plain.right, joined=joined, decided=decided))
    size = len(ties.customers)
    if not len(plain):
        return seen.where(np.zeros(0, np.int64))
    known = seen.device[seen.joins] * size + seen.person[seen.joins]
    plain = plain.where(~np.isin(plain.left * size + plain.right, known))
    found = _judged(plain, size=size, confirmed=-1)
    return replace(
        found, joins=np.zeros(len(found.device), np.bool_), reason=np.full(len(found.device), UNVERIFIED)
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
    size = len(joined.person)
    kept = [one * size + int(joined.person[customer]) for one, customer in decided.apart]
    return np.isin(device * size + person, np.array(sorted(kept), np.int64))


def _judged(pairs: Edges, *, size: int, confirmed: int) -> Seen:
    """One row per device and person, with what the device's other persons leave of it."""
    key = pairs.left * size + pairs.right
    order, starts = groups_of(key)
    rows = pairs.where(order)
    usable = rows.is_allowed & (rows.trust > 0)
    device = rows.left[starts]
    bits = np.left_shift(np.int64(1), rows.kind)
    is_usable = _any(usable, starts)
    _, place, persons = np.unique(device, return_inverse=True, return_counts=True)
    vouched = _any(usable & (rows.trust == VOUCHED), starts)
    sure = _any(rows.kind == confirmed, starts)
    n_vouched = np.bincount(place, vouched, len(persons))[place]
    n_sure = np.bincount(place, sure, len(persons))[place]
    alone = (persons[place] == 1) & is_usable
    joins = np.where(n_sure > 0, sure & (n_sure == 1), alone | (vouched & (n_vouched == 1)))
    n_joins = np.bincount(place, joins, len(persons))[place]
    is_first = np.r_[True, device[1:] != device[:-1]] if len(device) else np.zeros(0, np.bool_)
    in_use = np.bincount(place, is_usable, len(persons))[place] > 0
    open_question = is_first & (n_joins == 0)
    shared = open_question & (persons[place] > 1) & in_use
    unsigned = open_question & (persons[place] == 1) & _any(rows.is_allowed, starts)
    return Seen(
        device=device,
        person=rows.right[starts],
        since=_reduced(np.minimum, np.where(usable, rows.since, _NEVER), starts),
        kinds=_reduced(np.bitwise_or, np.where(usable, bits, 0), starts),
        events=_reduced(np.add, rows.events, starts),
        persons=persons[place],
        joins=joins,
        reason=np.select([shared, unsigned], [SHARED, UNSIGNED], ""),
    )


def _any(values: Flags, starts: Ints) -> Flags:
    return _reduced(np.bitwise_or, values.astype(np.int64), starts) > 0


def _reduced(how: np.ufunc, values: Ints, starts: Ints) -> Ints:
    return how.reduceat(values, starts) if len(starts) else np.zeros(0, np.int64)
