"""Ties between ids, written by hand, and what the graph makes of them."""

from datetime import datetime, timedelta

import pyarrow as pa

from mindgap.kernel.derivation import Moment
from mindgap.process.identity.graph import identity_graph

DAY0 = datetime(2024, 1, 1)
AS_OF = DAY0 + timedelta(days=100)
_DECISION = ("action", "first_kind", "first_id", "second_kind", "second_id")
_TIES = pa.schema(
    [
        *((name, pa.string()) for name in ("customer_id", "anonymous_id", "kind", "token")),
        ("trust", pa.int32()),
        ("events", pa.int64()),
        *((name, pa.timestamp("us")) for name in ("first_at", "last_at", "allowed_at")),
        ("is_allowed", pa.bool_()),
    ]
)
_CUSTOMERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("joined_at", pa.timestamp("us")),
        ("birth_year", pa.int64()),
        ("source", pa.string()),
    ]
)
SETTINGS = {"join_by": "email phone loyalty_card", "most_customers": 5}


def tie(who, kind, token, *, day=0, trust=1, allowed=True, device=False):
    """A row of `identity_ties`; day None is from the outset."""
    at = None if day is None else DAY0 + timedelta(days=day)
    return {
        "customer_id": None if device else who, "anonymous_id": who if device else None, "kind": kind,
        "token": token, "trust": trust, "events": 1, "first_at": at, "last_at": at,
        "allowed_at": at if allowed else None, "is_allowed": allowed,
    }  # fmt: skip


def seen(customer, device, **more):
    """A customer on a device."""
    return tie(customer, "anonymous", device, **more)


def card(customer, joined=None, birth_year=None, *, source="crm"):
    """A row of a customer file."""
    return {"customer_id": customer, "joined_at": joined, "birth_year": birth_year, "source": source}


def decision(action, first, second, *, kind="customer", since=None):
    """What somebody decided on two ids; `kind` is the first one's."""
    return dict(zip(_DECISION, (action, kind, first, "customer", second), strict=True)) | {"since": since}


def graph(ties, *, cards=(), decisions=(), **settings):
    """Rows of `identity_graph`."""
    schema = pa.schema([*((name, pa.string()) for name in _DECISION), ("since", pa.timestamp("us"))])
    tables = {
        "ties": pa.Table.from_pylist(list(ties), schema=_TIES),
        "decisions": pa.Table.from_pylist(list(decisions), schema=schema),
        "settings": pa.Table.from_pylist([SETTINGS | settings]),
    }
    if cards:
        tables["customers"] = pa.Table.from_pylist(list(cards), schema=_CUSTOMERS)
    return identity_graph.build(tables, Moment(as_of=AS_OF)).to_pylist()


def persons(rows):
    """Person by id, of ids that are not the person's own; a device's id is marked."""
    same = (row for row in rows if row["verdict"] == "same" and row["id"] != row["person_id"])
    return {("*" if row["id_kind"] == "anonymous" else "") + row["id"]: row["person_id"] for row in same}


def held(rows):
    """Pairs that were held apart, with the reason."""
    return {(row["id"], row["other_id"], row["reason"]) for row in rows if row["verdict"] == "held"}
