"""What the graph works on: the table of ties, taken apart into the few kinds of edges that it has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.tables import FROM_EVENTS
from mindgap.process.identity.coding import Names, coded, flags, micros, numbers, spread
from mindgap.process.identity.columns import Columns
from mindgap.process.identity.ordering import Flags, Ints, Small

_compute: Any = pc  # its functions are made when it is imported, which no type checker sees

VOUCHED = 2
"""Trust of what a signature, a trusted source or a file vouches for; 1 is what a client said."""
SEEN_TOGETHER, ALIAS, CONFIRMED = "seen-together", "alias", "confirmed"
_SPELLED = {"anonymous": SEEN_TOGETHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges(Columns):
    """Edges of one sort, column by column.

    Attributes:
        left: Number of the customer or device.
        right: Number of what it is tied to.
        kind: Number of the evidence's kind.
        trust: 0 to 2.
        is_allowed: Whether it may join anything.
        first: When it was first seen, microseconds.
        since: When an event that may be used showed it first, microseconds.
        events: In how many events.
    """

    left: Ints
    right: Ints
    kind: Small
    trust: Small
    is_allowed: Flags
    first: Ints
    since: Ints
    events: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """All edges, and the names of what they tie.

    Attributes:
        customers: Customer ids.
        devices: Anonymous ids.
        tokens: Tokens, without their kind.
        kinds: Kinds of evidence.
        claims: Customer to identifier; the right end is `kind * len(tokens) + token`.
        pairs: Customer to device, seen together or by alias.
        device_claims: Device to identifier.
        renames: Device to device, by alias.
        aliases: Customer to customer, by alias.
        known: By customer: when it was known first, microseconds.
        birth_year: By customer, as files tell it; -1 where it is not known, or told in two ways. What events
            tell is left out: anybody may send it, and keep two ids apart that are one person's.
    """

    customers: Names
    devices: Names
    tokens: Names
    kinds: tuple[str, ...]
    claims: Edges
    pairs: Edges
    device_claims: Edges
    renames: Edges
    aliases: Edges
    known: Ints
    birth_year: Ints
    decided: tuple[Ints, Ints]

    def kind(self, name: str) -> int:
        """The number of a kind of evidence; -1 where nothing is of that kind."""
        return self.kinds.index(name) if name in self.kinds else -1


def read_ties(table: pa.Table, customers: pa.Table | None, decisions: pa.Table) -> Ties:
    """The table `identity_ties`, with what files say of customers and what people decided, as numbers."""
    kinds, kind = _kinds(table["kind"])
    is_seen, is_alias = kind == kinds.index(SEEN_TOGETHER), kind == kinds.index(ALIAS)
    is_device = is_seen | is_alias
    devices, tokens, former = (_some(table["token"], one) for one in (is_device, ~is_device, is_alias))
    filed = customers["customer_id"] if customers is not None else pa.chunked_array([], pa.string())
    who, (customer, file_row, *one_end, other) = coded(
        [table["customer_id"], filed, *_decided(decisions, "customer")], asked=[former]
    )
    device_names, (holder, device, *other_end) = coded(
        [table["anonymous_id"], devices, *_decided(decisions, "anonymous")]
    )
    token_names, (token,) = coded([tokens])
    other, token = spread(other, is_alias), spread(token, ~is_device)
    every = _edges(table, left=customer, right=spread(device, is_device), kind=kind)
    by_customer, to_customer = customer >= 0, is_alias & (other >= 0)
    claims = replace(every, right=kind.astype(np.int64) * len(token_names) + token)
    # an anonymous id that says it was a customer before is as good as having been seen with that customer
    turned = replace(every, left=other, right=holder).where(~by_customer & to_customer)
    return Ties(
        customers=who,
        devices=device_names,
        tokens=token_names,
        kinds=kinds,
        claims=claims.where((token >= 0) & by_customer),
        pairs=every.where(by_customer & (is_seen | (is_alias & ~to_customer))).joined(turned),
        device_claims=replace(claims, left=holder).where((token >= 0) & ~by_customer),
        renames=replace(every, left=holder).where(is_alias & ~by_customer & ~to_customer),
        aliases=replace(every, right=other).where(by_customer & to_customer),
        known=_known(every, customers, file_row, size=len(who)),
        birth_year=_birth_years(customers, file_row, size=len(who)),
        decided=(np.maximum(one_end[0], other_end[0]), np.maximum(one_end[1], other_end[1])),
    )


def _edges(table: pa.Table, *, left: Ints, right: Ints, kind: Small) -> Edges:
    return Edges(
        left=left,
        right=right,
        kind=kind,
        trust=numbers(table["trust"]).astype(np.int8),
        is_allowed=flags(table["is_allowed"]),
        first=micros(table["first_at"]),
        since=micros(table["allowed_at"]),
        events=numbers(table["events"]),
    )


def _kinds(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Small]:
    """Every kind of evidence that there may be, and which each row is of."""
    texts = sorted(str(name) for name in column.unique().drop_null().to_pylist())
    kind = _compute.index_in(column, value_set=pa.array(texts, column.type))
    kinds = [_SPELLED.get(name, name) for name in texts]
    more = sorted({SEEN_TOGETHER, ALIAS, CONFIRMED} - set(kinds))
    return (*kinds, *more), numbers(kind, missing=-1).astype(np.int8)


def _some(column: pa.ChunkedArray, chosen: Flags) -> pa.ChunkedArray:
    return column.filter(pa.array(chosen))


def _decided(decisions: pa.Table, kind: str) -> list[pa.ChunkedArray]:
    """The two ends that people decided on, of one kind; null where an end is of the other."""
    return [
        _compute.if_else(
            _compute.equal(decisions[f"{end}_kind"], kind),
            decisions[f"{end}_id"],
            pa.scalar(None, pa.string()),
        )
        for end in ("first", "second")
    ]


def _known(every: Edges, customers: pa.Table | None, file_row: Ints, *, size: int) -> Ints:
    known = np.full(size, np.iinfo(np.int64).max)
    own = every.left >= 0
    np.minimum.at(known, every.left[own], every.first[own])
    if customers is not None:
        np.minimum.at(known, file_row, micros(customers["joined_at"]))
    return known


def _birth_years(customers: pa.Table | None, file_row: Ints, *, size: int) -> Ints:
    years = np.full(size, -1)
    if customers is None:
        return years
    of_events = _compute.starts_with(customers["source"], FROM_EVENTS)
    is_told = _compute.and_(_compute.invert(of_events), customers["birth_year"].is_valid())
    told = flags(is_told)
    code, year = file_row[told], numbers(customers["birth_year"])[told]
    least, most = np.full(size, np.iinfo(np.int64).max), years.copy()
    np.minimum.at(least, code, year)
    np.maximum.at(most, code, year)
    return np.where(least == most, most, -1)


def decided_edges(ends: Mapping[tuple[int, int], int], kind: int) -> Edges:
    """Edges that people confirmed: the time from which each holds, by its two ends."""
    size = len(ends)
    since = np.array(list(ends.values()), np.int64).reshape(size)
    pairs = np.array(list(ends), np.int64).reshape(size, 2)
    return Edges(
        left=pairs[:, 0],
        right=pairs[:, 1],
        kind=np.full(size, kind, np.int8),
        trust=np.full(size, VOUCHED, np.int8),
        is_allowed=np.ones(size, np.bool_),
        first=since,
        since=since,
        events=np.zeros(size, np.int64),
    )
