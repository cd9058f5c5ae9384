"""Parquet files as the embedded engine reads them, encrypted or not."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from mindgap.kernel.quoting import literal
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
