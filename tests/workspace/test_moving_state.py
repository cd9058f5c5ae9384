"""Moving a state between databases, and what may go wrong on the way."""

import gc
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime

import pytest
import sqlalchemy as sa

from kits.commands import mindgap
from kits.databases import new_schema
from kits.shop import put, shop_orders
from mindgap.backends.postgres import open_postgres
from mindgap.backends.schema import consent, write_keys
from mindgap.backends.sqlite import open_sqlite
from mindgap.backends.state_copy import contents, copy, snapshot
from mindgap.kernel.errors import BusyError, MindgapError, StorageError, UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.settings import read_settings, write_workspace
from mindgap.workspace import open as open_workspace
from mindgap.workspace.state import move_state, show_state


@pytest.fixture
def folder(tmp_path):
    """A workspace with something in most tables, that nobody has open."""
    workspace = open_workspace(tmp_path / "shop")
    put(workspace, "orders", shop_orders(customers=3))
    workspace.stores.accounts.secret("references")
    workspace.withdraw("c1", "marketing")
    workspace.withdraw("c2", "marketing")
    workspace.grant("c2", "marketing")
    workspace.stores.ledger.engine.dispose()
    return workspace.folder


def state(folder):
    """What the state says, through the ports."""
    stores = open_workspace(folder).stores
    found = (
        stores.ledger.sources(),
        stores.ledger.parts("orders"),
        stores.consent.withdrawn(Purpose.MARKETING),
    )
    secret = stores.accounts.secret("references")
    stores.ledger.engine.dispose()
    return *found, secret


def hashes(folder):
    engine = open_workspace(folder).stores.ledger.engine
    with snapshot(engine) as connection:
        found = contents(connection)
    engine.dispose()
    return found


def test_there_and_back_nothing_changes(folder, postgres):
    before, wanted = state(folder), hashes(folder)
    schema = new_schema()
    moved = move_state(folder, postgres.url(), schema=schema)
    settings = read_settings(folder).workspace
    assert (settings.state, settings.state_schema) == (postgres.url(), schema)
    assert moved.tables == hashes(folder) == wanted
    assert state(folder) == before
    assert {path.name for path in (folder / ".mindgap").glob("state*.db*")} == {moved.kept.split("/")[-1]}
    with closing(sqlite3.connect(moved.kept)) as old:
        assert old.execute("select count(*) from consent").fetchone() == (3,)

    open_workspace(folder).withdraw("c3", "marketing")
    gc.collect()
    back = move_state(folder, "sqlite")
    assert read_settings(folder).workspace.state == "sqlite"
    assert "state" not in (folder / "mindgap.toml").read_text("utf-8")
    assert state(folder)[2] == ["c1", "c3"]
    assert back.kept.startswith("schema ")
    assert postgres.ask(f"select count(*) from {back.kept.removeprefix('schema ')}.consent") == [4]
    assert postgres.ask(f"select to_regnamespace('{schema}') is null") == [True]


def test_new_rows_do_not_meet_the_keys_of_old_ones(folder, postgres):
    move_state(folder, postgres.url(), schema=new_schema())
    workspace = open_workspace(folder)
    workspace.grant("c1", "marketing")
    assert workspace.stores.consent.withdrawn(Purpose.MARKETING) == []


