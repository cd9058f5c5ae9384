"""The catalogue of features with what this workspace's data say of each: coverage and distribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.offered import derivations
from mindgap.process.features.catalogue import Entry, entries

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFigures:
    """A feature, and what the last run found.

    Attributes:
        entry: What it is.
        used_by: Derived tables made of its table.
        rows: Rows of its table; None where it was not built, or could not be.
        coverage: Share of rows (0-1) in which it is known.
        different: How many different values there are.
        quantiles: Its 5, 25, 50, 75 and 95 % quantiles; empty for texts, which may be personal.
    """

    entry: Entry
    used_by: tuple[str, ...]
    rows: int | None = None
    coverage: float | None = None
    different: int | None = None
    quantiles: tuple[float, ...] = ()


def features(workspace: "Desk", name: str = "") -> tuple[FeatureFigures, ...]:
    """Every feature of that name (columns of several tables may share one), or all of them.

    Raises:
        UnknownError: There is no such feature.
    """
    chosen = [one for one in entries() if name in {"", one.name, f"{one.table}.{one.name}"}]
    if not chosen:
        raise UnknownError(f"There is no feature {name!r}.", hint="`mindgap features` lists them all.")
    tables = {table: _table(workspace, table, chosen) for table in dict.fromkeys(one.table for one in chosen)}
    used_by = _used_by()
    return tuple(_figures(one, used_by.get(one.table, ()), tables[one.table]) for one in chosen)


def _used_by() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in derivations().values():
        for table in dict.fromkeys(at.table for at in item.inputs.values()):
            found[table] = (*found.get(table, ()), item.name)
    return found


def _table(workspace: "Desk", table: str, chosen: Sequence[Entry]) -> pa.Table | None:
    columns = [one.name for one in chosen if one.table == table]
    try:
        return workspace.table(table, purpose=Purpose.ANALYTICS, columns=columns)
    except (CannotSay, UnknownError):
        return None


def _figures(entry: Entry, used_by: tuple[str, ...], table: pa.Table | None) -> FeatureFigures:
    if table is None:
        return FeatureFigures(entry=entry, used_by=used_by)
    known = table[entry.name].drop_null()
    is_text = pa.types.is_string(known.type) or pa.types.is_large_string(known.type)
    quantiles = [] if is_text or not len(known) else np.quantile(known.to_numpy(), _QUANTILES).tolist()
    return FeatureFigures(
        entry=entry,
        used_by=used_by,
        rows=table.num_rows,
        coverage=len(known) / table.num_rows if table.num_rows else None,
        different=len(known.unique()),
        quantiles=tuple(float(value) for value in quantiles),
    )
