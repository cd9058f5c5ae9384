"""Files as they should not be, through the command line: each gives a clear message or its rows."""

import csv
import json
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.commands import mindgap
from mindgap.workspace import open as open_workspace

HEADER = ["order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount"]
START = datetime(2024, 1, 1, 9, 30)


def rows(number=40):
    """Order lines as text: two lines an order, seven customers."""
    return [
        [
            f"o{nth // 2}",
            f"c{nth % 7}",
            f"p{nth % 5}",
            (START + timedelta(hours=7 * nth)).strftime("%Y-%m-%d %H:%M:%S"),
            str(1 + nth % 3),
            f"{1.5 + nth % 9:.2f}",
        ]
        for nth in range(number)
    ]


def write(path, lines, *, header=HEADER, encoding="utf-8", delimiter=","):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *lines] if header else lines)
    return path


def add(folder, file, *options):
    """Bring a file in; returns what became of its rows and the orders."""
    done = mindgap("add", file, "--yes", "--json", "--dir", "ws", *options, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    source = json.loads(done.stdout)["sources"][0]
    assert source["read"] == source["used"] + source["quarantined"] + source["duplicates"]
    stores = open_workspace(folder / "ws").stores
    paths = {stores.files.path(part.path) for part in stores.ledger.parts("orders")}
    orders = pa.concat_tables([pq.read_table(path) for path in sorted(paths)])
    return source, orders.sort_by([("ordered_at", "ascending"), ("order_id", "ascending")])


def refused(folder, *arguments, exit_code=1):
    """The message with which a run ends; no workspace is left behind for nothing."""
    before = sorted(item.name for item in folder.iterdir())
    done = mindgap("run", *arguments, "--yes", "--json", cwd=folder)
    assert done.returncode == exit_code, done.stdout + done.stderr
    told = mindgap("run", *arguments, "--yes", cwd=folder)
    error = json.loads(done.stdout)["error"]
    assert error["message"] in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    assert sorted(item.name for item in folder.iterdir()) == before
    return f"{error['message']} {error['hint']}"


def make_empty(path):
    path.write_text("")


def make_header_only(path):
    write(path, [])


def make_folder(path):
    path.mkdir()


def make_broken_link(path):
    path.symlink_to("nowhere.csv")


def make_nothing(path):
    pass


def make_picture(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))


def make_noise(path):
    path.write_bytes(bytes(range(256)) * 40)


def make_letter(path):
    path.write_text("Dear customer,\n\nthank you for your order.\nYours\n")


def make_damaged_parquet(path):
    path.write_bytes(b"PAR1" + bytes(500))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (make_empty, "is empty"),
        (make_header_only, "header but no rows"),
        (make_folder, "holds no files"),
        (make_broken_link, "no file x.csv"),
        (make_nothing, "no file x.csv"),
        (make_picture, "is a picture"),
        (make_noise, "x.csv"),
        (make_letter, "x.csv"),
        (make_damaged_parquet, "damaged Parquet"),
    ],
)
def test_a_file_that_is_no_table_says_so_and_leaves_nothing(tmp_path, make, says):
    make(tmp_path / "x.csv")
    assert says in refused(tmp_path, "x.csv")


def test_a_run_of_nothing_makes_no_workspace(tmp_path):
    assert "is no workspace" in refused(tmp_path)


def test_columns_that_mean_nothing_are_listed(tmp_path):
    write(tmp_path / "x.csv", [["1", "2"], ["3", "4"]], header=["foo", "bar"])
    message = refused(tmp_path, "x.csv")
    assert "foo" in message
    assert "--map" in message


