"""A whole workspace with its state on a server: the loop gives there what it gives on SQLite."""

import json

import pytest

from kits.commands import mindgap
from kits.databases import PASSWORD, new_schema
from kits.shop import put, shop_orders
from kits.states import contents, dangling
from mindgap.backends.state import URL_VARIABLE
from mindgap.kernel.errors import SettingsError, StorageError
from mindgap.kernel.settings import FILE_NAME, write_workspace
from mindgap.workspace import open as open_workspace


@pytest.fixture
def place_shop(tmp_path, postgres):
    """Make a workspace folder whose state is on the server."""

    def make(called="shop-on-server", **settings):
        folder = tmp_path / called
        folder.mkdir()
        write_workspace(folder, {"state": postgres.url(), "state_schema": new_schema()} | settings)
        return folder

    return make


def run(workspace):
    put(workspace, "orders", shop_orders(customers=25))
    workspace.run()
    return contents(workspace)


def test_the_whole_loop_is_the_same(place_shop, workspace):
    on_server = open_workspace(place_shop(name="shop"))
    assert run(on_server) == run(workspace)
    assert dangling(on_server) == (set(), set())
    assert not (on_server.folder / ".mindgap/state.db").exists()
    on_server.withdraw("c1", "personalization")
    again = open_workspace(on_server.folder)
    assert again.as_of == on_server.as_of
    assert "c1" in again.table("customer_features")["customer_id"].to_pylist()
    assert "c1" not in again.table("customer_features", purpose="personalization")["customer_id"].to_pylist()


def test_events_arrive_and_are_counted(place_shop):
    folder = place_shop()
    assert mindgap("source", "add", "web", cwd=folder).returncode == 0
    event = {"type": "track", "event": "Seen", "userId": "c1", "messageId": "m1"}
    (folder / "events.jsonl").write_text(f"{json.dumps(event)}\n{json.dumps(event)}\n", "utf-8")
    assert mindgap("source", "send", "web", "events.jsonl", cwd=folder).returncode == 0
    workspace = open_workspace(folder)
    tally = workspace.compact()
    assert (tally.received, tally.stored, tally.duplicates) == (2, 1, 1)


def test_two_workspaces_of_one_name_in_one_database(place_shop, postgres):
    schema = new_schema()
    open_workspace(place_shop("first", state_schema=schema))
    with pytest.raises(SettingsError, match="another workspace's"):
        open_workspace(place_shop("second", state_schema=schema))


def test_the_environment_says_where_the_state_is(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv(URL_VARIABLE, postgres.url())
    name = f"Shop {new_schema()}"
    (tmp_path / "shop").mkdir()
    write_workspace(tmp_path / "shop", {"name": name})
    open_workspace(tmp_path / "shop")
    schema = f"mindgap_{name.lower().replace(' ', '_')}"[:48]
    assert postgres.ask(f"select to_regnamespace('{schema}') is not null") == [True]


def test_data_without_their_state_are_left_alone(shop, postgres):
    """Who edits mindgap.toml by hand must not lose what a run on an empty state would sweep away."""
    write_workspace(shop.folder, {"state": postgres.url(), "state_schema": new_schema()})
    with pytest.raises(StorageError, match="not there") as caught:
        open_workspace(shop.folder)
    assert "mindgap state migrate" in caught.value.hint
    write_workspace(shop.folder, {"state": None})
    (shop.folder / ".mindgap/state.db").unlink()
    with pytest.raises(StorageError, match="not there"):
        open_workspace(shop.folder)
    assert not (shop.folder / ".mindgap/state.db").exists()


def test_a_password_in_the_settings_is_refused_and_never_told(place_shop, monkeypatch, caplog):
    folder = place_shop(state=f"postgresql://user:{PASSWORD}@host/database")
    for command in (("status",), ("status", "--json"), ("run", "--json"), ("doctor",)):
        done = mindgap(*command, cwd=folder)
        (folder / ".mindgap").mkdir(exist_ok=True)
        assert done.returncode == 1
        assert "canary" not in done.stdout + done.stderr + caplog.text
    assert "MINDGAP_STATE_PASSWORD" in done.stdout


def test_a_password_of_the_environment_reaches_no_file(place_shop, postgres, monkeypatch, caplog):
    monkeypatch.setenv("MINDGAP_STATE_PASSWORD", PASSWORD)
    folder = place_shop(state=postgres.url("guarded"))
    workspace = open_workspace(folder)
    put(workspace, "orders", shop_orders(customers=2))
    workspace.withdraw("c1", "marketing")
    for file in folder.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()
    assert "canary" not in caplog.text


def test_the_doctor_says_that_the_server_does_not_answer(place_shop):
    folder = place_shop(state="postgresql://user@127.0.0.1:1/shops")
    (folder / ".mindgap").mkdir()
    done = mindgap("doctor", "--json", cwd=folder)
    assert done.returncode == 1
    (found,) = [one for one in json.loads(done.stdout) if one["what"] == "workspace"]
    assert "127.0.0.1:1/shops cannot be reached" in found["found"]
    assert (folder / FILE_NAME).exists()
