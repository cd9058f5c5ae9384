"""Ids that something says are one person and that were held apart all the same, each with the reason."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from mindgap.process.identity.devices import UNVERIFIED
from mindgap.process.identity.joining import Guards, Joined
from mindgap.process.identity.ordering import Ints, begins, in_groups, in_order, numbered
from mindgap.process.identity.settling import KEPT_APART
from mindgap.process.identity.ties import VOUCHED, Edges, Ties

TOO_MANY = "too-many-customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Pairs of customers, one row each.

    Attributes:
        first: The customer who was known first.
        second: The other one.
        reason: Why they were held apart.
        kinds: Kinds of evidence, a bit each.
        events: In how many events.
        since: When it was first seen.
    """

    first: Ints
    second: Ints
    reason: list[str]
    kinds: Ints
    events: Ints
    since: Ints


def doubts(ties: Ties, joined: Joined, guards: Guards) -> Doubts:
    """What was held apart."""
    rows = np.flatnonzero(
        joined.claims.is_allowed & (joined.claims.trust > 0) & (joined.declared <= guards.most_customers)
    )
    rows = rows[_is_open(joined, rows)]
    claims = joined.claims.where(rows)
    order = np.lexsort((claims.left, ties.known[claims.left], -claims.trust))
    rows = rows[order[in_order(claims.right[order])]]
    token = joined.claims.right[rows]
    starts = begins(token)
    anchor = rows[starts][np.cumsum(starts) - 1]
    person = joined.person
    other = person[joined.claims.left[rows]] != person[joined.claims.left[anchor]]
    return _pairs(ties, joined, guards, ends=(anchor[other], rows[other]))


def nobodys(joined: Joined, guards: Guards) -> tuple[Edges, Ints]:
    """Identifiers that too many declare: one edge of each, and how many customers they are."""
    rows = np.flatnonzero(joined.declared > guards.most_customers)
    order, starts = in_groups(joined.claims.right[rows])
    chosen = rows[order]
    edges = joined.claims.where(chosen[starts])
    if not len(starts):
        return edges, starts
    totals = replace(
        edges,
        events=np.add.reduceat(joined.claims.events[chosen], starts),
        since=np.minimum.reduceat(joined.claims.first[chosen], starts),
    )
    return totals, joined.declared[chosen[starts]]


def _is_open(joined: Joined, rows: Ints) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows are of an identifier that more than one person has."""
    _, code = numbered(joined.claims.right[rows])
    count = int(code.max()) + 1 if len(code) else 0
    least, most = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    person = joined.person[joined.claims.left[rows]]
    np.minimum.at(least, code, person)
    np.maximum.at(most, code, person)
    return (least != most)[code]


def _pairs(ties: Ties, joined: Joined, guards: Guards, *, ends: tuple[Ints, Ints]) -> Doubts:
    """One row per pair, of all that ties the two."""
    claims, size = joined.claims, len(ties.customers)
    left, right = claims.left[ends[0]], claims.left[ends[1]]
    was, then = ties.known[left], ties.known[right]
    first, second = np.where((was < then) | ((was == then) & (left < right)), (left, right), (right, left))
    apart = [one * size + other for pair in guards.apart for one, other in (pair, pair[::-1])]
    told = ~np.isin(first * size + second, np.array(sorted(apart), np.int64))
    reasons = np.array([_reason(joined, *pair) for pair in zip(*(end.tolist() for end in ends), strict=True)])
    told &= reasons != "" if len(reasons) else told
    one, other = ends[0][told], ends[1][told]
    order, starts = in_groups(first[told], second[told])
    one, other, found = one[order], other[order], reasons[told][order]
    if not len(starts):
        return Doubts(first=starts, second=starts, reason=[], kinds=starts, events=starts, since=starts)
    bounds = [*starts.tolist(), len(order)]
    return Doubts(
        first=first[told][order][starts],
        second=second[told][order][starts],
        reason=[str(min(found[a:b])) for a, b in pairwise(bounds)],
        kinds=np.bitwise_or.reduceat(np.left_shift(np.int64(1), claims.kind[other]), starts),
        events=np.add.reduceat(claims.events[one] + claims.events[other], starts),
        since=np.minimum.reduceat(np.maximum(claims.since[one], claims.since[other]), starts),
    )


def _reason(joined: Joined, one: int, other: int) -> str:
    """Why an edge did not join, given the one by which its identifier was known first; empty for none."""
    if joined.claims.trust[one] < VOUCHED or joined.claims.trust[other] < VOUCHED:
        return UNVERIFIED
    reason = joined.held.get(other) or joined.held.get(one) or ""
    return "" if reason == KEPT_APART else reason
