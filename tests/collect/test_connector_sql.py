"""SQL databases and folders as sources of tables: nothing lost, nothing twice, nothing half-read."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mindgap as package
from kits.commands import mindgap
from mindgap.backends.arrow_columns import arrow_column
from mindgap.collect.connectors.folder import OPTIONS, settled_files
from mindgap.collect.files.landing import Landing, without_seen, write
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError, UsageError
from mindgap.kernel.settings import SourceSettings, read_settings, write_sources
from mindgap.workspace import live


def fill(path, rows):
    """Rows: order number, customer, day, amount, time of the change."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "create table if not exists sales (order_id integer, customer_id text, product_id text,"
            " ordered_at text, quantity integer, amount real, changed_at text)"
        )
        database.executemany("insert into sales values (?, ?, 'p1', ?, 1, ?, ?)", rows)
        database.commit()


def row(nth, *, changed="2024-05-02 10:00:00", amount=None):
    return (nth, f"c{nth % 7}", f"2024-05-01 {nth % 24:02}:00:00", amount or 1.5 + nth, changed)


def declare(folder, **options):
    path = f"sqlite:///{folder / 'shop.db'}"
    said = {"table": "sales", "fills": "orders", **options}
    write_sources(folder, {"sales": SourceSettings(kind="sql", path=path, options=said)})
    return package.open(folder)


def order_ids(workspace):
    parts = [workspace.stores.files.path(part.path) for part in workspace.stores.ledger.parts("orders")]
    return sorted(int(one) for part in set(parts) for one in pq.read_table(part)["order_id"].to_pylist())


def test_rows_of_the_same_moment_are_not_lost(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(10)])
    workspace = declare(tmp_path, cursor="changed_at")
    assert [record.rows_used for record in workspace.refresh().records] == [10]
    assert workspace.refresh().unchanged == ("sales",)
    fill(tmp_path / "shop.db", [row(10), row(11, changed="2024-05-03 00:00:00")])
    workspace.refresh()
    assert order_ids(workspace) == list(range(12))
    landed = sorted((tmp_path / ".mindgap" / "landing" / "sales").glob("*/*.parquet"))
    assert [path.name.split("-")[0] for path in landed] == ["000001", "000002"]
    assert "2024_05_03" in landed[1].name


def test_a_changed_row_takes_the_place_of_the_old_one(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(3)])
    workspace = declare(tmp_path, cursor="changed_at", key=["order_id"])
    workspace.refresh()
    fill(tmp_path / "shop.db", [row(1, changed="2024-05-04 00:00:00", amount=99.0)])
    assert [record.rows_used for record in workspace.refresh().records] == [3]
    assert order_ids(workspace) == [0, 1, 2]


def test_rows_written_late_are_found_within_the_overlap(tmp_path):
    fill(tmp_path / "shop.db", [row(1, changed="2024-05-02 10:00:00")])
    workspace = declare(tmp_path, cursor="changed_at", overlap_s=3600)
    workspace.refresh()
    fill(tmp_path / "shop.db", [row(2, changed="2024-05-02 09:30:00")])
    workspace.refresh()
    assert order_ids(workspace) == [1, 2]
    assert workspace.refresh().unchanged == ("sales",)


def test_without_a_cursor_the_table_is_what_it_is_now(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(5)])
    workspace = declare(tmp_path)
    workspace.refresh()
    assert workspace.refresh().unchanged == ("sales",)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("delete from sales where order_id = 2")
        database.commit()
    workspace.refresh()
    assert order_ids(workspace) == [0, 1, 3, 4]


def test_a_select_is_read_like_a_table(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(5)])
    query = "select order_id, customer_id, ordered_at, amount from sales where amount > 3 and '12:30' <> '%';"
    workspace = declare(tmp_path, table="", select=query)
    workspace.refresh()
    assert order_ids(workspace) == [2, 3, 4]


