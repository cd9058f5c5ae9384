"""Whatever a file holds: every row is used, quarantined or a duplicate, and reading it again adds nothing."""

import csv
import io
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import example, given, settings
from hypothesis import strategies as st
from order_files import NOW

from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect.files.importing import SourceOptions, inspect, read

FIELDS = ("order", "customer", "product", "date", "qty", "amount")
MAPPING = {"order_id": "order", "customer_id": "customer", "product_id": "product", "ordered_at": "date"} | {
    "quantity": "qty",
    "amount": "amount",
}
CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "NA",
            "1",
            "-2",
            "3.5",
            "1.234,50",
            "(4)",
            "C12",
            "2024-01-05",
            "3/4/2024",
            "x",
            '"',
            "Ü\n,",
            "1e400",
            "²",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\x01"), max_size=8),
)
ROWS = st.lists(st.tuples(*[CELLS] * len(FIELDS)), min_size=1, max_size=12)


def written(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(FIELDS)
    writer.writerow(["1", "a", "p", "2024-01-05 10:00", "1", "2.50"])
    writer.writerows(rows)
    return out.getvalue()


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, duplicates=st.sampled_from(["drop", "keep"]))
@example(rows=[("",) * 6] * 5 + [("", "", "", "Ü\n,", "\\", "")], duplicates="drop")
def test_conservation(rows: list[tuple[str, ...]], duplicates: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text(written(rows), encoding="utf-8", newline="")
        found = inspect(path, kind="orders", overrides=MAPPING, options=SourceOptions(duplicates=duplicates))
        importer = DuckDBImporter(threads=1, memory_limit="200MB")
        first, again = Path(folder) / "first", Path(folder) / "again"
        first.mkdir()
        again.mkdir()
        seen = read(found, importer=importer, staging_dir=first, now=NOW).written
        assert seen.read_rows == len(rows) + 1
        assert seen.read_rows == seen.used + seen.quarantined + seen.duplicates
        assert seen.part is not None
        part = pq.read_table(seen.part)
        assert part.num_rows == seen.used == len(set(part["row_id"].to_pylist()))
        assert min(part["quantity"].to_pylist()) >= 0
        assert {*part["kind"].to_pylist()} <= {"sale", "return", "cancelled"}
        if duplicates == "drop":
            assert (
                len({str(row.values()) for row in part.drop_columns("row_id").to_pylist()}) == part.num_rows
            )
        repeat = read(
            found, importer=importer, staging_dir=again, now=NOW, existing_parts=(seen.part,)
        ).written
        assert (repeat.used, repeat.known, repeat.part) == (0, seen.used, None)
        assert repeat.quarantined == seen.quarantined


@settings(max_examples=15, deadline=None)
@given(lines=st.lists(st.text(st.sampled_from("a1,;.- \té年"), min_size=1, max_size=12), max_size=10))
def test_no_line_is_lost(lines: list[str]):
    """Without quotes each line is a row, whatever its width."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        head = [",".join(FIELDS), "1,a,p,2024-01-05 10:00,1,2.50", "2,a,p,2024-01-06 10:00,1,2.50"]
        path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8", newline="")
        found = inspect(path, kind="orders", overrides=MAPPING, options=SourceOptions(delimiter=","))
        seen = read(found, importer=DuckDBImporter(threads=1), staging_dir=Path(folder), now=NOW).written
        assert seen.read_rows == len(lines) + 2
        assert seen.read_rows == seen.used + seen.quarantined + seen.duplicates
        if seen.quarantine is not None:
            numbers = pq.read_table(seen.quarantine)["line"].to_pylist()
            assert len(set(numbers)) == len(numbers)
            assert set(numbers) <= set(range(4, 4 + len(lines)))
