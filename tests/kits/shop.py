"""Made-up shops for tests: canonical rows, put straight into a workspace's ledger."""

import hashlib
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.kernel.rng import generator
from mindgap.kernel.tables import CANONICAL
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Part, SourceRecord
from mindgap.workspace import Workspace


def canonical(name, rows):
    """Rows (dicts) as a canonical table; row_id is made from the row where it is not given."""
    schema = arrow_schema(CANONICAL[name])
    full = []
    for row in rows:
        digest = hashlib.sha256(repr(sorted(row.items())).encode()).digest()
        full.append({"row_id": int.from_bytes(digest[:8], "big") >> 1, **row})
    return pa.Table.from_pylist(full, schema=schema)


def put(workspace: Workspace, name, table, *, source=None, time_column=None):
    """Put a canonical table into a workspace's ledger as one source."""
    source = source or name
    key = hashlib.sha256(str(table.to_pydict()).encode()).hexdigest()[:16]
    path = f"ledger/{name}/{key}.parquet"
    with workspace.stores.files.staging() as staging:
        pq.write_table(table, staging / "part.parquet")
        workspace.stores.files.adopt(staging / "part.parquet", path)
    time_column = time_column or CANONICAL[name].time_column
    times = sorted(t for t in table[time_column].to_pylist() if t) if time_column else []
    part = Part(
        key=key, table=name, source=source, path=path, rows=table.num_rows,
        min_time=times[0] if times else None, max_time=times[-1] if times else None,
    )  # fmt: skip
    record = SourceRecord(
        name=source, table=name, content=key, stat=key, rows_read=table.num_rows, rows_used=table.num_rows,
        rows_quarantined=0, rows_duplicate=0, read_at=datetime(2024, 1, 1),
    )  # fmt: skip
    workspace.stores.ledger.replace(record, [part])


def shop_orders(*, customers=60, weeks=40, seed=1, end=datetime(2024, 6, 3)):
    """Order lines of a made-up shop: each customer has a rate and favourite categories."""
    rng = generator(seed, "shop")
    rows, number = [], 0
    for customer in range(customers):
        favourite = customer % 5
        for _ in range(int(rng.integers(2, weeks))):
            when = end - timedelta(days=float(rng.uniform(0.01, weeks * 7)))
            number += 1
            for line in range(int(rng.integers(1, 5))):
                category = favourite if rng.random() < 0.7 else int(rng.integers(0, 5))
                product = category * 10 + int(rng.integers(0, 10))
                rows.append(
                    {
                        "order_id": f"o{number}",
                        "customer_id": f"c{customer}",
                        "product_id": f"p{product}",
                        "ordered_at": when.replace(microsecond=line),
                        "quantity": float(rng.integers(1, 4)),
                        "amount": float(np.round(rng.uniform(1, 20), 2)),
                        "discount": 0.0,
                        "kind": "sale",
                        "category": f"cat{category}",
                        "product_name": f"Product {product}",
                    }
                )
    return canonical("orders", rows)