def test_a_database_that_is_gone_hinders_nothing(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(5)])
    workspace = declare(tmp_path, cursor="changed_at")
    workspace.refresh()
    (tmp_path / "shop.db").unlink()
    intake = workspace.refresh()
    assert "no database file" in intake.failures["sales"].message
    assert order_ids(workspace) == list(range(5))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cursor": "no_such"}, "no column 'no_such'"),
        ({"table": "nowhere"}, "cannot be read"),
        ({"select": "select 1"}, "Both a table and a select"),
        ({"sheet": "sales"}, "unknown field"),
        ({"password_env": "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE"),
    ],
)
def test_what_cannot_be_is_told(tmp_path, options, message):
    fill(tmp_path / "shop.db", [row(1)])
    assert message in declare(tmp_path, **options).refresh().failures["sales"].message


def test_columns_of_which_nothing_is_made_never_touch_the_disk(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(5)])
    columns = {"order_id": "order_id", "customer_id": "customer_id", "ordered_at": "ordered_at"}
    workspace = declare(tmp_path, cursor="changed_at")
    declared = read_settings(tmp_path).sources["sales"]
    write_sources(tmp_path, {"sales": msgspec.structs.replace(declared, map={**columns, "amount": "amount"})})
    workspace.refresh()
    (landed,) = (tmp_path / ".mindgap" / "landing" / "sales").glob("*/*.parquet")
    assert set(workspace.stores.cipher.read(landed).column_names) == {*columns, "amount", "changed_at"}
    assert order_ids(workspace) == list(range(5))


def test_a_removed_source_leaves_no_raw_rows(tmp_path):
    fill(tmp_path / "shop.db", [row(1)])
    workspace = declare(tmp_path)
    workspace.refresh()
    assert list((tmp_path / ".mindgap" / "landing").iterdir())
    live.remove(workspace, "sales")
    assert list((tmp_path / ".mindgap" / "landing").iterdir()) == []
    assert order_ids(workspace) == [1]


def test_a_name_that_leads_elsewhere_lands_with_the_others(tmp_path):
    fill(tmp_path / "shop.db", [row(1)])
    declared = SourceSettings(
        kind="sql", path=f"sqlite:///{tmp_path / 'shop.db'}", options={"table": "sales", "fills": "orders"}
    )
    write_sources(tmp_path, {"..": declared})
    workspace = package.open(tmp_path)
    workspace.refresh()
    assert order_ids(workspace) == [1]
    assert len(list((tmp_path / ".mindgap" / "landing").iterdir())) == 1


def test_a_switched_off_source_is_not_read(tmp_path):
    fill(tmp_path / "shop.db", [row(1)])
    assert declare(tmp_path, enabled=False).refresh().records == ()


def test_the_command_line_adds_a_database(tmp_path):
    fill(tmp_path / "shop.db", [row(n) for n in range(5)])
    url = "sqlite:///shop.db"
    done = mindgap("add", url, "--as", "orders", "--set", "cursor=changed_at", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    kept = read_settings(tmp_path).sources["sales"]
    assert (kept.kind, kept.options["table"], kept.options["fills"]) == ("sql", "sales", "orders")
    assert kept.map["customer_id"] == "customer_id"
    assert order_ids(package.open(tmp_path)) == list(range(5))
    mindgap("add", url, "--as", "orders", "--set", "cursor=changed_at", "--json", cwd=tmp_path)
    assert list(read_settings(tmp_path).sources) == ["sales"]


def test_a_password_is_never_kept(tmp_path):
    with pytest.raises(SettingsError, match="holds a password") as refused:
        package.open(tmp_path).add("postgresql://shop:tulip@127.0.0.1/shop", kind="orders")
    assert "tulip" not in str(refused.value)
    assert read_settings(tmp_path).sources == {}


def test_wrong_options_of_a_database_are_refused(tmp_path):
    fill(tmp_path / "shop.db", [row(1)])
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with pytest.raises(UsageError, match="overlap_s"):
        package.open(tmp_path).add(url, kind="orders", options={"overlap_s": "long"})
    with pytest.raises(UsageError, match="no_such"):
        package.open(tmp_path).add(url, kind="orders", options={"no_such": 1})


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=6), max_size=5))
def test_each_row_lands_as_often_as_it_is_there(tmp_path_factory, growth):
    """A table that only grows, with many rows of one cursor value and many that are alike."""
    folder = tmp_path_factory.mktemp("landing")
    landing = Landing(folder=folder, cursor="at")
    there = []
    for more in growth:
        reached = landing.reached()
        there += [one for one in more if reached is None or one[0] >= reached]
        rows = sorted(one for one in there if reached is None or one[0] >= reached)
        batch = pa.RecordBatch.from_arrays(
            [arrow_column([at for at, _ in rows]), arrow_column([text for _, text in rows])], ["at", "text"]
        )
        fresh = batch if reached is None else without_seen(batch, "at", landing.seen(reached))
        list(write([fresh] if fresh.num_rows else [], landing, folder))
    landed = [tuple(one.values()) for path in landing.files() for one in pq.read_table(path).to_pylist()]
    assert sorted(landed) == sorted(there)


