"""Parquet files as the embedded engine reads them, encrypted or not."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from mindgap.kernel.quoting import literal, quoted
from mindgap.store.parquet import ParquetCipher, is_encrypted


def readable(
    connection: duckdb.DuckDBPyConnection, name: str, paths: Iterable[Path], *, cipher: ParquetCipher
) -> str:
    """What stands behind `from` to read these files, matched by the names of their columns.

    Args:
        connection: Where encrypted ones are made known.
        name: What nothing else is called there.
        paths: The files.
        cipher: Has the key of encrypted ones.
    """
    plain: list[Path] = []
    encrypted: list[Path] = []
    for path in paths:
        (encrypted if is_encrypted(path) else plain).append(path)
    listed = ", ".join(map(literal, plain))
    clear = f"read_parquet([{listed}], union_by_name = true)"
    if not encrypted:
        return clear
    connection.register(name, cipher.dataset(encrypted))
    return f'(select * from {clear} union all by name select * from "{name}")' if plain else f'"{name}"'


_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.timestamp("us"): "timestamp",
}


def filled(connection: duckdb.DuckDBPyConnection, source: str, schema: pa.Schema) -> str:
    """What stands behind `from` with a null for each column that no file has.

    Such a column came after they were written.

    Args:
        connection: Knows the source.
        source: What stands behind `from` to read the files.
        schema: The columns that there are to be.
    """
    found = {row[0] for row in connection.execute(f"describe select * from {source}").fetchall()}
    nulls = [
        f"null::{_TYPES[field.type]} as {quoted(field.name)}" for field in schema if field.name not in found
    ]
    return f"(select *, {', '.join(nulls)} from {source})" if nulls else source
