"""A workspace whose row ids are unsigned is refused before anything is read into it."""

from datetime import datetime

import pyarrow as pa
import pytest

import mindgap as mg
from kits.shop import canonical, put
from mindgap.kernel.errors import StorageError

ROW = {
    "order_id": "o",
    "customer_id": "c",
    "product_id": "p",
    "ordered_at": datetime(2026, 1, 1),
    "quantity": 1.0,
    "kind": "sale",
}


def test_unsigned_row_ids_are_refused_with_what_to_do(tmp_path):
    workspace = mg.open(tmp_path / "shop")
    table = canonical("orders", [ROW])
    put(workspace, "orders", table.set_column(0, "row_id", table["row_id"].cast(pa.uint64())))
    with pytest.raises(StorageError, match="older version"):
        workspace.run()
