"""Databases read and written: the same tests on SQLite and on a PostgreSQL that is started here."""

import uuid
from datetime import datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa

import mindgap as package
from kits.databases import PASSWORD
from mindgap.backends.arrow_columns import arrow_column
from mindgap.backends.database import anchored, connected, open_database
from mindgap.backends.targets.sql_table import SqlTable
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.audience import Audience, Sent
from mindgap.store.database import Address, Rows


@pytest.fixture
def guarded(postgres):
    """The URL of an empty database whose owner must show a password."""
    name = f"shop_{uuid.uuid4().hex}"
    postgres.ask(f"create database {name} owner guarded", database="postgres")
    return postgres.url(user="guarded", database=name)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        (tmp_path / "shop.db").touch()
        return Address(url=f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    return Address(url=request.getfixturevalue("guarded"), password_env="SHOP_PASSWORD")


def change(address, *statements):
    with connected(address) as connection, connection.begin():
        for statement in statements:
            connection.execute(sa.text(statement))


def sales(address, numbers, *, at="2024-05-02 10:00:00"):
    rows = ", ".join(f"({n}, 'c{n % 3}', '2024-05-01 10:00:00', {n + 0.5}, '{at}')" for n in numbers)
    change(
        address,
        "create table if not exists sales (order_id bigint, customer_id text, ordered_at timestamp,"
        " amount numeric(10, 2), changed_at timestamp)",
        f"insert into sales values {rows}",
    )


def test_rows_come_in_order_and_from_the_cursor_on(address):
    sales(address, [3, 1, 2])
    sales(address, [4], at="2024-05-03 10:00:00")
    with open_database(address) as database:
        assert "sales" in database.tables()
        assert database.columns(Rows(table="sales"))[0] == "order_id"
        found = pa.Table.from_batches(
            database.read(Rows(table="sales", cursor="changed_at", key="order_id", limit=3))
        )
        assert found["order_id"].to_pylist() == [1, 2, 3]
        since = found["changed_at"][0].as_py()
        later = pa.Table.from_batches(database.read(Rows(table="sales", cursor="changed_at", since=since)))
        assert sorted(later["order_id"].to_pylist()) == [1, 2, 3, 4]
        among = database.read(Rows(table="sales", key="customer_id", among=["c1"]))
        assert pa.Table.from_batches(among)["order_id"].to_pylist() == [1, 4]


def test_a_select_may_hold_colons_and_percents(address):
    sales(address, [1, 2])
    query = "select order_id, ':x %s' as words from sales where customer_id like '%1' and '10:30' <> ''"
    with open_database(address) as database:
        (batch,) = database.read(Rows(select=query))
    assert batch.to_pylist() == [{"order_id": 1, "words": ":x %s"}]


def test_many_rows_come_in_pieces(address):
    sales(address, range(12_000))
    with open_database(address) as database:
        sizes = [batch.num_rows for batch in database.read(Rows(table="sales", cursor="order_id"))]
    assert sizes == [5_000, 5_000, 2_000]


def test_what_cannot_be_read_is_told(address):
    sales(address, [1])
    with open_database(address) as database, pytest.raises(SourceError, match="nowhere"):
        database.columns(Rows(table="nowhere"))
    with open_database(address) as database, pytest.raises(SourceError, match="The select cannot be read"):
        list(database.read(Rows(select="select from where")))


def test_the_whole_way_from_a_database_to_orders(address, tmp_path):
    sales(address, range(10))
    said = {"table": "sales", "fills": "orders", "cursor": "changed_at", "password_env": address.password_env}
    workspace = package.open(tmp_path / "shop")
    write_sources(workspace.folder, {"sales": SourceSettings(kind="sql", path=address.url, options=said)})
    assert [record.rows_used for record in workspace.refresh().records] == [10]
    sales(address, [10, 11])
    assert [record.rows_used for record in workspace.refresh().records] == [12]
    assert workspace.refresh().unchanged == ("sales",)
    assert PASSWORD not in (workspace.folder / "mindgap.toml").read_text()


def test_adding_by_url_asks_nothing(address, tmp_path):
    sales(address, range(10))
    workspace = package.open(tmp_path / "shop")
    options = {"password_env": address.password_env} if address.password_env else {}
    intake = workspace.add(address.url, kind="orders", options=options)
    assert [record.rows_used for record in intake.records] == [10]


def test_an_audience_is_replaced(address):
    def send(ids):
        customers = pa.table({"customer_id": ids, "spend": [1.0] * len(ids)})
        one = Audience(name="a", purpose="marketing", as_of=datetime(2024, 6, 1), customers=customers)
        return SqlTable(address=address, table="audiences").send(one)

    assert send(["a", "b"]) == Sent(customers=2, batches=1, removed=0)
    assert send(["b", "c"]) == Sent(customers=2, batches=1, removed=1)
    with open_database(address) as database:
        (batch,) = database.read(Rows(table="audiences", cursor="customer_id"))
    assert batch.column(batch.schema.get_field_index("customer_id")).to_pylist() == ["b", "c"]


def test_a_wrong_password_is_told_without_it(guarded, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "wrong-secret")
    address = Address(url=guarded, password_env="SHOP_PASSWORD")
    with pytest.raises(SourceError, match="cannot be reached") as refused, open_database(address):
        pass
    assert "wrong-secret" not in str(refused.value)


def test_postgresql_is_only_read(guarded, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    address = Address(url=guarded, password_env="SHOP_PASSWORD")
    with open_database(address) as database, pytest.raises(SourceError, match="read"):
        list(
            database.read(Rows(select="select 1 from (select pg_notify('a', 'b')) x; create table y (z int)"))
        )
    writes = "with gone as (delete from pg_catalog.pg_class returning 1) select * from gone"
    with open_database(address) as database, pytest.raises(SourceError):
        list(database.read(Rows(select=writes)))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://shop:tulip@db/shop", "holds a password"),
        ("no url", "no database URL"),
        ("oracle9://db/x", "No kind of database"),
        ("mysql+pymysql://db/x", "pymysql"),
        ("sqlite:////no/such.db", "no database file"),
    ],
)
def test_addresses_that_cannot_be_are_told(url, message):
    with (
        pytest.raises((SettingsError, SourceError), match=message) as refused,
        open_database(Address(url=url)),
    ):
        pass
    assert "tulip" not in str(refused.value)


def test_a_file_is_found_from_the_workspace(tmp_path):
    assert anchored("sqlite:///shop.db", tmp_path) == f"sqlite:///{tmp_path / 'shop.db'}"
    assert anchored("sqlite:////data/shop.db", tmp_path) == "sqlite:////data/shop.db"
    assert anchored("postgresql://db/x", tmp_path) == "postgresql://db/x"


def test_values_that_do_not_fit_together_become_text():
    moment = datetime(2024, 5, 1, 10)
    assert arrow_column([1, None, 2]).type == pa.int64()
    assert arrow_column([1, 2.5]).type == pa.float64()
    assert arrow_column([2**70]).to_pylist() == [str(2**70)]
    assert arrow_column([moment, "x"]).to_pylist() == ["2024-05-01 10:00:00", "x"]
    assert arrow_column([b"x", None]).type == pa.null()
    assert arrow_column([{"a": 1}]).to_pylist() == ['{"a": 1}']
