"""The canonical tables' columns as Arrow schemas."""

from collections.abc import Mapping

import pyarrow as pa

from mindgap.kernel.tables import CanonicalTable, ColumnType

ARROW_TYPES = {
    "string": pa.string(),
    "double": pa.float64(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us"),
}


def arrow_schema(table: CanonicalTable) -> pa.Schema:
    """The Arrow schema of a canonical table."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns])


def columns_schema(columns: Mapping[str, ColumnType]) -> pa.Schema:
    """The Arrow schema of columns whose types are said."""
    return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in columns.items()])