def test_orders_without_a_date_name_what_is_missing(tmp_path):
    write(tmp_path / "x.csv", [row[:3] + row[4:] for row in rows()], header=[*HEADER[:3], *HEADER[4:]])
    done = mindgap("run", "x.csv", "--as", "orders", "--yes", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "ordered_at" in json.loads(done.stdout)["error"]["message"]


def test_no_date_that_can_be_read_is_told_as_such(tmp_path):
    write(tmp_path / "x.csv", [[*row[:3], "soon", *row[4:]] for row in rows()])
    done = mindgap("add", "x.csv", "--as", "orders", "--map", "ordered_at=ordered_at", "--yes", "--json",
                   "--dir", "ws", cwd=tmp_path)  # fmt: skip
    source = json.loads(done.stdout)["sources"][0]
    assert source["quarantined_by_reason"] == {"bad_date": 40}
    run = mindgap("run", "--dir", "ws", "--json", cwd=tmp_path)
    assert run.returncode == 1
    assert "no orders" in json.loads(run.stdout)["error"]["message"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_than_the_name_promises(tmp_path, delimiter):
    source, orders = add(tmp_path, write(tmp_path / "x.csv", rows(), delimiter=delimiter))
    assert source["used"] == 40
    assert orders["amount"].to_pylist() == [float(row[5]) for row in rows()]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_other_encodings_give_the_same_rows(tmp_path, encoding):
    header = ["订单号", "会员编号", "商品编号", "下单时间", "数量", "实付金额"]
    lines = [[row[0], f"会员{row[1]}", *row[2:]] for row in rows()]
    source, orders = add(tmp_path, write(tmp_path / "x.csv", lines, header=header, encoding=encoding))
    assert source["used"] == 40
    assert orders["customer_id"].to_pylist() == [row[1] for row in lines]


def test_columns_of_the_same_name_are_numbered(tmp_path):
    lines = [[*row, "x"] for row in rows()]
    source, _ = add(tmp_path, write(tmp_path / "x.csv", lines, header=[*HEADER, "amount"]))
    assert source["used"] == 40
    assert "collect-duplicate-columns" in {note["code"] for note in source["notes"]}


@pytest.mark.parametrize("form", ["%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%Y%m%d", "%Y年%m月%d日", "%d-%b-%Y"])
def test_dates_are_read_in_many_forms(tmp_path, form):
    moments = [START + timedelta(hours=7 * nth) for nth in range(120)]
    lines = [
        [*row[:3], moment.strftime(form), *row[4:]] for row, moment in zip(rows(120), moments, strict=True)
    ]
    source, orders = add(tmp_path, write(tmp_path / "x.csv", lines))
    assert source["used"] == 120
    assert [at.date() for at in orders["ordered_at"].to_pylist()] == [at.date() for at in moments]


def test_three_date_formats_in_one_column(tmp_path):
    forms = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M"]
    moments = [START + timedelta(hours=7 * nth) for nth in range(120)]
    lines = [[*row[:3], moments[nth].strftime(forms[nth % 3]), *row[4:]] for nth, row in enumerate(rows(120))]
    source, orders = add(tmp_path, write(tmp_path / "x.csv", lines))
    assert source["used"] == 120
    assert [at.date() for at in orders["ordered_at"].to_pylist()] == [at.date() for at in moments]


def test_negative_and_zero_prices(tmp_path):
    lines = rows()
    lines[4][5], lines[9][5], lines[9][4] = "0", "-3.20", "-2"
    source, orders = add(tmp_path, write(tmp_path / "x.csv", lines))
    assert source["used"] == 40
    by_kind = {row["ordered_at"]: row for row in orders.to_pylist()}
    free = by_kind[datetime.fromisoformat(lines[4][3])]
    back = by_kind[datetime.fromisoformat(lines[9][3])]
    assert (free["kind"], free["amount"]) == ("sale", 0.0)
    assert (back["kind"], back["amount"], back["quantity"]) == ("return", 3.2, 2.0)


def test_an_id_that_was_read_as_a_float(tmp_path):
    lines = [
        [row[0], "" if nth % 4 == 0 else f"{17850 + nth % 7}.0", *row[2:]] for nth, row in enumerate(rows())
    ]
    _, orders = add(tmp_path, write(tmp_path / "x.csv", lines))
    assert set(orders["customer_id"].to_pylist()) == {None, *(str(17850 + nth) for nth in range(7))}


def test_a_folder_of_mixed_files(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    write(folder / "january.csv", rows())
    write(folder / "february.tsv", [[f"x{row[0]}", *row[1:]] for row in rows()], delimiter="\t")
    write(folder / "catalogue.csv", [[f"p{n}", f"Tea {n}", "tea"] for n in range(5)],
          header=["product_id", "product_name", "category"])  # fmt: skip
    make_empty(folder / "empty.csv")
    make_picture(folder / "logo.png")
    make_broken_link(folder / "latest.csv")
    done = mindgap("add", "exports", "--yes", "--json", "--dir", "ws", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert done.returncode == 1  # not all of it could be read, and that is told
    assert {(s["name"], s["table"], s["used"]) for s in answer["sources"]} == {
        ("january", "orders", 40), ("february", "orders", 40), ("catalogue", "products", 5)
    }  # fmt: skip
    assert {"empty.csv", "logo.png"} <= set(answer["failures"])


def test_a_bad_file_among_good_ones_hinders_none(tmp_path):
    write(tmp_path / "good.csv", rows())
    make_empty(tmp_path / "bad.csv")
    done = mindgap("add", "bad.csv", "good.csv", "--yes", "--json", "--dir", "ws", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [source["name"] for source in answer["sources"]] == ["good"]
    assert "is empty" in answer["failures"]["bad.csv"]["message"]


def test_only_bad_files_are_told_in_one_message(tmp_path):
    make_empty(tmp_path / "a.csv")
    make_header_only(tmp_path / "b.csv")
    message = refused(tmp_path, "a.csv", "b.csv")
    assert "a.csv" in message
    assert "b.csv" in message


def test_the_folder_where_one_stands_can_be_brought_in(tmp_path):
    shop = tmp_path / "shop"
    shop.mkdir()
    make_empty(shop / "a.csv")
    assert "empty" in refused(shop, ".")
    assert "--dir" in refused(shop, "/", exit_code=2)
    assert not (tmp_path / "shop-mindgap").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[workspace\n", "mindgap.toml"),
        ("[workspace]\ncurrency = 7\n", "currency"),
        ('[workspace]\ntime_zone = "Mars/Base"\n', "Mars/Base"),
        ("[workspace]\nmargin_rate = 1.5\n", "margin_rate"),
        ("[workspace]\ncolour = 'red'\n", "colour"),
        ("[sources.till]\nkind = 'orders'\n", "path"),
    ],
)
def test_wrong_settings_are_named(tmp_path, text, says):
    (tmp_path / "mindgap.toml").write_text(text)
    done = mindgap("run", "--dir", ".", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert says in json.loads(done.stdout)["error"]["message"]
    assert not (tmp_path / ".mindgap").exists()


def test_settings_that_are_no_file(tmp_path):
    (tmp_path / "mindgap.toml").mkdir()
    done = mindgap("run", "--dir", ".", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "cannot be read" in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize("as_of", ["0001-01-01", "1999-12-31", "2023-12-31", "9999-12-31"])
def test_a_moment_that_nothing_can_be_said_of(tmp_path, as_of):
    add(tmp_path, write(tmp_path / "x.csv", rows()))
    done = mindgap("run", "--dir", "ws", "--as-of", as_of, "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert "2024-01-01" in json.loads(done.stdout)["error"]["hint"]


def test_an_empty_name_is_not_the_folder_where_one_stands(tmp_path):
    write(tmp_path / "x.csv", rows())
    assert "empty" in refused(tmp_path, "", "--dir", "ws", exit_code=2)


def test_brackets_and_colons_are_text(tmp_path):
    header = [
        "order_id",
        "customer_id",
        "product_id",
        "product_name",
        "ordered_at",
        "quantity",
        "amount [EUR]",
    ]
    lines = [[row[0], f"[/{row[1]}]", row[2], "Tea [/x] :smile:", *row[3:]] for row in rows()]
    write(tmp_path / "a[b] :smile:.csv", lines, header=header)
    add(tmp_path, "a[b] :smile:.csv")
    settings = tmp_path / "ws" / "mindgap.toml"
    settings.write_text('[workspace]\nname = "Shop [/x]"\n' + settings.read_text("utf-8"), "utf-8")
    for command in (["run"], ["table", "customer_features"], ["customer", "[/c1]"], ["status"], ["doctor"]):
        done = mindgap(*command, "--dir", "ws", cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    run = mindgap("run", "--dir", "ws", cwd=tmp_path)
    assert "Shop [/x]" in run.stdout
    asked = mindgap("add", "a[b] :smile:.csv", "--dir", "ws", cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert "amount [EUR]" in asked.stdout
