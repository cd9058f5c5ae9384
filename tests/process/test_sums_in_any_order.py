"""Tables are the same to the byte, however many threads make them."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindgap.backends.duckdb import DuckDBEngine
from mindgap.kernel.rng import generator
from mindgap.kernel.tables import CANONICAL
from mindgap.process.models import sql_derivations
from mindgap.store.circumstances import moment_relation
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema

AS_OF = datetime(2024, 6, 3)
LINES = 160_000
SUMMED = ("category_week", "customer_category", "customer_orders", "product_stats", "customer_features")


def written(folder, name, **columns):
    """A file of several row groups, which threads share."""
    path = folder / f"{name}.parquet"
    rows = pa.table(columns)
    for field in arrow_schema(CANONICAL[name]):
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    pq.write_table(rows, path, row_group_size=LINES // 16)
    return Relation(paths=[path])


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Order lines whose amounts, as sums of doubles, depend on the order of addition."""
    folder, rng = tmp_path_factory.mktemp("given"), generator(0, "sums in any order")
    order = rng.integers(0, LINES // 5, LINES)
    orders = written(
        folder,
        "orders",
        row_id=np.arange(LINES),
        order_id=pa.array(order).cast(pa.string()),
        customer_id=pa.array(order % 500).cast(pa.string()),
        product_id=pa.array(rng.integers(0, 300, LINES)).cast(pa.string()),
        ordered_at=np.datetime64(AS_OF, "us") - np.timedelta64(1, "m") * (order + 1),
        quantity=rng.random(LINES) * 5,
        amount=rng.random(LINES) * 100,
        discount=rng.random(LINES),
        kind=np.where(rng.random(LINES) < 0.9, "sale", "return"),
    )
    ids = pa.array(np.arange(300)).cast(pa.string())
    category = pa.array(np.arange(300) % 40).cast(pa.string())
    products = written(folder, "products", product_id=ids, category=category)
    return {"orders": orders, "products": products, "catalogue": products}


def made(given, folder, *, threads):
    """The bytes of every table that adds up; rows of `purchases` themselves have no order."""
    folder.mkdir()
    tables = {item.name: item for item in sql_derivations()}
    bound = {**given, "moment": moment_relation(AS_OF, "UTC")}
    engine = DuckDBEngine(scratch=folder / "scratch", threads=threads)
    for name in ("purchases", *SUMMED):
        with engine.session(bound) as session:
            session.save(tables[name].sql, folder / f"{name}.parquet")
        bound[name] = Relation(paths=[folder / f"{name}.parquet"])
    return {name: (folder / f"{name}.parquet").read_bytes() for name in SUMMED}


def test_one_thread_and_many_come_to_the_same_bytes(given, tmp_path):
    alone = made(given, tmp_path / "one", threads=1)
    together = made(given, tmp_path / "many", threads=4)
    assert [name for name in SUMMED if alone[name] != together[name]] == []
