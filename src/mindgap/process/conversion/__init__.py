"""From events to canonical rows: one query a table, in the common subset of the engines.

`told` and `told_traits` read `events` (all of them, uncut), with `meanings`, `setting` and `slots` (the
local day of each quarter of an hour); the other queries see each other's results by file name, and what
imports have already. A query that fills a canonical table gives its columns and `identity`, a text that tells
a row from all others of that table.
"""

from importlib import resources

import pyarrow as pa

from mindgap.kernel.tables import CANONICAL, Column, ColumnType
from mindgap.process.event_names import EVENT_NAMES

MEANINGS = {name: (one.meaning, one.kind) for name, one in EVENT_NAMES.items() if one.meaning}
"""Event names that tell canonical tables something: what they mean, and the kind of the row."""

_SQL_TYPES: dict[ColumnType, str] = {
    "string": "string",
    "double": "double",
    "int64": "bigint",
    "bool": "boolean",
    "timestamp": "timestamp",
}


def meanings() -> pa.Table:
    """The event names as a table."""
    return pa.table(
        {
            "name": list(MEANINGS),
            "meaning": [meaning for meaning, _ in MEANINGS.values()],
            "kind": [kind for _, kind in MEANINGS.values()],
        }
    )


def query(name: str) -> str:
    """The query of that name."""
    return (resources.files("mindgap.process.conversion") / f"{name}.sql").read_text("utf-8")


def canonical_query(table: str, *, also: tuple[str, ...] = ()) -> str:
    """The query that fills a canonical table, its columns typed and in order, in the order of time.

    `row_id` is a hash of all that the row says, so that a row that changed is another row.

    Args:
        table: The canonical table.
        also: Columns of the query that are wanted beside the table's own.
    """
    columns = CANONICAL[table].columns[1:]
    typed = ", ".join(
        f"cast({column.name} as {_SQL_TYPES[column.type]}) as {column.name}" for column in columns
    )
    parts = ", ".join(f"coalesce({_told_as_text(column)}, '')" for column in columns)
    names = ", ".join(column.name for column in columns)
    beside = "".join(f", {name}" for name in also)
    order = ", ".join(name for name in (CANONICAL[table].time_column, "row_id") if name)
    return (
        f"with rows_told as (select identity, {typed}{beside} from ({query(table)}) as r),\n"
        f"hashed as (select row_hash(concat_ws(chr(31), identity, {parts})) as row_id, * from rows_told)\n"
        f"select row_id, {names}{beside} from hashed order by {order}"
    )


def _told_as_text(column: Column) -> str:
    """A cell as a text that every engine writes alike: figures in millionths, moments in microseconds."""
    match column.type:
        case "double":
            # 0.5 is added, since engines round halves otherwise
            whole = f"cast(floor({column.name} * 1000000.0 + 0.5) as bigint)"
            return f"cast(case when abs({column.name}) < 9e12 then {whole} end as string)"
        case "timestamp":
            return f"cast(unix_micros({column.name}) as string)"
        case "string" | "int64" | "bool":
            return f"cast({column.name} as string)"
