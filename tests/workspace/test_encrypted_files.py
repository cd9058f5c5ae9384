"""[privacy] encrypt_files: everything is as it was, and no file can be read without the key."""

import json
import shutil
import sqlite3

import pyarrow.parquet as pq
import pytest

from kits.commands import mindgap
from kits.shop import put, shop_orders
from kits.states import contents
from mindgap.kernel.errors import SettingsError, UsageError
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.parquet import is_encrypted
from mindgap.workspace import open as open_workspace
from mindgap.workspace.encrypting import encrypt_files

EVENT = {"type": "track", "event": "Product Viewed", "userId": "c1", "timestamp": "2024-05-01T10:00:00Z"}


def filled(folder, *, encrypted):
    folder.mkdir()
    write(folder, encrypted=encrypted)
    workspace = open_workspace(folder)
    put(workspace, "orders", shop_orders(customers=8))
    assert mindgap("source", "add", "web", cwd=folder).returncode == 0
    lines = (
        json.dumps({**EVENT, "messageId": f"m{n}", "properties": {"product_id": f"p{n}"}}) for n in range(9)
    )
    (folder / "e.jsonl").write_text("\n".join([*lines, "{"]), "utf-8")
    mindgap("source", "send", "web", "e.jsonl", cwd=folder)
    workspace.run()
    return workspace


def write(folder, *, encrypted, more=""):
    (folder / "mindgap.toml").write_text(
        f"[privacy]\nencrypt_files = {str(encrypted).lower()}\n{more}", "utf-8"
    )


def files(workspace):
    folders = (workspace.folder / ".mindgap").iterdir()
    return [path for folder in folders for path in folder.rglob("*.parquet") if path.stat().st_size]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("plain") / "shop", encrypted=False)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("sealed") / "shop", encrypted=True)


def test_every_file_is_encrypted_and_says_nothing(sealed):
    assert files(sealed)
    for path in files(sealed):
        assert is_encrypted(path), path
        with pytest.raises(OSError, match=r"(?i)encrypted|decrypt"):
            pq.read_table(path)


def test_every_table_is_as_it_is_in_the_clear(plain, sealed):
    found, wanted = contents(sealed), contents(plain)
    differing = {name for name in wanted if found[name] != wanted[name]}
    assert differing <= {"clean_events", "kept_events"}  # they tell when events arrived


def test_what_is_set_aside_can_be_tried_again(sealed):
    assert sealed.replay().quarantined == 0


def test_switched_on_later_old_and_new_files_are_read_together(tmp_path):
    (tmp_path / "staging").mkdir()  # whatever the folder is called that the workspace is in
    workspace = filled(tmp_path / "staging" / "shop", encrypted=False)
    shutil.move(workspace.folder / ".mindgap/lake", tmp_path / "big disk")
    (workspace.folder / ".mindgap/lake").symlink_to(tmp_path / "big disk")
    wanted = contents(workspace)
    before = files(workspace)
    with pytest.raises(UsageError, match="off"):
        encrypt_files(workspace)
    text = (
        (workspace.folder / "mindgap.toml")
        .read_text("utf-8")
        .replace("encrypt_files = false", "encrypt_files = true")
    )
    (workspace.folder / "mindgap.toml").write_text(text, "utf-8")
    again = open_workspace(workspace.folder)
    cipher, some = again.stores.cipher, before[::2]
    assert all(cipher.encrypt(path) for path in some)
    assert contents(again) == wanted
    done = mindgap("keys", "encrypt", "--json", cwd=workspace.folder)
    assert json.loads(done.stdout)["encrypted"] == len(before) - len(some)
    assert all(is_encrypted(path) for path in files(again))
    assert contents(again) == wanted


def test_spark_does_not_go_with_it(tmp_path):
    (tmp_path / "shop").mkdir()
    write(tmp_path / "shop", encrypted=True, more='[workspace]\nengine = "spark"\n')
    with pytest.raises(SettingsError, match="encrypt_files"):
        open_workspace(tmp_path / "shop")


def test_rows_of_a_database_always_land_encrypted(tmp_path):
    folder = tmp_path / "shop"
    workspace = open_workspace(folder)
    connection = sqlite3.connect(folder / "crm.db")
    connection.execute("create table customers (customer_id text, email text, city text)")
    rows = [(f"c{n}", f"canary{n}q8w@example.com", "Ulm") for n in range(12)]
    connection.executemany("insert into customers values (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    said = SourceSettings(
        kind="sql", path="sqlite:///crm.db", options={"table": "customers", "fills": "customers"}
    )
    write_sources(folder, {"crm": said})
    workspace.refresh()
    landed = [path for path in files(workspace) if "landing" in path.parts]
    assert landed
    assert all(is_encrypted(path) for path in landed)
    (part, *_) = {
        workspace.stores.files.path(part.path) for part in workspace.stores.ledger.parts("customers")
    }
    tokens = pq.read_table(part)["identifiers"].to_pylist()
    assert len(set(tokens)) == 12
    assert all(token.startswith("+email:") for token in tokens)