@pytest.mark.parametrize("command", ["sqlite3", "python"])
def test_while_another_process_has_it_open_nothing_is_moved(folder, postgres, command):
    """An idle server would write on into what is no longer the state."""
    file = folder / ".mindgap/state.db"
    code = {
        "sqlite3": f"import sqlite3; c = sqlite3.connect({str(file)!r}); [*c.execute('select 1 from runs')]",
        "python": f"from mindgap.workspace import open; w = open({str(folder)!r})",
    }[command]
    other = subprocess.Popen(
        [sys.executable, "-c", f"{code}; print('open', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(BusyError):
            move_state(folder, postgres.url(), schema=new_schema())
    finally:
        other.communicate(b"\n")
    assert read_settings(folder).workspace.state == "sqlite"
    move_state(folder, postgres.url(), schema=new_schema())


def test_while_another_process_has_the_schema_open_nothing_is_moved(folder, postgres):
    schema = new_schema()
    move_state(folder, postgres.url(), schema=schema)
    other = open_workspace(folder)
    with pytest.raises(BusyError, match="open"):
        move_state(folder, "sqlite")
    assert other.stores.consent.withdrawn(Purpose.MARKETING) == ["c1"]
    assert not (folder / ".mindgap/state.db").exists()


def test_while_another_process_works_nothing_is_moved(folder, postgres):
    with open_workspace(folder).exclusive(), pytest.raises(BusyError, match="working"):
        move_state(folder, postgres.url(), schema=new_schema())


def test_a_state_that_is_there_is_not_overwritten(folder, postgres):
    schema = new_schema()
    write_workspace(folder, {"state": postgres.url(), "state_schema": schema})
    owner = folder / ".mindgap/state.id"
    owner.write_text("mine", "ascii")
    other = open_postgres(postgres.url(), schema=schema, owner="mine")
    with other.begin() as connection:
        connection.execute(
            sa.insert(write_keys), {"key": "k", "source": "s", "made_at": datetime(2024, 1, 1)}
        )
    other.dispose()
    write_workspace(folder, {"state": None, "state_schema": None})
    with pytest.raises(UsageError, match="already") as caught:
        move_state(folder, postgres.url(), schema=schema)
    assert "--force" in caught.value.hint
    assert postgres.ask(f"select key from {schema}.write_keys") == ["k"]
    move_state(folder, postgres.url(), schema=schema, force=True)
    assert postgres.ask(f"select key from {schema}.write_keys") == []


def test_a_server_that_goes_away_in_between_leaves_all_as_it_was(folder, postgres):
    before = state(folder)
    schema = new_schema()
    engine = open_sqlite(folder / ".mindgap/state.db")
    target = open_postgres(postgres.url(), schema=schema, owner="one")

    def copy_and_stop():
        with snapshot(engine) as source, target.begin() as connection:
            copy(source, connection)
            postgres.stop()

    try:
        with pytest.raises(StorageError, match="lost"):
            copy_and_stop()
        with pytest.raises(StorageError, match="cannot be reached"):
            move_state(folder, postgres.url(), schema=schema)
    finally:
        postgres.start()
        engine.dispose()
        target.dispose()
    assert postgres.ask(f"select count(*) from {schema}.consent") == [0]
    assert state(folder) == before


def test_a_copy_that_differs_is_not_taken(folder, postgres):
    """As if a trigger of the database, or a lossy type, changed what is written."""
    schema = new_schema()
    engine = open_sqlite(folder / ".mindgap/state.db")
    target = open_postgres(postgres.url(), schema=schema, owner="one")
    postgres.ask(
        f"create function {schema}.twist() returns trigger language plpgsql as "
        "'begin new.source = ''twisted''; return new; end'"
    )
    postgres.ask(
        f"create trigger twist before insert on {schema}.consent for each row"
        f" execute function {schema}.twist()"
    )
    with snapshot(engine) as source, target.begin() as connection:
        with pytest.raises(StorageError, match="differs in consent"):
            copy(source, connection)
        connection.rollback()
    with target.connect() as connection:
        assert connection.execute(sa.select(consent)).all() == []
    engine.dispose()
    target.dispose()


@pytest.mark.parametrize("to", ["sqlite", "postgresql://u:canary@h/d", "mysql://h/d", "nonsense"])
def test_places_that_cannot_be(folder, to):
    with pytest.raises(MindgapError) as caught:
        move_state(folder, to)
    assert "canary" not in str(caught.value)
    assert state(folder)[2] == ["c1"]


def test_what_is_no_workspace_is_not_moved(tmp_path):
    with pytest.raises(UnknownError):
        move_state(tmp_path, "sqlite")
    assert not (tmp_path / ".mindgap").exists()


def test_the_environment_goes_before_the_settings(folder, postgres, monkeypatch):
    monkeypatch.setenv("MINDGAP_STATE_URL", "sqlite")
    with pytest.raises(UsageError, match="MINDGAP_STATE_URL"):
        move_state(folder, postgres.url(), schema=new_schema())


def test_the_commands(folder, postgres):
    schema = new_schema()
    shown = json.loads(mindgap("state", "show", "--json", cwd=folder).stdout)
    assert (shown["tables"]["consent"], shown["database"][:6]) == (3, "SQLite")
    done = mindgap("state", "migrate", "--to", postgres.url(), "--schema", schema, "--json", cwd=folder)
    moved = json.loads(done.stdout)
    assert moved["tables"]["consent"]["rows"] == 3
    assert len(moved["tables"]["consent"]["sha256"]) == 64
    gc.collect()
    told = mindgap("state", "show", cwd=folder).stdout.replace("\n", " ")
    assert schema in told
    assert "PostgreSQL" in told
    assert show_state(folder)["bytes"] > 0
    told = " ".join(mindgap("state", "migrate", "--to", "sqlite", cwd=folder).stdout.split())
    assert "the same on both sides" in told
    assert "personal data" in told


def test_the_log_of_a_database_that_is_set_aside_goes_along(folder, postgres, tmp_path):
    before = state(folder)
    move_state(folder, postgres.url(), schema=new_schema())
    data = folder / ".mindgap"
    crashed = open_sqlite(tmp_path / "crashed.db")
    with crashed.begin() as connection:
        connection.execute(
            sa.insert(write_keys), {"key": "k", "source": "s", "made_at": datetime(2024, 1, 1)}
        )
    for suffix in ("", "-wal"):  # as a kill leaves it: what was committed is in the log only
        shutil.copy(f"{tmp_path}/crashed.db{suffix}", data / f"state.db{suffix}")
    crashed.dispose()
    gc.collect()
    move_state(folder, "sqlite", force=True)
    assert state(folder) == before
    (aside,) = data.glob("state-replaced-*.db")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("select key from write_keys").fetchall() == [("k",)]
