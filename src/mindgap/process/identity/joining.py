"""Which customer ids are one person: what vouched-for identifiers tie, unless a guard holds it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mindgap.process.identity.ordering import Flags, Ints, begins, in_groups, in_order, numbered
from mindgap.process.identity.settling import Rules, Settled, settle
from mindgap.process.identity.ties import CONFIRMED, VOUCHED, Edges, Ties, decided_edges

UNIQUE_KINDS = ("loyalty_card",)
"""Kinds of which a person has one: two of them are two persons."""
MOST_IDS = 20
"""A person with more customer ids than that is refused: a chain of coincidences, not a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What joins customers, and what must not.

    Attributes:
        join_by: Kinds of identifiers that join customers.
        most_customers: An identifier that more customers are vouched to have is nobody's own.
        confirmed: Customers whom people declared one person, each customer a number, and since when.
        apart: Customers whom people keep apart.
    """

    join_by: tuple[str, ...]
    most_customers: int
    confirmed: Mapping[tuple[int, int], int] = field(default_factory=dict)
    apart: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The persons, and what led to them.

    Attributes:
        person: By customer: the number of the customer whose id the person has.
        used: Edges that tie two or more ids of a person; the right end is a token of `claims`, an alias or
            a decision.
        claims: Every edge from a customer to an identifier, an alias or a decision.
        declared: By row of `claims`: how many customers declare that identifier, for whatever purpose.
        own: Identifiers that are vouched for as one person's own, in order, and whose.
        held: Reason by row of `claims`, where the edge was vouched for and held back all the same.
        refused: Persons that would have too many ids: their number of ids, by their first customer.
    """

    person: Ints
    used: Edges
    claims: Edges
    declared: Ints
    own: tuple[Ints, Ints]
    held: Mapping[int, str]
    refused: Mapping[int, int]


def join_customers(ties: Ties, guards: Guards) -> Joined:
    """Find the persons."""
    claims, is_decided = _claims(ties, guards)
    is_vouched = claims.trust == VOUCHED
    declared, vouched_for = _declared(claims, is_vouched)
    few = vouched_for <= guards.most_customers
    strong = claims.is_allowed & is_vouched & (few | is_decided)
    rows = np.flatnonzero(strong)
    rows = rows[_is_shared(claims.right[rows])]
    nodes, component = _components(claims.left[rows], claims.right[rows])
    rules = Rules(labels=_labels(ties, guards), apart=guards.apart)
    size = np.bincount(component) if len(component) else np.zeros(0, np.int64)
    refused = size > MOST_IDS
    doubtful = ~refused & _in_doubt(nodes, component, rules)
    of_row = component[np.searchsorted(nodes, claims.left[rows])]
    smooth = ~refused & ~doubtful
    root = np.arange(len(ties.customers))
    root[nodes] = np.where(smooth[component], _first_of(nodes, component)[component], nodes)
    settled = _settle(
        claims, rows[doubtful[of_row] | (refused[of_row] & is_decided[rows])], rules, is_decided=is_decided
    )
    for customer, own in settled.root.items():
        root[customer] = own
    accepted = np.r_[rows[smooth[of_row]], np.array(sorted(settled.accepted), np.int64)]
    person = _represented(root, nodes, ties.known)
    used = claims.where(accepted)
    used = used.where(_is_shared(used.right, person[used.left]))
    first = _first_of(nodes, component)
    return Joined(
        person=person,
        used=used,
        claims=claims,
        declared=declared,
        own=_owners(claims.where(strong), person),
        held=settled.held,
        refused={int(person[first[n]]): int(size[n]) for n in np.flatnonzero(refused)},
    )


def _owners(claims: Edges, person: Ints) -> tuple[Ints, Ints]:
    """Identifiers of which all that vouch for it name one person, in order, and the person."""
    own = person[claims.left]
    order, starts = in_groups(claims.right)
    if not len(starts):
        return starts, starts
    least = np.minimum.reduceat(own[order], starts)
    is_one = least == np.maximum.reduceat(own[order], starts)
    return claims.right[order][starts][is_one], least[is_one]


def _claims(ties: Ties, guards: Guards) -> tuple[Edges, Flags]:
    """Edges from customers to what joins them; an alias or a decision is a thing that two of them share."""
    kinds = [ties.kind(name) for name in guards.join_by]
    own = ties.claims.where(np.isin(ties.claims.kind, kinds))
    start = len(ties.kinds) * max(1, len(ties.tokens))
    aliases = _two_ended(ties.aliases, start)
    decided = decided_edges(guards.confirmed, ties.kind(CONFIRMED))
    every = own.joined(aliases, _two_ended(decided, start + len(ties.aliases)))
    return every, np.arange(len(every)) >= len(own) + len(aliases)


