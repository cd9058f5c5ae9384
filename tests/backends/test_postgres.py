"""What only a server can do to the state: refuse, restart, be shared."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa

from kits.databases import PASSWORD, new_schema
from mindgap.backends.ledger import SqlLedger
from mindgap.backends.manifest import SqlManifest
from mindgap.backends.postgres import PASSWORD_VARIABLE, open_postgres, place, postgres_url
from mindgap.backends.schema import sources, write_keys
from mindgap.backends.streams import SqlStreams
from mindgap.kernel.errors import BusyError, MindgapError, SettingsError, StorageError
from mindgap.store.state import Part, SourceRecord

T0 = datetime(2024, 1, 1)
KEY = {"key": "k", "source": "s", "made_at": T0}


@pytest.fixture
def opened(postgres):
    """Open schemas of the server, and close them all."""
    engines = []

    def make(schema=None, owner="one", url=None, **options):
        engine = open_postgres(url or postgres.url(), schema=schema or new_schema(), owner=owner, **options)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.dispose()


def record(name):
    counts = {"rows_read": 1, "rows_used": 1, "rows_quarantined": 0, "rows_duplicate": 0}
    return SourceRecord(name=name, table="orders", content="c", stat="s", read_at=T0, **counts)


def names(engine):
    return [source.name for source in SqlLedger(engine).sources()]


def test_two_workspaces_share_a_database_and_do_not_see_each_other(opened):
    first, second = opened(), opened(owner="two")
    SqlLedger(first).replace(record("shop"), [])
    SqlLedger(second).replace(record("branch"), [])
    assert (names(first), names(second)) == (["shop"], ["branch"])


def test_a_schema_is_the_workspace_s_that_opened_it_first(opened, postgres):
    schema = new_schema()
    opened(schema)
    assert names(opened(schema)) == []
    with pytest.raises(SettingsError, match="another workspace's") as caught:
        opened(schema, owner="two")
    assert "state_schema" in caught.value.hint


def test_a_schema_with_other_tables_is_left_alone(opened, postgres):
    schema = new_schema()
    postgres.ask(f"create schema {schema}")
    postgres.ask(f"create table {schema}.sessions (id int)")
    with pytest.raises(SettingsError, match="other tables"):
        opened(schema)


def test_a_schema_that_somebody_made_for_us_is_taken(opened, postgres):
    schema = new_schema()
    postgres.ask(f"create schema {schema}")
    SqlLedger(opened(schema)).replace(record("shop"), [])


def test_a_schema_that_must_be_there_is_not_made(opened, postgres):
    schema = new_schema()
    with pytest.raises(StorageError, match="not there"):
        opened(schema, may_be_new=False)
    assert postgres.ask(f"select to_regnamespace('{schema}') is null") == [True]


@pytest.mark.parametrize("schema", ["Shop", "pg_shop", "public", "", "a" * 64, 'x"; drop schema y; --'])
def test_schemas_that_cannot_be(schema, postgres):
    with pytest.raises(SettingsError, match="state_schema"):
        open_postgres(postgres.url(), schema=schema, owner="one")


def test_many_open_a_new_schema_at_once(opened, postgres):
    schema = new_schema()
    code = (
        "from mindgap.backends.postgres import open_postgres;"
        f"open_postgres({postgres.url()!r}, schema={schema!r}, owner='one').dispose()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert names(opened(schema)) == []


def test_a_migration_that_is_cut_off_leaves_nothing(opened, postgres):
    schema = new_schema()
    engine = opened(schema)
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '0002'"))  # 0003 will fail
    with pytest.raises(sa.exc.ProgrammingError):
        opened(schema)
    assert postgres.ask(f"select version_num from {schema}.alembic_version") == ["0002"]


def test_a_server_that_restarts_in_mid_transaction(opened, postgres):
    engine = opened()
    SqlLedger(engine).replace(record("before"), [])

    def delete_and_insert():
        with engine.begin() as connection:
            connection.execute(sa.delete(sources))
            postgres.stop()
            postgres.start()
            connection.execute(sa.insert(write_keys), KEY)

    with pytest.raises(StorageError, match="lost") as caught:
        delete_and_insert()
    assert "whole or not at all" in caught.value.hint
    assert names(engine) == ["before"]
    assert SqlStreams(engine).write_keys() == []


def test_a_server_that_restarts_between_transactions_is_not_noticed(opened, postgres):
    engine = opened()
    SqlLedger(engine).replace(record("before"), [])
    postgres.stop("fast")
    postgres.start()
    assert names(engine) == ["before"]


def test_a_server_that_stops_before_the_commit(opened, postgres):
    engine = opened()

    def insert():
        with engine.begin() as connection:
            connection.execute(sa.insert(write_keys), KEY)
            postgres.stop()

    try:
        with pytest.raises(StorageError, match="lost"):
            insert()
        with pytest.raises(StorageError, match="cannot be reached"):
            names(engine)
    finally:
        postgres.start()
    assert SqlStreams(engine).write_keys() == []


def test_what_another_holds_is_waited_for_and_then_refused(opened):
    engine = opened()
    with engine.begin() as holder, engine.connect() as waiting:
        holder.execute(sa.text("lock table runs in access exclusive mode"))
        waiting.execute(sa.text("set lock_timeout = '50ms'"))
        with pytest.raises(BusyError, match="Another process"):
            waiting.execute(sa.text("select * from runs"))


def test_what_takes_too_long_is_ended(opened):
    with opened().connect() as connection:
        connection.execute(sa.text("set statement_timeout = '50ms'"))
        with pytest.raises(BusyError, match="too long"):
            connection.execute(sa.text("select pg_sleep(5)"))


def test_two_that_wait_for_each_other(opened):
    engine = opened()
    both_hold = threading.Barrier(2)

    def write(tables):
        with engine.begin() as connection:
            connection.execute(sa.text(f"lock table {tables[0]} in exclusive mode"))
            both_hold.wait(10)
            connection.execute(sa.text(f"lock table {tables[1]} in exclusive mode"))

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, tables) for tables in (("runs", "parts"), ("parts", "runs"))]
        found = [writer.exception() for writer in writers]
    assert sorted(type(error).__name__ for error in found) == ["BusyError", "NoneType"]


def test_a_source_that_fails_while_its_first_events_are_stored_is_one_row(opened):
    streams = SqlStreams(opened())
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: streams.fail("crm", "down", at=T0), range(12)))
    assert [one.source for one in streams.records()] == ["crm"]


def test_a_schema_that_was_moved_away_says_so(opened, postgres):
    schema = new_schema()
    engine = opened(schema)
    postgres.ask(f"alter schema {schema} rename to {schema[:40]}_moved")
    with pytest.raises(StorageError, match="gone") as caught:
        names(engine)
    assert "start this process again" in caught.value.hint


def test_keys_have_64_bits(opened):
    engine = opened()
    with engine.begin() as connection:
        connection.execute(sa.text("select setval(pg_get_serial_sequence('runs', 'id'), 9000000000)"))
    SqlManifest(engine).complete(T0)
    assert SqlManifest(engine).as_of() == T0


def test_neither_errors_nor_their_causes_quote_a_row(opened):
    engine = opened()
    part = Part(key="k", table="orders", source="canary", path="p", rows=1)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        SqlLedger(engine).replace(record("shop"), [part, part])
    assert "duplicate key" in str(caught.value)
    assert not any("canary" in f"{one!r}{one}" for one in causes(caught.value))


def causes(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_password_is_shown_to_the_server_and_to_nobody_else(opened, postgres, guarded_password):
    guarded_password(PASSWORD)
    engine = opened(url=postgres.url("guarded"))
    assert names(engine) == []
    assert PASSWORD not in f"{engine!r}{engine.url!r}{engine.pool!r}"
    guarded_password("wrong-canary")
    with pytest.raises(StorageError, match="password authentication failed") as caught:
        opened(url=postgres.url("guarded"))
    assert "MINDGAP_STATE_PASSWORD" in caught.value.hint
    assert not any("canary" in f"{one!r}{one}" for one in causes(caught.value))


@pytest.fixture
def guarded_password(monkeypatch):
    return lambda value: monkeypatch.setenv(PASSWORD_VARIABLE, value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:canary@host/database",
        "postgresql://user@host/database?password=canary",
        "postgresql+psycopg://user:canary@host/database?sslpassword=canary",
        "mysql://user:canary@host/database",
        "canary",
        "postgresql://user:canary@host:port/database",
        "postgresql://user:can@canary@host/database",
        "postgresql://user:c/canary@host/database",
    ],
)
def test_addresses_that_cannot_be_used_are_not_repeated(address):
    with pytest.raises(SettingsError) as caught:
        open_postgres(address, schema="shop", owner="one")
    assert "canary" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://user@db.example/shops", "db.example:5432/shops"),
        ("postgresql://user@db.example:5433/shops", "db.example:5433/shops"),
        ("postgresql://user@/shops?host=/run/postgresql&port=5433", "/run/postgresql:5433/shops"),
        ("postgresql://user@/shops?host=one:1&host=two:2", "one:1,two:2/shops"),
        ("postgresql://user@/shops", "localhost:5432/shops"),
    ],
)
def test_messages_say_which_server_it_is(address, said):
    assert place(postgres_url(address)) == said


def test_servers_that_cannot_be_used(opened, postgres):
    with pytest.raises(SettingsError, match="LATIN1"):
        opened(url=postgres.url(database="latin"))
    with pytest.raises(StorageError, match="does not exist"):
        opened(url=postgres.url(database="none"))
    with pytest.raises(StorageError, match="cannot be reached"):
        opened(url="postgresql://user@127.0.0.1:1/shops")
    with pytest.raises(MindgapError, match="cannot be reached"):
        opened(url=f"{postgres.url()}&nonsense=1")


def test_a_user_who_may_not_make_a_schema(opened, postgres, guarded_password):
    guarded_password(PASSWORD)
    with pytest.raises(StorageError, match="may not do that"):
        opened(url=postgres.url("guarded", database="postgres"))


def test_without_psycopg_it_says_what_to_install():
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from mindgap.backends.postgres import open_postgres\n"
        "open_postgres('postgresql://user@host/database', schema='shop', owner='one')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (
        'SettingsError: A state on PostgreSQL needs the package psycopg. pip install "mindgap[postgres]"'
        in (done.stderr)
    )


def test_nothing_of_postgresql_is_loaded_where_the_state_is_sqlite(tmp_path):
    code = (
        f"import sys; from mindgap.workspace import open; open({str(tmp_path / 'shop')!r});"
        "assert 'psycopg' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
