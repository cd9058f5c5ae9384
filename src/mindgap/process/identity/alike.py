"""Customers as records to compare: only what lies open of them, and tokens of their identifiers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from mindgap.store.linkage import RECORD_ID, Compared, Kind

_FIELDS = ("birth_year", "gender", "region", "age_group", "income_group", "household_size")
_LEAST_KNOWN = 0.05
"""Share of customers of whom something must be known to be compared."""
_MOST_TRAITS = 12
_SAME_SAID = 0.98
"""Share of rows from which something else already follows what a column says; then it tells nothing new."""
_TEXT_VALUES = 30
"""From so many values on a text may have been misspelled."""
_LEAST_ROWS = 20
Column = list[Any]


def records(customers: pa.Table) -> tuple[pa.Table, Sequence[Compared]]:
    """Records of customers, and what can be compared of them.

    Args:
        customers: One row per person: customer_id, traits, identifiers and attributes.
    """
    rows = customers.to_pylist()
    least = max(2, int(_LEAST_KNOWN * len(rows)))
    tokens = _told(_tokens(rows), least)
    plain = {name: [row.get(name) for row in rows] for name in _FIELDS}
    traits = [_traits(row.get("traits")) for row in rows]
    for name in _commonest(traits, least):
        plain[f"trait {name}"] = [one.get(name) for one in traits]
    told = _without_echoes(_told(plain, least))
    columns: dict[str, Column] = {RECORD_ID: [row["customer_id"] for row in rows]}
    compared: list[Compared] = []
    for kept, is_token in ((tokens, True), (told, False)):
        for name, column in kept.items():
            key = f"c{len(compared)}"
            columns[key] = column
            kind = "tokens" if is_token else _kind(name, column)
            compared.append(Compared(column=key, name=name.removeprefix("trait "), kind=kind))
    return pa.table(columns), compared


def _tokens(rows: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """By kind of identifier: each row's tokens; None where it has none."""
    found: dict[str, Column] = {}
    for at, row in enumerate(rows):
        for text in (row.get("identifiers") or "").split():
            kind, _, token = text.removeprefix("+").partition(":")
            column = found.setdefault(kind, [None] * len(rows))
            column[at] = sorted({*(column[at] or ()), token})
    return dict(sorted(found.items()))


def _traits(text: str | None) -> dict[str, str]:
    found = msgspec.json.decode(text) if text else {}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _commonest(traits: Sequence[Mapping[str, str]], least: int) -> list[str]:
    counts = Counter(name for one in traits for name in one)
    return [
        name for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if count >= least
    ][:_MOST_TRAITS]


def _told(columns: Mapping[str, Column], least: int) -> dict[str, Column]:
    """Columns that tell people apart and are known of enough of them."""
    return {
        name: column
        for name, column in columns.items()
        if sum(value is not None for value in column) >= least
        and len({str(value) for value in column if value is not None}) > 1
    }


def _without_echoes(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Columns without those that follow from one that says more: a state from the town, an age from the year.

    Comparisons count as independent; what is said twice would count twice.
    """
    ordered = sorted(columns, key=lambda name: -len(set(columns[name])))
    kept: list[str] = []
    for name in ordered:
        if not any(_follows(columns[name], columns[other]) for other in kept):
            kept.append(name)
    return {name: columns[name] for name in columns if name in kept}


def _follows(column: Column, other: Column) -> bool:
    """Whether a column nearly always follows from another; rows whose other value is unique tell nothing."""
    values: dict[Any, Counter[Any]] = {}
    for value, by in zip(column, other, strict=True):
        if value is not None and by is not None:
            values.setdefault(by, Counter())[value] += 1
    repeated = [one for one in values.values() if one.total() > 1]
    rows = sum(one.total() for one in repeated)
    return rows >= _LEAST_ROWS and sum(max(one.values()) for one in repeated) >= _SAME_SAID * rows


def _kind(name: str, column: Column) -> Kind:
    if name == "birth_year":
        return "year"
    return "text" if len({value for value in column if value is not None}) >= _TEXT_VALUES else "exact"
