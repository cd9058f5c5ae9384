"""The canonical tables' columns as Arrow schemas."""

import pyarrow as pa

from mindgap.kernel.tables import CanonicalTable

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
