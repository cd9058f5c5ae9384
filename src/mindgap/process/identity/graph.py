"""The derived table of persons: what was joined, and what was held back, with what speaks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.purposes import Purpose
from mindgap.process.identity.coding import micros, moments
from mindgap.process.identity.company import place_by_company
from mindgap.process.identity.devices import REASONS, Decided, Seen, claimed, place_devices
from mindgap.process.identity.doubts import TOO_MANY, doubts, nobodys
from mindgap.process.identity.joining import Guards, Joined, join_customers
from mindgap.process.identity.ordering import Ints, begins, in_groups, in_order, reduced
from mindgap.process.identity.ties import Edges, Ties, read_ties

TOO_LARGE = "too-many-ids"
TIE = pa.struct([("kind", pa.string()), ("token", pa.string()), ("since", pa.timestamp("us"))])
SCHEMA = pa.schema(
    [
        ("verdict", pa.string()),
        ("id_kind", pa.string()),
        ("id", pa.string()),
        ("person_id", pa.string()),
        ("other_kind", pa.string()),
        ("other_id", pa.string()),
        ("reason", pa.string()),
        ("evidence", pa.string()),
        ("events", pa.int64()),
        ("customers", pa.int64()),
        ("since", pa.timestamp("us")),
        ("ties", pa.list_(TIE)),
    ]
)
_Pairs = dict[tuple[int, int], int]


@derivation(
    "identity_graph",
    grain="one row per id that belongs to a person of several ids, and per pair of ids that was held apart",
    purpose=Purpose.PRIVACY,
    inputs={
        "ties": "identity_ties",
        "customers": At(
            table="customers",
            optional=True,
            columns=("customer_id", "joined_at", "birth_year", "source"),
            by_source=True,
        ),
        "decisions": "identity_decisions",
        "settings": "identity_settings",
    },
    columns={
        **dict.fromkeys(("verdict", "id_kind", "id", "person_id", "other_kind", "other_id"), "string"),
        "reason": "string",
        "evidence": "string",
        "events": "int64",
        "customers": "int64",
        "since": "timestamp",
    },
)
def identity_graph(tables: Mapping[str, pa.Table], moment: Moment, /) -> pa.Table:
    """Persons as of a moment; what files say of customers who join later is left out."""
    customers = tables.get("customers")
    if customers is not None:
        joined_at = micros(customers["joined_at"])
        customers = customers.filter(pa.array(joined_at < _micros(moment)))
    ties = read_ties(tables["ties"], customers, tables["decisions"])
    (settings,) = tables["settings"].to_pylist()
    on_customers, on_devices = _decisions(ties, tables["decisions"], settings, as_of=_micros(moment))
    joined = join_customers(ties, on_customers)
    seen = place_devices(ties, joined, on_devices)
    seen = seen.joined(place_by_company(ties, joined, on_devices, seen=seen))
    proposed = claimed(ties, joined, on_devices, seen=seen)
    told = _Told(ties)
    return pa.concat_tables(
        [
            told.customers(joined),
            told.devices(seen.where(seen.joins)),
            told.doubts(joined, on_customers),
            told.nobodys(joined, on_customers),
            told.too_large(joined),
            told.doubtful_devices(seen.where(seen.reason > 0).joined(proposed)),
        ]
    )


def _micros(moment: Moment) -> int:
    return int(np.datetime64(moment.as_of, "us").astype(np.int64))


def _decisions(
    ties: Ties, table: pa.Table, settings: Mapping[str, Any], *, as_of: int
) -> tuple[Guards, Decided]:
    """What people decided last on each pair, of customers and of devices.

    Who keeps two ids apart says that they never were one; who joins them, that the evidence means it: from
    the day of the evidence on.
    """
    latest: dict[tuple[str, int, int], tuple[str, int]] = {}
    times = micros(table["since"]).tolist()
    codes = (ends.tolist() for ends in ties.decided)
    for row, since, one, other in zip(table.to_pylist(), times, *codes, strict=True):
        ends = [(row["first_kind"], row["first_id"], one), (row["second_kind"], row["second_id"], other)]
        first, second = (end[-1] for end in sorted(ends))
        kind = "customer" if ends[0][0] == ends[1][0] == "customer" else "device"
        latest[kind, first, second] = (row["action"], since)
    chosen: dict[str, _Pairs] = {f"{kind}-{what}": {} for kind in ("customer", "device") for what in "+-"}
    for (kind, first, second), (action, since) in latest.items():
        if action != "join":
            chosen[f"{kind}--"][first, second] = since
        elif since < as_of:
            chosen[f"{kind}-+"][first, second] = since
    guards = Guards(
        join_by=tuple(str(settings["join_by"]).split()),
        most_customers=int(settings["most_customers"]),
        confirmed=chosen["customer-+"],
        apart=frozenset(chosen["customer--"]),
    )
    return guards, Decided(confirmed=chosen["device-+"], apart=frozenset(chosen["device--"]))


@dataclass(frozen=True)
class _Told:
    """Numbers back to names, as rows of the table."""

    ties: Ties

    def customers(self, joined: Joined) -> pa.Table:
        """Every customer id of persons with several, the person's own id among them."""
        used = joined.used
        order, _ = in_groups(used.left, used.kind, used.right)
        used = used.where(order)
        starts = np.flatnonzero(begins(used.left))
        customer = used.left[starts]
        bits = np.left_shift(np.int64(1), used.kind)
        return self._rows(
            verdict="same",
            id_kind="customer",
            id=self.ties.customers.take(customer),
            person_id=self.ties.customers.take(joined.person[customer]),
            evidence=self._evidence(reduced(np.bitwise_or, bits, starts)),
            events=reduced(np.add, used.events, starts),
            since=moments(_met(joined)[customer]),
            ties=self._ties(used, np.r_[starts, len(used)]),
        )

    def devices(self, seen: Seen) -> pa.Table:
        """Every device of a person."""
        seen = seen.where(in_order(seen.device))
        return self._rows(
            verdict="same",
            id_kind="anonymous",
            id=self.ties.devices.take(seen.device),
            person_id=self.ties.customers.take(seen.person),
            evidence=self._evidence(seen.kinds),
            events=seen.events,
            since=moments(seen.since),
        )

    def doubts(self, joined: Joined, guards: Guards) -> pa.Table:
        """Pairs of customers who were held apart."""
        found = doubts(self.ties, joined, guards)
        return self._rows(
            verdict="held",
            id_kind="customer",
            id=self.ties.customers.take(found.first),
            other_kind="customer",
            other_id=self.ties.customers.take(found.second),
            reason=pa.array(found.reason, pa.string()),
            evidence=self._evidence(found.kinds),
            events=found.events,
            customers=np.full(len(found.first), 2),
            since=moments(found.since),
        )

    def nobodys(self, joined: Joined, guards: Guards) -> pa.Table:
        """Identifiers that too many declare."""
        edges, customers = nobodys(joined, guards)
        return self._rows(
            verdict="held",
            id_kind=pa.array([self.ties.kinds[kind] for kind in edges.kind.tolist()], pa.string()),
            id=self._tokens(edges),
            reason=TOO_MANY,
            evidence=self._evidence(np.left_shift(np.int64(1), edges.kind)),
            events=edges.events,
            customers=customers,
            since=moments(edges.since),
        )

    def too_large(self, joined: Joined) -> pa.Table:
        """Persons that would have too many ids, by the first of them."""
        first = np.array(sorted(joined.refused), np.int64)
        return self._rows(
            verdict="held",
            id_kind="customer",
            id=self.ties.customers.take(first),
            reason=TOO_LARGE,
            customers=np.array([joined.refused[one] for one in first.tolist()], np.int64),
        )

    def doubtful_devices(self, seen: Seen) -> pa.Table:
        """Devices that are not the person's whom something ties them to."""
        order, _ = in_groups(seen.device, seen.reason, seen.person)
        seen = seen.where(order)
        never = seen.since == np.iinfo(np.int64).max
        return self._rows(
            verdict="held",
            id_kind="anonymous",
            id=self.ties.devices.take(seen.device),
            other_kind="customer",
            other_id=self.ties.customers.take(seen.person),
            reason=pa.array(REASONS, pa.string()).take(pa.array(seen.reason)),
            evidence=self._evidence(seen.kinds),
            events=seen.events,
            customers=seen.persons,
            since=moments(np.where(never, np.iinfo(np.int64).min // 2, seen.since)),
        )

    def _rows(self, **columns: Any) -> pa.Table:
        size = len(columns["id"])
        arrays: list[Any] = []
        for field in SCHEMA:
            said = columns.get(field.name)
            if said is None or isinstance(said, str):
                arrays.append(pa.repeat(pa.scalar(said, field.type), size))
            else:
                arrays.append(said if isinstance(said, pa.Array) else pa.array(said, field.type))
        return pa.table(arrays, schema=SCHEMA)

    def _evidence(self, bits: Ints) -> pa.Array:
        """Kinds of evidence, by name and in order."""
        found = pa.array(bits).dictionary_encode()
        texts = [
            " ".join(sorted(k for n, k in enumerate(self.ties.kinds) if mask >> n & 1))
            for mask in found.dictionary.to_pylist()
        ]
        return pa.array(texts, pa.string()).take(found.indices)

    def _tokens(self, edges: Edges) -> pa.Array:
        size = max(1, len(self.ties.tokens))
        own = edges.right < size * len(self.ties.kinds)
        return self.ties.tokens.take(np.where(own, edges.right % size, -1))

    def _ties(self, used: Edges, offsets: Ints) -> pa.Array:
        kinds = pa.array(self.ties.kinds, pa.string()).take(pa.array(used.kind))
        own = self._tokens(used)
        told = pa.StructArray.from_arrays([kinds, own, moments(used.since)], fields=list(TIE))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), told)


def _met(joined: Joined) -> Ints:
    """By customer: when it first shared something with another id of its person, microseconds."""
    met = np.full(len(joined.person), np.iinfo(np.int64).max)
    used = joined.used.where(np.argsort(joined.used.since, kind="stable"))
    order, starts = in_groups(used.right, joined.person[used.left])
    edges = used.where(order)
    second = np.minimum(starts + 1, max(0, len(edges) - 1))
    time = edges.since.copy()
    time[starts] = edges.since[second]
    np.minimum.at(met, edges.left, time)
    return met


DERIVATIONS = (identity_graph,)
