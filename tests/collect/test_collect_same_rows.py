"""The same orders in any format, encoding and way of writing are the same rows, down to `row_id`."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from order_files import HEADER, orders

TABLE = list(csv.DictReader(io.StringIO(orders(50))))


def rewritten(delimiter: str, **ways: object) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(HEADER.split(","))
    for row in TABLE:
        writer.writerow([ways.get(name, str)(cell) for name, cell in row.items()])  # type: ignore[operator]
    return out.getvalue()


def day_first(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d.%m.%Y %H:%M")


def american(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%m/%d/%Y %I:%M %p")


def chinese(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y年%m月%d日 %H时%M分")


def epoch(text: str) -> str:
    return str(int((datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds() * 1000))


def comma(text: str) -> str:
    return f"{float(text):.2f} €".replace(".", ",")


def typed_table() -> pa.Table:
    return pa.table(
        {
            "order": [float(row["order"]) for row in TABLE],
            "customer": [row["customer"] for row in TABLE],
            "product": [row["product"] for row in TABLE],
            "product name": [row["product name"] for row in TABLE],
            "date": [datetime.fromisoformat(row["date"]) for row in TABLE],
            "qty": pa.array([int(row["qty"]) for row in TABLE], pa.int16()),
            "amount": [float(row["amount"]) for row in TABLE],
        }
    )


@pytest.fixture
def expected(bring) -> list[int]:
    seen = bring(orders(50), "expected.csv")
    assert len(seen.rows) == 50
    return sorted(seen.column("row_id"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tabs.tsv", rewritten("\t")),
        ("bars.txt", rewritten("|", order=lambda cell: f"{cell}.0")),
        ("europe.csv", rewritten(";", date=day_first, amount=comma)),
        ("america.csv", rewritten(",", date=american, amount=lambda cell: f"${cell} ")),
        ("china.csv", rewritten(",", date=chinese, amount=lambda cell: f"￥{cell}元").encode("gb18030")),
        ("epoch.csv", rewritten(",", date=epoch).encode("utf-16")),
        ("lines.jsonl", "\n".join(json.dumps(row) for row in TABLE)),
        ("list.json", json.dumps(TABLE, indent=1)),
    ],
)
def test_same_rows(bring, expected: list[int], name: str, content: str | bytes):
    assert sorted(bring(content, name).column("row_id")) == expected


def test_same_rows_from_parquet(bring, expected: list[int], tmp_path: Path):
    path = tmp_path / "typed.parquet"
    pq.write_table(typed_table(), path)
    assert sorted(bring(path).column("row_id")) == expected


def test_same_rows_from_zoned_parquet(bring, expected: list[int], tmp_path: Path):
    table = typed_table()
    zoned = pa.compute.assume_timezone(table["date"], "Asia/Shanghai")
    path = tmp_path / "zoned.parquet"
    pq.write_table(table.set_column(4, "date", zoned), path)
    local = bring(orders(50), "local.csv", time_zone="Asia/Shanghai").column("row_id")
    assert sorted(bring(path).column("row_id")) == sorted(local) != expected