def _two_ended(edges: Edges, start: int) -> Edges:
    """Each edge between two customers as two edges to something that only these two have."""
    shared = np.arange(start, start + len(edges))
    return replace(edges, right=shared).joined(replace(edges, left=edges.right, right=shared))


def _declared(claims: Edges, chosen: Flags) -> tuple[Ints, Ints]:
    """By row: how many customers declare the identifier, by all rows and by the chosen ones."""
    order, starts = in_groups(claims.right, claims.left)
    if not len(order):
        return order, order
    chosen = np.logical_or.reduceat(chosen[order], starts)
    token = np.empty(len(order), np.int64)
    token[order] = np.cumsum(begins(claims.right[order])) - 1
    of_pair = token[order[starts]]
    return np.bincount(of_pair)[token], np.bincount(of_pair, chosen)[token].astype(np.int64)


def _is_shared(*keys: Ints) -> Flags:
    """Which rows have keys that another row has too."""
    order, starts = in_groups(*keys)
    shared = np.ones(len(order), np.bool_)
    shared[order[starts[np.diff(starts, append=len(order)) == 1]]] = False
    return shared


def _components(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Customers that have an edge, in order, and the number of the component of each."""
    nodes, n_left = numbered(left)
    tokens, n_right = numbered(right)
    size = len(nodes) + len(tokens)
    if not size:
        return nodes, nodes
    graph = coo_array((np.ones(len(left), np.int8), (n_left, n_right + len(nodes))), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: len(nodes)]
    return nodes, numbered(label)[1]


def _first_of(nodes: Ints, component: Ints) -> Ints:
    """By component: its first customer."""
    first = np.full(int(component.max()) + 1 if len(component) else 0, np.iinfo(np.int64).max)
    np.minimum.at(first, component, nodes)
    return first


def _labels(ties: Ties, guards: Guards) -> Mapping[str, Ints]:
    """What a person has one of, by customer: its number, or -1 where nothing is known."""
    labels: dict[str, Ints] = {"birth_year": ties.birth_year}
    for name in UNIQUE_KINDS:
        claims = ties.claims.where((ties.claims.kind == ties.kind(name)) & (ties.claims.trust == VOUCHED))
        declared, _ = _declared(claims, claims.is_allowed)
        rows = claims.where(claims.is_allowed & (declared <= guards.most_customers))
        nodes, component = _components(rows.left, rows.right)
        label = np.full(len(ties.customers), -1)
        label[nodes] = component
        labels[name] = label
    return labels


def _in_doubt(nodes: Ints, component: Ints, rules: Rules) -> Flags:
    """Components whose ids say different things of what a person has one of, or that people keep apart."""
    doubtful = np.zeros(int(component.max()) + 1 if len(component) else 0, np.bool_)
    for label in rules.labels.values():
        own = label[nodes]
        known = own >= 0
        least = np.full(len(doubtful), np.iinfo(np.int64).max)
        most = np.full(len(doubtful), -1)
        np.minimum.at(least, component[known], own[known])
        np.maximum.at(most, component[known], own[known])
        doubtful |= (most >= 0) & (least != most)
    for pair in rules.apart:
        place = np.searchsorted(nodes, pair)
        if (place < len(nodes)).all() and (nodes[place] == pair).all():
            first, second = component[place]
            doubtful[first] |= first == second
    return doubtful


def _settle(claims: Edges, rows: Ints, rules: Rules, *, is_decided: Flags) -> Settled:
    """Edges in the order in which they were known, one after the other."""
    edges = claims.where(rows)
    order = np.lexsort((edges.left, edges.right, edges.kind, edges.since, ~is_decided[rows]))
    chosen = rows[order]
    return settle(
        zip(
            chosen.tolist(),
            claims.left[chosen].tolist(),
            claims.right[chosen].tolist(),
            is_decided[chosen].tolist(),
            strict=True,
        ),
        rules,
    )


def _represented(root: Ints, nodes: Ints, known: Ints) -> Ints:
    """By customer: the one of its person that was known first."""
    person = root.copy()
    order = np.argsort(known[nodes], kind="stable")
    order = order[in_order(root[nodes][order])]
    ordered = nodes[order]
    starts = begins(root[ordered])
    person[ordered] = ordered[starts][np.cumsum(starts) - 1]
    return person
