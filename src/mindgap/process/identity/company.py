"""Whose a device is that was seen with nobody: that of the devices which are known to be the same one."""

from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mindgap.process.identity.coding import EVER
from mindgap.process.identity.devices import Decided, Seen, is_apart
from mindgap.process.identity.joining import Joined
from mindgap.process.identity.ordering import Ints, in_groups, numbered
from mindgap.process.identity.ties import Edges, Ties

_DEVICE = "device"
_NEVER = np.iinfo(np.int64).max


def place_by_company(ties: Ties, joined: Joined, decided: Decided, *, seen: Seen) -> Seen:
    """Devices that an alias or a device's own identifier ties to devices of one person, and to no other's."""
    links = _links(ties)
    if not len(links):
        return seen.where(np.zeros(0, np.int64))
    witnesses = _witnesses(ties, joined, seen)
    nodes, component = _components(links)
    person, known = _of_components(nodes, component, witnesses)
    order, starts = in_groups(links.left)
    own = links.where(order)
    device = own.left[starts]
    place = component[np.searchsorted(nodes, device)]
    owner = person[place]
    alone = (owner >= 0) & ~np.isin(device, seen.device)
    alone &= ~is_apart(device, owner, joined=joined, decided=decided)
    if not alone.any():
        return seen.where(np.zeros(0, np.int64))
    first = np.minimum.reduceat(own.since, starts)
    return Seen(
        device=device,
        person=owner,
        since=np.maximum(first, known[place]),
        kinds=np.bitwise_or.reduceat(np.left_shift(np.int64(1), own.kind), starts),
        events=np.add.reduceat(own.events, starts),
        persons=np.ones(len(device), np.int64),
        joins=alone,
        reason=np.zeros(len(device), np.int8),
    ).where(alone)


def _links(ties: Ties) -> Edges:
    """From devices to other devices, in both directions, and to their own identifiers."""
    renames = ties.renames
    claims = ties.device_claims.where(ties.device_claims.kind == ties.kind(_DEVICE))
    claims = replace(claims, right=claims.right + len(ties.devices))
    every = renames.joined(replace(renames, left=renames.right, right=renames.left), claims)
    return every.where(every.is_allowed & (every.trust > 0))


def _witnesses(ties: Ties, joined: Joined, seen: Seen) -> tuple[Ints, Ints, Ints]:
    """Devices and devices' identifiers that tell of a person: which, of whom, since when."""
    claims = ties.claims.where(ties.claims.kind == ties.kind(_DEVICE))
    usable = claims.is_allowed & (claims.trust > 0)
    return (
        np.r_[seen.device, claims.right + len(ties.devices)],
        np.r_[seen.person, joined.person[claims.left]],
        np.r_[seen.since, np.where(usable, claims.since, _NEVER)],
    )


def _components(links: Edges) -> tuple[Ints, Ints]:
    nodes, code = numbered(np.r_[links.left, links.right])
    ends = code[: len(links)], code[len(links) :]
    graph = coo_array((np.ones(len(links), np.int8), ends), shape=(len(nodes), len(nodes)))
    return nodes, connected_components(graph, directed=False)[1].astype(np.int64)


def _of_components(nodes: Ints, component: Ints, witnesses: tuple[Ints, Ints, Ints]) -> tuple[Ints, Ints]:
    """By component: its only person, or -1, and since when the person is known there."""
    count = int(component.max()) + 1 if len(component) else 0
    least, most, known = np.full(count, _NEVER), np.full(count, -1), np.full(count, _NEVER)
    if count:
        node, person, since = witnesses
        place = np.minimum(np.searchsorted(nodes, node), len(nodes) - 1)
        there = nodes[place] == node
        group = component[place[there]]
        np.minimum.at(least, group, person[there])
        np.maximum.at(most, group, person[there])
        np.minimum.at(known, group, since[there])
    return np.where((least == most) & (known != _NEVER), most, -1), np.where(known == _NEVER, EVER, known)
