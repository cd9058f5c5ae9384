"""Audiences: customers who have something in common, for a purpose that they allow."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay, UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.offered import derivations
from mindgap.store.audience import Audience, Disclosure, Sent, Target

if TYPE_CHECKING:
    from datetime import datetime

    from mindgap.workspace.desk import Desk

_BANDS = ("high", "medium", "low")
_SHARE = re.compile(r"(top|bottom)-(\d{1,2})%")
_RULE = re.compile(r"(\w+)\s*(>=|<=|!=|=|>|<)\s*(.+)")
_COMPARE = {
    ">=": "greater_equal",
    "<=": "less_equal",
    "!=": "not_equal",
    "=": "equal",
    ">": "greater",
    "<": "less",
}
_FORMS = "segment:2, risk:high, value:top-10%, gap:significant, or TABLE:COLUMN>=VALUE"
_ID = "customer_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceSize:
    """An audience that can be asked for.

    Attributes:
        name: Its name.
        customers: How many are in it; None where that cannot be said.
    """

    name: str
    customers: int | None


def audience(
    workspace: "Desk", name: str, *, purpose: Purpose = Purpose.MARKETING, columns: Sequence[str] = ()
) -> Audience:
    """The customers of an audience as of the last run, without those who withdrew the purpose.

    Args:
        workspace: The workspace.
        name: segment:2, risk:high, value:top-10%, gap:significant, or TABLE:COLUMN>=VALUE of a derived table.
        purpose: What it is for.
        columns: More about each customer: columns of `customer_features` or `customers`.

    Raises:
        UsageError: The name is none, or operations is the purpose, which allows no lists of customers.
        UnknownError: No such table or column, or nothing was run yet.
        CannotSay: The data did not allow the table.
    """
    rows = _rows(workspace, name, purpose)
    left = [column for column in dict.fromkeys(columns) if column not in rows.column_names]
    for table in ("customer_features", "clean_customers"):
        more = rows
        with suppress(CannotSay):  # without a file of customers they have no more columns
            more = workspace.table(table, purpose=purpose) if left else rows
        wanted = [column for column in left if column in more.column_names]
        left = [column for column in left if column not in wanted]
        if wanted:
            rows = rows.join(more.select([_ID, *wanted]), keys=_ID, join_type="left outer")
    if left:
        raise UnknownError(
            f"Customers have no column {left[0]!r}.",
            hint="docs/tables.md lists the columns of customer_features and customers.",
        )
    # the tables were read as of it, so it is there
    as_of = cast("datetime", workspace.as_of)
    return Audience(name=name, purpose=purpose.value, as_of=as_of, customers=rows.sort_by(_ID))


def hand_over(workspace: "Desk", audience: Audience, target: Target, *, to: str) -> Sent:
    """Hand an audience to somebody, and note who is in it before: who is forgotten later, they must be told.

    Args:
        workspace: The workspace.
        audience: Who.
        target: Where.
        to: The same as it was written; secrets in it are not kept.

    Raises:
        MindgapError: The other side refuses it (store.audience.Target).
    """
    disclosure = Disclosure(
        recipient=_bare(to), audience=audience.name, purpose=audience.purpose, latest_at=now()
    )
    workspace.stores.disclosures.note(disclosure, audience.customers[_ID].to_pylist())
    return target.send(audience)


def _bare(to: str) -> str:
    """Where something goes, without user, password and query."""
    parts = urlsplit(to) if "://" in to else None
    if parts is None:
        return to
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def audiences(workspace: "Desk", *, purpose: Purpose = Purpose.MARKETING) -> list[AudienceSize]:
    """The audiences that have names of their own, with how many customers allow that purpose in each."""
    names = [f"risk:{band}" for band in _BANDS] + [f"value:top-{share}%" for share in (10, 20, 50)]
    names = [*_segments(workspace), *names, "gap:significant"]
    return [AudienceSize(name=name, customers=_size(workspace, name, purpose)) for name in names]


def _segments(workspace: "Desk") -> list[str]:
    try:
        found = workspace.table("segment_profiles", columns=["segment"])["segment"].to_pylist()
    except CannotSay:
        return []
    return [f"segment:{number}" for number in sorted(found)]


def _size(workspace: "Desk", name: str, purpose: Purpose) -> int | None:
    try:
        return _rows(workspace, name, purpose).num_rows
    except CannotSay:
        return None


def _rows(workspace: "Desk", name: str, purpose: Purpose) -> pa.Table:
    if purpose is Purpose.OPERATIONS:
        raise UsageError("Operations allows no lists of customers.", hint="Name another purpose.")
    kind, _colon, what = name.partition(":")

    def read(table: str, *columns: str) -> pa.Table:
        return workspace.table(table, purpose=purpose, columns=[_ID, *columns])

    match kind, what:
        case "segment", number if number.isdecimal():
            rows = read("segments", "segment")
            return rows.filter(pc.field("segment") == int(number))
        case "risk", band if band in _BANDS:
            return read("inactivity_risk", "risk", "band").filter(pc.field("band") == band)
        case "gap", "significant":
            return read("customer_gap", "difference_bits", "significant").filter(pc.field("significant"))
        case "value", share if found := _SHARE.fullmatch(share):
            return _by_value(read("customer_value", "expected_revenue"), found)
        case table, rule if found := _RULE.fullmatch(rule):
            return _by_rule(workspace, table, found, purpose=purpose)
        case _:
            raise UsageError(f"{name!r} names no audience.", hint=f"Write {_FORMS}.")


def _by_value(rows: pa.Table, share: re.Match[str]) -> pa.Table:
    """The customers of whom most, or least, revenue is expected; ties are decided by their ids."""
    end, percent = share.group(1), int(share.group(2))
    order = "descending" if end == "top" else "ascending"
    ranked = rows.sort_by([("expected_revenue", order), (_ID, "ascending")])
    return ranked.slice(0, round(ranked.num_rows * percent / 100))


def _by_rule(workspace: "Desk", table: str, rule: re.Match[str], *, purpose: Purpose) -> pa.Table:
    column, sign, text = rule.groups()
    known = derivations().get(table)
    if known is None or not known.customer_level:
        raise UnknownError(f"There is no derived table of customers {table!r}.", hint=f"Write {_FORMS}.")
    rows = workspace.table(table, purpose=purpose)
    if not {column, _ID} <= set(rows.column_names):
        raise UnknownError(
            f"The table {table} has no column {column!r}.", hint=f"Columns: {', '.join(rows.column_names)}."
        )
    kind = rows[column].type
    try:
        value = pa.scalar(text.strip()).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UsageError(f"{column} is never {text.strip()!r}.", hint=f"It is {kind}.") from None
    chosen = rows.select([_ID, column]).filter(pc.call_function(_COMPARE[sign], [rows[column], value]))
    # a table with several rows a customer, such as orders, gives each of them once
    return chosen.group_by(_ID).aggregate([(column, "max")]).rename_columns([_ID, column])
