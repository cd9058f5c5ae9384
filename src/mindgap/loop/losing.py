"""Files without the rows of people who are forgotten: which hold any, and what is left of them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mindgap.store.engine import Relation
from mindgap.store.reading import Stores

Cut = Mapping[str, Sequence[str]]
"""Texts by column: rows that hold one of them go (store.engine.Relation.suppressed)."""
Rows = np.ndarray[Any, np.dtype[np.bool_]]
Item = TypeVar("Item")
Found = TypeVar("Found")
_MOST_AT_ONCE = 4
_OWNER = "customer_id"
_CUSTOMERS = (_OWNER, "claimed_id")
"""Columns in which no device stands."""


def losses(stores: Stores, files: Mapping[str, Path], cut: Cut) -> dict[str, int]:
    """How many rows each of some files would lose; those that would lose none are left out.

    Args:
        stores: The workspace's ports.
        files: Parquet files by name.
        cut: Whose rows go.
    """
    counts = side_by_side(lambda path: _loss(stores, path, cut), files.values())
    return {name: lost for name, lost in zip(files, counts, strict=True) if lost}


def _loss(stores: Stores, path: Path, cut: Cut) -> int:
    """Only columns that name people are read, and of them only groups of rows that may hold these."""
    with stores.cipher.open(path) as file:
        columns = _columns(file.schema_arrow, cut)
        if _OWNER in file.schema_arrow.names and _OWNER not in columns:
            columns.append(_OWNER)
        groups = [nth for nth in range(file.num_row_groups) if _may_hold(file, nth, cut)]
        if not columns or not groups:
            return 0
        return int(theirs(file.read_row_groups(groups, columns=columns), cut).sum())


def _columns(schema: pa.Schema, cut: Cut) -> list[str]:
    """Columns of texts that name people of whom any are to go."""
    return [
        field.name
        for field in schema
        if field.name in cut and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    ]


def _may_hold(file: pq.ParquetFile, group: int, cut: Cut) -> bool:
    """Whether a group of rows may hold one of these texts, by what the file says of it."""
    found = file.metadata.row_group(group)
    columns = [found.column(nth) for nth in range(found.num_columns)]
    return any(_lies_between(one, cut[one.path_in_schema]) for one in columns if one.path_in_schema in cut)


def _lies_between(column: pq.ColumnChunkMetaData, texts: Sequence[str]) -> bool:
    said = column.statistics
    if said is None:
        return True
    if said.null_count == column.num_values:
        return False
    if not said.has_min_max or not isinstance(said.min, str):
        return True
    return any(said.min <= text <= said.max for text in texts)


def theirs(rows: pa.Table, cut: Cut) -> Rows:
    """Which rows go.

    By the id of a device, found to be theirs, a row goes that names nobody, but not one of another customer.
    """
    found: Rows = np.zeros(rows.num_rows, np.bool_)
    for column in _columns(rows.schema, cut):
        hit = _is_in(rows[column], cut[column])
        if column not in _CUSTOMERS and hit.any() and _OWNER in rows.column_names:
            customers = cut.get(_OWNER, ())
            hit &= _is_in(rows[column], customers) | ~_of_another(rows, column, customers)
        found |= hit
    return found


def _is_in(cells: pa.ChunkedArray, texts: Sequence[str]) -> Rows:
    wanted = pc.SetLookupOptions(value_set=pa.array(texts, cells.type))
    return pc.call_function("is_in", [cells], wanted).to_numpy()


def _of_another(rows: pa.Table, column: str, customers: Sequence[str]) -> Rows:
    """Rows of a customer who is none of these; a guest whom a client calls like the device is no customer."""
    owner = rows[_OWNER]
    named = pc.call_function("is_valid", [owner]).to_numpy()
    same = pc.call_function("equal", [owner, rows[column]])
    itself = pc.call_function("coalesce", [same, pa.scalar(value=False)])
    return named & ~_is_in(owner, customers) & ~itself.to_numpy()


def losses_by(
    stores: Stores, paths: Sequence[Path], cut: Cut, *, by: str, schema: pa.Schema | None = None
) -> dict[Any, int]:
    """How many rows would go at most, by what an expression says of them: one look through all of the files.

    Args:
        stores: The workspace's ports.
        paths: Files of one table.
        cut: Whose rows go.
        by: SQL over the table's columns.
        schema: Its columns, where some files may be older than some of them; None where all files are alike.
    """
    if not paths:
        return {}
    with stores.cipher.open(paths[0]) as file:
        columns = _columns(schema or file.schema_arrow, cut)
    names = {f"names_{column}": Relation(rows=pa.table({"text": cut[column]})) for column in columns}
    held = " or ".join(f"{column} in (select text from names_{column})" for column in columns) or "false"
    sql = f"select {by} as what, count(*) as lost from rows where {held} group by 1"
    with stores.lookups.session({"rows": Relation(paths=paths, schema=schema), **names}) as session:
        return {row["what"]: row["lost"] for row in session.table(sql).to_pylist()}


def without(stores: Stores, path: Path, cut: Cut, *, staged: Path) -> tuple[pa.Table, pa.Table]:
    """Write what is left of a file; returns that, and the rows that went: nothing is written for none."""
    with stores.cipher.open(path) as file:
        rows = file.read()
    gone = theirs(rows, cut)
    if not gone.any():
        return rows, rows.slice(0, 0)
    left = pa.concat_tables([rows.slice(0, 0), *_runs(rows, ~gone)])
    if left.num_rows:
        stores.files.write_table(left, staged)
    return left, rows.filter(pa.array(gone))


def _runs(rows: pa.Table, kept: Rows) -> Iterator[pa.Table]:
    """Rows that are kept, in the pieces in which they lie: nothing is copied."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]])))
    for begin, end in edges.reshape(-1, 2).tolist():
        yield rows.slice(begin, end - begin)


def side_by_side(do: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """Do the same with several files at once, as far as there are processors."""
    with ThreadPoolExecutor(min(_MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
        return list(pool.map(do, items))
