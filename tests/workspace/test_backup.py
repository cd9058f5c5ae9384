"""Backups: whole, of one moment, checked before anything is touched, and never over what is there."""

import gc
import json
import os
import shutil
import stat
import threading
import zipfile
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kits.commands import mindgap
from kits.databases import new_schema
from kits.shop import put, shop_orders
from kits.states import contents, dangling
from mindgap.backends.archive import NamedKey, extract, write_archive
from mindgap.backends.backup_keys import BackupKeys
from mindgap.kernel.errors import BusyError, SettingsError, StorageError, UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.settings import read_settings, write_workspace
from mindgap.store.state import Decision
from mindgap.workspace import open as open_workspace
from mindgap.workspace.backup import back_up, master_of, restore
from mindgap.workspace.state import move_state

KEY = NamedKey("k", bytes(32))
EVENT = {
    "type": "track",
    "event": "Seen",
    "userId": "c1",
    "messageId": "m1",
    "timestamp": "2024-05-01T10:00:00Z",
}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A workspace that has run, with events in the lake and in the log; copy it before use."""
    folder = tmp_path_factory.mktemp("full") / "shop"
    workspace = open_workspace(folder)
    write_workspace(folder, {"name": "Shop", "currency": "CHF"})
    put(workspace, "orders", shop_orders(customers=20))
    assert mindgap("source", "add", "web", cwd=folder).returncode == 0
    send(folder, EVENT)
    workspace.run()
    send(folder, EVENT | {"messageId": "m2"})
    workspace.withdraw("c1", "marketing")
    workspace.stores.ledger.engine.dispose()
    return folder


@pytest.fixture
def folder(full, tmp_path):
    return shutil.copytree(full, tmp_path / "shop")


def bring(target, path, of):
    """Bring a backup of one workspace back into another."""
    return restore(target, path, key_file=of / ".mindgap/keys/master.key")


def send(folder, event):
    (folder / "e.jsonl").write_text(json.dumps(event), "utf-8")
    assert mindgap("source", "send", "web", "e.jsonl", cwd=folder).returncode == 0


def told(folder):
    """Everything that a workspace says."""
    workspace = open_workspace(folder)
    stores = workspace.stores
    waiting = [len(group) for _, group in stores.log.read(stores.streams.consumed())]
    found = (
        contents(workspace),
        stores.streams.records(),
        stores.streams.write_keys(),
        stores.consent.withdrawn(Purpose.MARKETING),
        read_settings(folder).workspace.currency,
        waiting,
        dangling(workspace),
    )
    stores.ledger.engine.dispose()
    return found


def test_what_comes_back_is_what_was_there(folder, tmp_path):
    written = back_up(folder, tmp_path / "shop.backup")
    assert stat.S_IMODE((tmp_path / "shop.backup").stat().st_mode) == 0o600
    wanted = told(folder)
    restored = bring(tmp_path / "again/shop", tmp_path / "shop.backup", folder)
    assert told(tmp_path / "again/shop") == wanted
    assert (restored.files, restored.rows, restored.kept) == (written.files, written.rows, "")
    assert wanted[5] == [1]
    assert wanted[6] == (set(), set())
    assert open_workspace(tmp_path / "again/shop").compact().stored == 1
    assert {path.name for path in tmp_path.iterdir()} == {"shop", "shop.backup", "again"}
    assert {path.name for path in (tmp_path / "again/shop").iterdir()} == {".mindgap", "mindgap.toml"}


def test_a_state_on_a_server_comes_back_as_a_file(folder, tmp_path, postgres):
    wanted = told(folder)
    move_state(folder, postgres.url(), schema=new_schema())
    assert told(folder) == wanted
    back_up(folder, tmp_path / "shop.backup")
    bring(tmp_path / "copy" / "shop", tmp_path / "shop.backup", folder)
    assert told(tmp_path / "copy" / "shop") == wanted
    assert read_settings(tmp_path / "copy" / "shop").workspace.state == "sqlite"
    open_workspace(tmp_path / "copy" / "shop").withdraw("c2", "marketing")
    assert told(folder) == wanted


def decide(consent, stop):
    """Record decisions of customers in pairs, each pair in one transaction, until told to stop."""
    purposes, nth = (Purpose.MARKETING, Purpose.ANALYTICS), 0
    while not stop.is_set():
        nth += 1
        said = {"customer_id": f"p{nth}", "granted": False, "at": datetime(2024, 1, 1), "source": "test"}
        consent.record_all([Decision(purpose=purpose, **said) for purpose in purposes])


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_a_backup_is_of_one_moment_while_others_write(folder, tmp_path, request, place):
    if place == "postgresql":
        move_state(folder, request.getfixturevalue("postgres").url(), schema=new_schema())
    stop = threading.Event()
    writer = threading.Thread(target=decide, args=(open_workspace(folder).stores.consent, stop))
    writer.start()
    try:
        for nth in range(2):
            back_up(folder, tmp_path / f"{nth}.backup")
    finally:
        stop.set()
        writer.join()
    for nth in range(2):
        bring(tmp_path / str(nth), tmp_path / f"{nth}.backup", folder)
        consent = open_workspace(tmp_path / str(nth)).stores.consent
        marketing, analytics = (set(consent.withdrawn(p)) for p in (Purpose.MARKETING, Purpose.ANALYTICS))
        assert marketing - {"c1"} == analytics


def test_what_is_there_is_not_overwritten(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    before = (tmp_path / "shop.backup").read_bytes()
    with pytest.raises(UsageError, match="already"):
        back_up(folder, tmp_path / "shop.backup")
    assert (tmp_path / "shop.backup").read_bytes() == before
    open_workspace(folder).withdraw("later", "marketing")
    with pytest.raises(UsageError, match="already"):
        restore(folder, tmp_path / "shop.backup")
    assert "later" in told(folder)[3]


def test_by_force_what_was_there_is_set_aside(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    workspace = open_workspace(folder)
    workspace.withdraw("later", "marketing")
    workspace.stores.ledger.engine.dispose()
    restored = restore(folder, tmp_path / "shop.backup", force=True)
    assert told(folder)[3] == ["c1"]
    shutil.move(restored.kept, tmp_path / "kept")
    assert "later" in told(tmp_path / "kept")[3]


def test_a_damaged_state_does_not_keep_a_backup_out(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    (folder / ".mindgap/state.db").write_bytes(b"no database" * 1000)
    restore(folder, tmp_path / "shop.backup", force=True)
    assert told(folder)[3] == ["c1"]


def test_while_another_has_it_open_nothing_comes_back(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    workspace = open_workspace(folder)
    with pytest.raises(BusyError):
        restore(folder, tmp_path / "shop.backup", force=True)
    with workspace.exclusive(), pytest.raises(BusyError):
        restore(folder, tmp_path / "shop.backup", force=True)
    assert {path.name for path in folder.iterdir()} == {".mindgap", "mindgap.toml", "e.jsonl"}


@pytest.mark.parametrize("at", [0.001, 0.3, 0.7, 0.999])
def test_a_backup_that_was_cut_off_changes_nothing(folder, tmp_path, at):
    path = tmp_path / "shop.backup"
    back_up(folder, path)
    os.truncate(path, int(path.stat().st_size * at))
    for target, force in ((tmp_path / "again", False), (folder, True)):
        with pytest.raises(StorageError, match="damaged"):
            restore(target, path, force=force, key_file=folder / ".mindgap/keys/master.key")
    assert not (tmp_path / "again/.mindgap").exists()
    assert told(folder)[3] == ["c1"]
    assert {item.name for item in folder.iterdir()} == {".mindgap", "mindgap.toml", "e.jsonl"}


@given(data=st.data())
def test_whatever_byte_is_wrong_it_shows_or_does_not_matter(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("archive")
    held = {"a/packed.parquet": bytes(range(256)) * 4, "plain.txt": b"word " * 300, "empty": b""}
    for name, content in held.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    write_archive(folder / "b", [(name, folder / name) for name in held], kind="k", about={"n": 1}, key=KEY)
    damaged = bytearray((folder / "b").read_bytes())
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "b").write_bytes(damaged)
    with suppress(StorageError):
        manifest = extract(folder / "b", folder / "out", kind="k", key_of=lambda _: KEY.key)
        assert {name: (folder / "out" / name).read_bytes() for name in manifest.files} == held


@pytest.mark.parametrize("name", ["../canary", "/canary", "a/../../canary", "c:\\canary", "a\\..\\canary"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    (tmp_path / "file").write_text("x")
    write_archive(tmp_path / "bad", [(name, tmp_path / "file")], kind="k", about={}, key=KEY)
    with pytest.raises(StorageError, match="damaged"):
        extract(tmp_path / "bad", tmp_path / "out" / "deep", kind="k", key_of=lambda _: KEY.key)
    assert not [*tmp_path.rglob("*canary*")]


def test_what_is_no_backup(tmp_path, folder):
    with pytest.raises(StorageError, match="No such file"):
        restore(tmp_path / "again", tmp_path / "none")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(StorageError, match="damaged"):
        restore(tmp_path / "again", tmp_path / "other.zip")
    write_archive(tmp_path / "newer", [], kind="mindgap-backup-9", about={}, key=KEY)
    with pytest.raises(StorageError, match="mindgap-backup-9") as caught:
        restore(tmp_path / "again", tmp_path / "newer")
    assert "upgrade" in caught.value.hint
    with pytest.raises(UnknownError):
        back_up(tmp_path / "nothing", tmp_path / "b")
    with pytest.raises(UsageError, match="data folder"):
        back_up(folder, folder / ".mindgap/b")
    with pytest.raises(UsageError, match="no folder"):
        back_up(folder, tmp_path / "none/b")


def test_a_plan_that_the_settings_name_comes_along(folder, tmp_path):
    (folder / "plans").mkdir()
    (folder / "plans/web.json").write_text("{}", "utf-8")
    (folder / "plans/other.json").write_text("{}", "utf-8")
    (tmp_path / "secret").write_text("canary", "utf-8")
    text = (folder / "mindgap.toml").read_text("utf-8")
    more = '[sources.a]\nkind = "http"\noptions = {plan = "plans/web.json"}\n'
    more += '[sources.b]\nkind = "http"\noptions = {plan = "../secret"}\n'
    (folder / "mindgap.toml").write_text(text + more, "utf-8")
    back_up(folder, tmp_path / "shop.backup")
    restore(folder, tmp_path / "shop.backup", force=True)
    assert {path.name for path in (folder / "plans").iterdir()} == {"web.json", "other.json"}
    assert b"canary" not in (tmp_path / "shop.backup").read_bytes()


def test_the_commands(folder, tmp_path):
    done = mindgap("state", "backup", tmp_path / "b", "--json", cwd=folder)
    assert json.loads(done.stdout)["rows"] > 0
    said = " ".join(mindgap("state", "backup", tmp_path / "c", cwd=folder).stdout.split())
    assert "keys/backups" in said
    done = mindgap("state", "restore", tmp_path / "b", cwd=folder)
    assert done.returncode == 2
    said = " ".join(mindgap("state", "restore", tmp_path / "b", "--force", cwd=folder).stdout.split())
    assert "is as it was at" in said
    assert "kept as" in said
    new = ("--dir", tmp_path / "new", "--json")
    done = mindgap("state", "restore", tmp_path / "b", *new, cwd=tmp_path)
    assert "There is no key" in done.stdout
    keys = folder / ".mindgap/keys/master.key"
    done = mindgap("state", "restore", tmp_path / "b", *new, "--key-file", keys, cwd=tmp_path)
    assert json.loads(done.stdout)["kept"] == ""


def test_a_backup_shows_nothing_without_its_key(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    content = (tmp_path / "shop.backup").read_bytes()
    assert b"PK" not in content[:200]
    assert not any(needle in content for needle in (b"mindgap.toml", b"state.db", b"PAR1", b"SQLite format"))


def test_after_a_rotation_an_older_backup_comes_back_under_the_present_key(folder, tmp_path):
    keys = open_workspace(folder).stores.keys
    made = keys.made(["customer/1"])
    back_up(folder, tmp_path / "shop.backup")
    keys.rotate()
    bring(tmp_path / "again", tmp_path / "shop.backup", folder)
    again = open_workspace(tmp_path / "again").stores.keys
    assert again.of(["customer/1"]) == made
    assert (again.state().master, again.state().waiting) == (keys.state().master, 0)


def test_after_thirty_days_nobody_reads_a_backup(folder, tmp_path):
    written = back_up(folder, tmp_path / "shop.backup")
    keys = BackupKeys(master_of(folder))
    made_at = datetime.fromisoformat(written.made_at)
    assert keys.destroy_old(at=made_at + timedelta(days=29)) == []
    assert len(keys.destroy_old(at=made_at + timedelta(days=31))) == 1
    with pytest.raises(StorageError, match="destroyed 30 days after"):
        restore(folder, tmp_path / "shop.backup", force=True)
    assert told(folder)[3] == ["c1"]


def test_a_key_of_a_clock_that_was_ahead_goes_after_thirty_days_too(folder, tmp_path):
    written = back_up(folder, tmp_path / "shop.backup")
    keys, made_at = BackupKeys(master_of(folder)), datetime.fromisoformat(written.made_at)
    earlier = made_at - timedelta(days=400)
    assert keys.destroy_old(at=earlier) == []
    assert keys.read(next(keys.folder.iterdir()).stem)
    assert len(keys.destroy_old(at=earlier + timedelta(days=31))) == 1


def test_a_damaged_key_of_a_backup_is_named_and_harms_no_rotation(folder, tmp_path):
    back_up(folder, tmp_path / "shop.backup")
    keys = BackupKeys(master_of(folder))
    (keys.folder / "stray.key").write_text("{}", "ascii")
    with pytest.raises(StorageError, match=r"stray\.key") as caught:
        open_workspace(folder).stores.keys.rotate()
    assert "take it away" in caught.value.hint
    (keys.folder / "stray.key").unlink()
    open_workspace(folder).stores.keys.rotate()
    bring(tmp_path / "again", tmp_path / "shop.backup", folder)


def test_no_rotation_of_keys_comes_between_the_state_and_its_master_key(folder, tmp_path):
    master = master_of(folder)
    done = threading.Thread(target=back_up, args=(folder, tmp_path / "shop.backup"))
    with master.held():
        done.start()
        done.join(timeout=1.0)
        assert done.is_alive()
    done.join(timeout=30)
    assert (tmp_path / "shop.backup").exists()


def test_what_a_killed_backup_left_goes_and_files_of_others_stay(folder, tmp_path):
    (tmp_path / "shop.backup.new").write_text("mine", "ascii")
    (tmp_path / ".shop.backup.new-1a2b").write_text("half", "ascii")
    left = folder / ".mindgap/staging/backup-1a2b"
    left.mkdir(parents=True)
    (left / "state.db").touch()
    back_up(folder, tmp_path / "shop.backup")
    assert not left.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"shop", "shop.backup", "shop.backup.new"}
    assert (tmp_path / "shop.backup.new").read_text("ascii") == "mine"


def test_data_that_lie_on_another_disk_come_along(folder, tmp_path):
    wanted = told(folder)
    shutil.move(folder / ".mindgap/lake", tmp_path / "big disk")
    (folder / ".mindgap/lake").symlink_to(tmp_path / "big disk")
    back_up(folder, tmp_path / "shop.backup")
    bring(tmp_path / "again", tmp_path / "shop.backup", folder)
    assert told(tmp_path / "again") == wanted


def test_a_database_that_is_called_like_a_folder_of_work_comes_along(folder, tmp_path):
    landed = folder / ".mindgap/landing/keys"
    landed.mkdir(parents=True)
    (landed / "1.parquet").write_bytes(b"rows")
    back_up(folder, tmp_path / "shop.backup")
    bring(tmp_path / "again", tmp_path / "shop.backup", folder)
    assert (tmp_path / "again/.mindgap/landing/keys/1.parquet").read_bytes() == b"rows"


def test_what_would_not_come_back_is_not_backed_up(folder, tmp_path):
    (folder / ".mindgap/landing").mkdir()
    (folder / ".mindgap/landing/a:b.parquet").touch()
    with pytest.raises(StorageError, match="does not come back"):
        back_up(folder, tmp_path / "shop.backup")
    assert {path.name for path in tmp_path.iterdir()} == {"shop"}


def test_while_the_environment_says_where_the_state_is_nothing_comes_back(folder, tmp_path, monkeypatch):
    back_up(folder, tmp_path / "shop.backup")
    monkeypatch.setenv("MINDGAP_STATE_URL", "postgresql://user@host/database")
    with pytest.raises(UsageError, match="MINDGAP_STATE_URL"):
        restore(folder, tmp_path / "shop.backup", force=True)
    assert {path.name for path in folder.iterdir()} == {".mindgap", "mindgap.toml", "e.jsonl"}


def test_what_came_back_goes_to_the_schema_where_it_was(folder, tmp_path, postgres):
    schema = new_schema()
    move_state(folder, postgres.url(), schema=schema)
    back_up(folder, tmp_path / "shop.backup")
    wanted = told(folder)
    open_workspace(folder).withdraw("later", "marketing")
    gc.collect()
    restore(folder, tmp_path / "shop.backup", force=True)
    with pytest.raises(UsageError, match="already") as caught:
        move_state(folder, postgres.url(), schema=schema)
    assert "--force" in caught.value.hint
    move_state(folder, postgres.url(), schema=schema, force=True)
    assert told(folder) == wanted
    bring(tmp_path / "other", tmp_path / "shop.backup", folder)
    with pytest.raises(SettingsError, match="another workspace's") as caught:
        move_state(tmp_path / "other", postgres.url(), schema=schema, force=True)
    assert f'drop schema "{schema}" cascade' in caught.value.hint
