"""Sums over Arrow columns that several sections need."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def total(table: pa.Table, column: str) -> float:
    """The sum of a column; 0.0 of no rows."""
    return float(pc.call_function("sum", [table[column]]).as_py() or 0.0)


def counted(table: pa.Table, column: str) -> dict[Any, int]:
    """How often each value of a column occurs."""
    return {item["values"]: int(item["counts"]) for item in table[column].value_counts().to_pylist()}


def summed(table: pa.Table, key: str, column: str) -> dict[Any, float | None]:
    """The sum of a column by the values of another; None where no value is known."""
    grouped = table.group_by(key).aggregate([(column, "sum")])
    return dict(zip(grouped[key].to_pylist(), grouped[f"{column}_sum"].to_pylist(), strict=True))


def first(table: pa.Table, column: str) -> Any:
    """A column's value in the first row; None of no rows."""
    return table[column][0].as_py() if table.num_rows else None