def test_columns_that_change_their_kind_still_land(tmp_path):
    landing = Landing(folder=tmp_path, cursor="id")
    chunks = [([1, 2], [None, None]), ([3, 4], [1.5, 2]), ([5, 6], ["x", None])]
    batches = [
        pa.RecordBatch.from_arrays([arrow_column(ids), arrow_column(values)], ["id", "value"])
        for ids, values in chunks
    ]
    assert len(list(write(batches, landing, tmp_path))) == 2
    assert landing.reached() == 6


def test_a_folder_is_read_when_its_files_have_settled(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    said = {"fills": "orders", "settle_s": 5}
    write_sources(tmp_path, {"inbox": SourceSettings(kind="folder", path="inbox", options=said)})
    head = "order_id,customer_id,product_id,ordered_at,quantity,amount\n"
    (inbox / "day1.csv").write_text(head + "1,c1,p1,2024-05-01,1,2.5\n")
    (inbox / "day2.csv.part").write_text(head + "2,c1,p1,2024-05-02,1,2.5\n")
    workspace = package.open(tmp_path)
    assert workspace.refresh().records == ()
    aged(inbox / "day1.csv", 60)
    assert [record.name for record in workspace.refresh().records] == ["inbox/day1.csv"]
    (inbox / "day2.csv.part").rename(inbox / "day2.csv")
    aged(inbox / "day2.csv", 60)
    assert [record.name for record in workspace.refresh().records] == ["inbox/day2.csv"]
    with (inbox / "day1.csv").open("a") as file:
        file.write("3,c2,p1,2024-05-03,1,2.5\n")
    assert workspace.refresh().records == ()
    aged(inbox / "day1.csv", 30)
    workspace.refresh()
    assert order_ids(workspace) == [1, 2, 3]


def test_a_bad_file_of_a_folder_hinders_no_other(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "bad.csv").write_bytes(b"%PDF-1.7 x")
    (tmp_path / "inbox" / "good.csv").write_text(
        "order_id,customer_id,ordered_at,amount\n1,c1,2024-05-01,2\n"
    )
    for file in (tmp_path / "inbox").iterdir():
        aged(file, 60)
    write_sources(tmp_path, {"inbox": SourceSettings(kind="folder", path="inbox")})
    intake = package.open(tmp_path).refresh()
    assert list(intake.failures) == ["inbox/bad.csv"]
    assert [record.name for record in intake.records] == ["inbox/good.csv"]


def test_names_of_unfinished_files(tmp_path):
    for name in (
        ".hidden.csv",
        "~$book.xlsx",
        "a.csv.tmp",
        "b.csv.crdownload",
        "_tmp.csv",
        "notes.pdf",
        "c.csv",
    ):
        (tmp_path / name).write_text("x")
    later = now() + timedelta(hours=1)
    assert [path.name for path in settled_files(tmp_path, OPTIONS(), at=later)] == ["c.csv"]


def aged(path, seconds):
    moment = time.time() - seconds
    os.utime(path, (moment, moment))
