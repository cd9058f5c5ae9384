"""What queries of an import may call beside what the engine has."""

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL
from duckdb.sqltypes import VARCHAR

from mindgap.store.importing import Seals


def offer(connection: duckdb.DuckDBPyConnection, seals: Seals | None) -> None:
    """Make the functions of `Seals` known to queries; they are called with some rows at a time."""

    def token(kinds: pa.Array, values: pa.Array) -> pa.Array:
        found = seals.tokens(kinds.to_pylist(), values.to_pylist()) if seals else [None] * len(values)
        return pa.array(found, pa.string())

    def words(customer_ids: pa.Array, texts: pa.Array) -> pa.Array:
        if seals is None:
            return texts
        return pa.array(seals.words(customer_ids.to_pylist(), texts.to_pylist()), pa.string())

    for name, function in (("identifier_token", token), ("sealed_words", words)):
        connection.create_function(
            name, function, [VARCHAR, VARCHAR], VARCHAR, type=ARROW, null_handling=SPECIAL, side_effects=True
        )
