"""Data keys on every database that is there: made once, lost never silently, rotated whole."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from mindgap.backends.keys import SqlKeys
from mindgap.backends.master_key import MasterKeyFile
from mindgap.backends.schema import data_keys
from mindgap.kernel.errors import StorageError
from mindgap.trust.keys import MasterKey, new_key

HOLDERS = ["customer/1", "customer/2", "workspace/tokens"]


@pytest.fixture
def file(tmp_path):
    return MasterKeyFile(tmp_path / "keys" / "master.key")


@pytest.fixture
def keys(database, file):
    return SqlKeys(database, file)


def test_a_key_is_made_once_and_stays(keys):
    made = keys.made(HOLDERS)
    assert keys.made(HOLDERS) == made == keys.of(HOLDERS)
    assert len(set(made.values())) == 3
    assert {len(key) for key in made.values()} == {32}
    assert keys.of(["customer/3"]) == {}
    assert keys.state().holders == {"customer": 2, "workspace": 1}


def test_the_master_key_is_made_on_first_need_for_its_owner_only(keys, file):
    assert not file.path.exists()
    keys.of(HOLDERS)
    assert not file.path.exists()
    keys.made(HOLDERS)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_the_state_holds_no_key_in_the_clear(keys, database):
    made = keys.made(HOLDERS)
    with database.connect() as connection:
        rows = [bytes(wrapped) for wrapped in connection.execute(sa.select(data_keys.c.wrapped)).scalars()]
    assert all(key not in row for key in made.values() for row in rows)


@pytest.mark.parametrize("do", ["of", "made", "state", "rotate", "make_another"])
def test_a_lost_master_key_is_told_and_never_replaced(keys, file, do):
    keys.made(HOLDERS)
    file.path.unlink()
    with pytest.raises(StorageError, match="no master key") as caught:
        {
            "of": lambda: keys.of(HOLDERS),
            "made": lambda: keys.made(HOLDERS),
            "state": keys.state,
            "rotate": keys.rotate,
            "make_another": lambda: keys.made(["customer/9"]),
        }[do]()
    assert "copy" in caught.value.hint
    assert not file.path.exists()


def test_another_master_key_is_told(keys, file):
    keys.made(HOLDERS)
    file.write([MasterKey(new_key())])
    with pytest.raises(StorageError, match="another master key"):
        keys.of(HOLDERS)


@pytest.mark.parametrize("content", ["", "short\n", "AAAA\n", "ä"])
def test_a_damaged_master_key_is_told(keys, file, content):
    keys.made(HOLDERS)
    file.path.write_text(content, "utf-8")
    with pytest.raises(StorageError, match="damaged"):
        keys.of(HOLDERS)


def test_rotation_changes_the_wrapping_and_no_key(keys, file):
    made = keys.made(HOLDERS)
    (before,) = file.read()
    assert keys.rotate() == 3
    (after,) = file.read()
    assert after.id != before.id
    assert keys.of(HOLDERS) == made
    assert keys.state().waiting == 0
    file.write([before])
    with pytest.raises(StorageError):
        keys.of(HOLDERS)


def test_a_rotation_that_was_cut_off_is_finished(keys, file):
    """Cut off before the keys were wrapped anew: the file holds both, and everything goes on."""
    made = keys.made(HOLDERS)
    (before,) = file.read()
    fresh = MasterKey(new_key())
    file.write([fresh, before])
    assert keys.of(HOLDERS) == made
    later = keys.made(["customer/7"])
    assert keys.state().waiting == 3
    assert keys.rotate() == 3
    assert [key.id for key in file.read()] == [fresh.id]
    assert keys.of([*HOLDERS, "customer/7"]) == made | later


def test_destroyed_keys_are_gone(keys):
    keys.made(HOLDERS)
    assert keys.destroy(["customer/1", "customer/9"]) == 1
    assert keys.of(HOLDERS).keys() == {"customer/2", "workspace/tokens"}


def test_threads_that_need_the_same_keys_get_the_same(keys):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: keys.made([f"customer/{n}" for n in range(30)]), range(8)))
    assert all(one == found[0] for one in found)


def test_processes_that_need_the_same_keys_at_once_get_the_same(tmp_path):
    script = (
        "import sys, mindgap as mg; from hashlib import sha256\n"
        "keys = mg.open(sys.argv[1]).stores.keys.made([f'customer/{n}' for n in range(200)])\n"
        "print(sha256(repr(sorted(keys.items())).encode()).hexdigest())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "shop")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in running}) == 1
    assert [process.returncode for process in running] == [0, 0, 0]
