"""What must never crash, lose a row in silence, or repeat a person's data in a message."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from order_files import HEADER, NOW, lines, orders

from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect.files.importing import SourceOptions, inspect, inspect_folder, read
from mindgap.kernel.errors import MappingError, SourceError, StorageError, UsageError


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (HEADER.encode() + b"\n", "no rows"),
        (b"%PDF-1.7 abc", "PDF"),
        (b"PAR1 broken parquet", "damaged Parquet"),
        (b"\x1f\x8b\x08\x00broken gzip", "damaged"),
        (b"PK\x03\x04 broken workbook", "damaged workbook"),
        (b'[{"a": 1}, {"a":', "not recognised"),
        (b"word\n" * 30, "single column"),
        (bytes(range(256)) * 40, "not recognised"),
    ],
)
def test_refused_with_a_clear_message(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises((SourceError, MappingError), match=said) as caught:
        inspect(path)
    assert caught.value.hint


def test_wrong_delimiter_names_a_better_one(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(orders(9))
    with pytest.raises(SourceError, match="--set delimiter=','"):
        inspect(path, options=SourceOptions(delimiter=";"))


def test_one_basket_a_line(tmp_path: Path):
    path = tmp_path / "groceries.csv"
    path.write_text("\n".join(",".join(["milk"] * (1 + at % 7)) for at in range(60)))
    with pytest.raises(SourceError, match="basket"):
        inspect(path)


def test_missing_file_and_folder(tmp_path: Path):
    with pytest.raises(SourceError, match="no file"):
        inspect(tmp_path / "absent.csv")
    with pytest.raises(SourceError, match="is a folder"):
        inspect(tmp_path)
    with pytest.raises(SourceError, match="holds no files"):
        inspect_folder(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(orders(3))
    path.chmod(0)
    with pytest.raises(SourceError, match="may not be read"):
        inspect(path)


def test_folder_of_mixed_files(tmp_path: Path):
    (tmp_path / "orders.csv").write_text(orders(9))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "orders.tsv").write_text(orders(9).replace(",", "\t"))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "notes.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / ".hidden").write_text("x")
    found = inspect_folder(tmp_path)
    assert [seen.path.name for seen in found.inspections] == ["orders.tsv", "orders.csv"]
    assert set(found.failures) == {"empty.csv", "notes.docx"}


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "cp1252", "utf-8"]
)
def test_encodings(bring, encoding: str):
    word = "订单中的商品名称" if encoding != "cp1252" else "Café crème à l'œuf"
    seen = bring(orders(40, product=word).encode(encoding))
    assert seen.result.written.used == 40
    assert set(seen.column("product_name")) == {word}


def test_stray_bytes_cost_only_their_line(bring):
    content = orders(40, product="Käse").encode().replace(b",7,", b",\xff\xfe,", 1)
    seen = bring(content)
    assert seen.result.written.reasons == {"malformed_line": 1}
    assert seen.result.written.used == 39


@pytest.mark.parametrize("packed", ["gzip", "zstd"])
def test_packed(bring, packed: str):
    name = {"gzip": "orders.csv.gz", "zstd": "orders.csv.zst"}[packed]
    content = (
        pa.compress(orders(40).encode(), codec=packed, asbytes=True) if packed == "gzip" else zstd(orders(40))
    )
    assert bring(content, name).result.written.used == 40
    for encoding in ("utf-16", "utf-8-sig"):
        text = orders(40).encode(encoding)
        content = pa.compress(text, codec="gzip", asbytes=True) if packed == "gzip" else zstd(text)
        assert bring(content, name).result.written.used == 40


def zstd(content: str | bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(content.encode() if isinstance(content, str) else content)
    return out.getvalue().to_pybytes()


def test_truncated_gzip(bring):
    whole = pa.compress(orders(40_000).encode(), codec="gzip", asbytes=True)
    with pytest.raises(SourceError, match="damaged"):
        bring(whole[: len(whole) // 2], "orders.csv.gz")


def test_duplicate_columns(bring):
    text = "order,customer,product,date,qty,price,price\n1,a,x,2024-01-01,1,2.0,3.0\n"
    seen = bring(text)
    assert "collect-duplicate-columns" in seen.codes
    chosen = bring(text, "again.csv", overrides={"unit_price": "price_2"})
    assert chosen.column("amount") == [3.0]


def test_dates_in_many_formats(bring):
    dates = [
        "2024-03-05",
        "2024/3/5 08:00",
        "25/03/2024",
        "20240305",
        "5 Mar 2024",
        "1709596800",
        "45356",
        "x",
        "",
        "1901-01-01",
        "2030-01-01",
    ]
    text = "order,customer,product,date,qty,amount\n" + "".join(
        f"{at},a,x,{day},1,2\n" for at, day in enumerate(dates)
    )
    seen = bring(text)
    assert seen.result.written.reasons == {
        "bad_date": 1,
        "no_date": 1,
        "date_too_old": 1,
        "date_in_future": 1,
    }
    assert [(row["line"], row["reason"], row["column"]) for row in seen.quarantine] == [
        (9, "bad_date", "date"),
        (10, "no_date", "date"),
        (11, "date_too_old", "date"),
        (12, "date_in_future", "date"),
    ]


def test_day_or_month_first_is_decided_over_the_whole_column(bring):
    rows = "order,customer,product,date,qty,amount\n1,a,x,3/4/2024,1,2\n2,a,x,4/25/2024,1,2\n"
    assert bring(rows).column("ordered_at")[0].month == 3
    undecided = rows.replace("4/25", "4/5")
    assert bring(undecided, time_zone="America/New_York").column("ordered_at")[0].month == 3
    assert bring(undecided, day_first=True).column("ordered_at")[0].month == 4
    assert "collect-dates-undecided" in bring(undecided).codes


def test_prices_of_zero_and_below(bring):
    seen = bring(
        "order,customer,product,date,qty,amount\n1,a,x,2024-01-01,1,0\n2,a,x,2024-01-02,1,-5\n3,a,x,2024-01-03,0,5\n"
    )
    assert [(row["kind"], row["quantity"], row["amount"]) for row in seen.rows] == [
        ("sale", 1.0, 0.0),
        ("return", 1.0, 5.0),
        ("sale", 0.0, 5.0),
    ]


def test_status_words(bring):
    words = ["completed", "Returned", "cancelled", "已取消", "退款成功", "shipped"]
    text = "order,customer,product,date,qty,amount,status\n" + "".join(
        f"{at},a,x,2024-01-0{1 + at},1,2,{word}\n" for at, word in enumerate(words)
    )
    assert bring(text).column("kind") == ["sale", "return", "cancelled", "cancelled", "return", "sale"]


def test_lines_that_do_not_fit_keep_line_numbers_right(bring):
    text = lines(30)
    text[5] = "5,too few"
    text[11] = text[11] + ",too,many"
    text[20] = text[20].replace("2024-", "what")
    seen = bring("\n".join([HEADER, *text]) + "\n")
    assert [(row["line"], row["reason"]) for row in seen.quarantine] == [
        (7, "malformed_line"),
        (13, "malformed_line"),
        (22, "bad_date"),
    ]
    assert "customer" not in (seen.quarantine[2]["values"] or "")


def test_a_stray_quote_costs_only_its_line(bring):
    text = lines(3000)
    text[1000] = text[1000].replace("Tea", '"Tea')
    text[2000] = text[2000].replace("Tea", '"Tea\nGreen"')
    seen = bring("\n".join([HEADER, *text]) + "\n")
    assert seen.result.written.used == 2999
    assert seen.result.written.reasons == {"malformed_line": 1}
    assert "Tea\nGreen" in seen.column("product_name")


def test_mixed_line_ends(bring):
    text = HEADER + "\r\n" + "".join(line + ("\r\n" if at % 3 else "\n") for at, line in enumerate(lines(30)))
    assert bring(text).result.written.used == 30


def test_repeats_are_dropped_or_kept(bring):
    text = (
        "order,customer,product,date,qty,amount\n" + "1,a,x,2024-01-01,1,2\n" * 3 + "2,a,x,2024-01-01,1,2\n"
    )
    dropped = bring(text)
    assert (dropped.result.written.used, dropped.result.written.repeated) == (2, 2)
    kept = bring(text, duplicates="keep")
    assert (kept.result.written.used, kept.result.written.repeated) == (4, 0)
    again = bring(text, duplicates="keep", existing=(kept.result.written.part,))
    assert (again.result.written.known, again.result.written.part) == (4, None)


def test_a_second_file_counts_only_what_is_new(bring):
    first = bring(orders(30))
    second = bring(orders(45), "later.csv", existing=(first.result.written.part,))
    assert (second.result.written.known, second.result.written.used) == (30, 15)


def test_unknown_columns_and_fields_are_named(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(orders(9))
    with pytest.raises(MappingError, match=r"Did you mean 'qty'\?.*Columns: order, customer"):
        inspect(path, kind="orders", overrides={"quantity": "qtty"})
    with pytest.raises(MappingError, match="no field 'colour'"):
        inspect(path, kind="orders", overrides={"colour": "qty"})
    with pytest.raises(UsageError, match="time zone"):
        SourceOptions(time_zone="Mars/Olympus")


def test_orders_without_a_date(bring):
    with pytest.raises(MappingError, match="--map ordered_at=COLUMN"):
        bring("order,customer,product,qty,amount\n1,a,x,1,2\n", kind="orders")


def test_customers_known_by_e_mail_are_hashed_when_asked(bring):
    text = "order,email,product,date,qty,amount\n" + "".join(
        f"{at},p{at % 3}@x.org,x,2024-01-01,1,2\n" for at in range(9)
    )
    left_out = bring(text)
    assert set(left_out.column("customer_id")) == {None}
    assert "collect-customer-only-by-name" in left_out.codes
    hashed = bring(text, overrides={"customer_id": "email"})
    assert len(set(hashed.column("customer_id"))) == 3
    assert not any("@" in value for value in hashed.column("customer_id"))


def test_full_disk(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_text(orders(2000))
    for name in ("raw.parquet", "cleaned.parquet", "part.parquet"):
        staging = tmp_path / name.split(".")[0]
        staging.mkdir()
        (staging / name).symlink_to("/dev/full")
        with pytest.raises(StorageError, match="disk"):
            read(inspect(path), importer=DuckDBImporter(threads=1), staging_dir=staging, now=NOW)


def test_full_disk_while_rewriting(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_bytes(orders(2000).encode("utf-16"))
    staging = tmp_path / "staging"
    staging.mkdir()
    (staging / "text.csv").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="disk") as caught:
        read(inspect(path), importer=DuckDBImporter(threads=1), staging_dir=staging, now=NOW)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC


def test_interrupted(tmp_path: Path):
    """Ctrl-C while the rows are read: the process ends, and only the staging folder was touched."""
    path = tmp_path / "orders.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for _ in range(60):
            file.writelines(line + "\n" for line in lines(5000))
    (tmp_path / "staging").mkdir()
    code = f"""
        from datetime import datetime
        from pathlib import Path
        from mindgap.backends.duckdb_import import DuckDBImporter
        from mindgap.collect.files.importing import inspect, read
        print("ready", flush=True)
        read(inspect(Path({str(path)!r})), importer=DuckDBImporter(threads=1),
             staging_dir=Path({str(tmp_path / "staging")!r}), now=datetime(2025, 6, 1))
        print("done", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None and not list((tmp_path / "staging").iterdir()):
            time.sleep(0.01)  # libraries that are imported before swallow it now and then
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "done" not in out
    assert "KeyboardInterrupt" in err
    assert {entry.name for entry in tmp_path.iterdir()} == {"orders.csv", "staging"}
    assert list((tmp_path / "staging").iterdir()) == []


def test_messages_never_hold_values(tmp_path: Path):
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"order": [1], "date": ["2024-01-01"], "amount": [1.0]}), path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + b"SECRET" + content[len(content) // 2 + 6 :])
    staging = tmp_path / "staging"
    staging.mkdir()
    with pytest.raises((SourceError, MappingError)) as caught:
        read(inspect(path, kind="orders"), importer=DuckDBImporter(threads=1), staging_dir=staging, now=NOW)
    assert "SECRET" not in str(caught.value)


def test_old_line_ends_and_said_delimiters(bring):
    assert bring(orders(40).replace("\n", "\r")).result.written.used == 40
    assert bring(orders(40).replace(",", "\t"), delimiter="tab").result.written.used == 40
    assert bring(orders(40).replace(",", "~"), delimiter="~").result.written.used == 40
    with pytest.raises(UsageError, match="no delimiter"):
        SourceOptions(delimiter="::")


def test_price_beats_the_order_total(bring):
    header = "order,product,date,qty,unit price,order total\n"
    text = header + "1,a,2024-01-01,2,3.00,10.00\n1,b,2024-01-01,1,4.00,10.00\n"
    assert sorted(bring(text).column("amount")) == [4.0, 6.0]


def test_day_and_time_in_two_columns(bring):
    text = "order,product,date,time,qty,amount\n1,a,2024-01-05,14:30,2,3.00\n2,b,2024-01-06,,1,4.00\n"
    assert [str(moment) for moment in bring(text).column("ordered_at")] == [
        "2024-01-05 14:30:00",
        "2024-01-06 00:00:00",
    ]


def test_a_rate_of_discount_becomes_money(bring):
    text = "order,product,date,qty,amount,discount\n1,a,2024-01-01,1,8.00,0.2\n2,b,2024-01-01,1,5.00,0\n"
    seen = bring(text)
    assert sorted(seen.column("discount")) == [0.0, pytest.approx(2.0)]
    assert "collect-discount-rate" in seen.codes
