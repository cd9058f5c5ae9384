"""Stopped, killed, out of disk, twice at once: nothing half-written is visible, and the next run goes on."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from datetime import datetime

import pytest

from kits.commands import mindgap, start
from kits.shop import put, shop_orders
from kits.states import contents, dangling, write_orders
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import BusyError, MindgapError, StorageError
from mindgap.loop.running import Silent, run
from mindgap.workspace import open as open_workspace

WAIT_SECONDS = 60
pytestmark = pytest.mark.slow


class Stop(Silent):
    """Ends the loop before its third table."""

    def __init__(self):
        self.tables = 0

    def building(self, step):
        self.tables += 1
        if self.tables > 2:
            raise MindgapError("enough")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A till's file and all that an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("clean")
    file = write_orders(folder / "till.csv", shop_orders(customers=40, weeks=30))
    done = mindgap("run", file, "--yes", "--json", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return file, contents(open_workspace(folder / "till-mindgap"))


def wait_for(process, folder, pattern):
    """Until a file of that pattern is there; the process must still be running then."""
    until = time.monotonic() + WAIT_SECONDS
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def goes_on(folder, clean):
    """The next run finishes what was begun, and its tables are those of an undisturbed run."""
    again = mindgap("run", folder / "till.csv", "--yes", "--json", cwd=folder)
    assert again.returncode == 0, again.stdout + again.stderr
    workspace = open_workspace(folder / "till-mindgap")
    assert contents(workspace) == clean[1]
    missing, _ = dangling(workspace)
    assert missing == set()
    # what was left over is marked by the first sweep and gone after the second
    mindgap("run", "--dir", "till-mindgap", "--json", cwd=folder)
    assert dangling(workspace) == (set(), set())


@pytest.mark.parametrize(
    ("how", "table"),
    [(signal.SIGINT, "customer_features"), (signal.SIGKILL, "purchases"), (signal.SIGKILL, "gap")],
)
def test_a_loop_that_is_cut_off_goes_on(tmp_path, clean, how, table):
    shutil.copy(clean[0], tmp_path)
    process = start("run", "till.csv", "--yes", "--json", cwd=tmp_path)
    wait_for(process, tmp_path, f"till-mindgap/.mindgap/shelf/{table}/*.parquet")
    process.send_signal(how)
    _, told = process.communicate(timeout=WAIT_SECONDS)
    workspace = open_workspace(tmp_path / "till-mindgap")
    assert workspace.as_of is None
    assert dangling(workspace)[0] == set()
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Stopped" in told
        assert "Traceback" not in told
        assert not list((tmp_path / "till-mindgap/.mindgap").glob("staging/*"))
    goes_on(tmp_path, clean)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_reading_that_is_cut_off_leaves_nothing(tmp_path, clean, how):
    write_orders(tmp_path / "till.csv", shop_orders(customers=40, weeks=30), times=40)
    process = start("run", "till.csv", "--yes", "--json", cwd=tmp_path)
    wait_for(process, tmp_path, "till-mindgap/.mindgap/staging/*/raw.parquet")
    process.send_signal(how)
    process.communicate(timeout=WAIT_SECONDS)
    workspace = open_workspace(tmp_path / "till-mindgap")
    assert workspace.stores.ledger.sources() == []
    assert list((tmp_path / "till-mindgap/.mindgap").glob("ledger/*/*")) == []
    shutil.copy(clean[0], tmp_path)
    goes_on(tmp_path, clean)


def test_a_source_read_again_and_cut_off_keeps_what_it_gave(tmp_path, clean):
    shutil.copy(clean[0], tmp_path)
    assert mindgap("run", "till.csv", "--yes", "--json", cwd=tmp_path).returncode == 0
    write_orders(tmp_path / "till.csv", shop_orders(customers=40, weeks=30), times=40)
    process = start("run", "--dir", "till-mindgap", "--json", cwd=tmp_path)
    wait_for(process, tmp_path, "till-mindgap/.mindgap/staging/*/raw.parquet")
    process.kill()
    process.communicate(timeout=WAIT_SECONDS)
    assert contents(open_workspace(tmp_path / "till-mindgap")) == clean[1]


def test_a_full_disk_is_told_and_the_run_goes_on_after_space_is_freed(tmp_path, clean, small_disk):
    folder, grow = small_disk
    for kilobytes in (8, 60, 120, 200, 260, 320, 380, 420, 460):
        grow(kilobytes)
        done = mindgap("run", clean[0], "--yes", "--json", "--dir", folder / "till-mindgap", cwd=tmp_path)
        assert done.returncode == 1, kilobytes
        error = json.loads(done.stdout)["error"]
        assert error["type"] == "StorageError", done.stdout
        assert "space" in error["message"] + error["hint"], done.stdout
        assert not list(folder.glob("till-mindgap/.mindgap/staging/*"))
    grow(20_000)
    done = mindgap("run", clean[0], "--yes", "--json", "--dir", folder / "till-mindgap", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    workspace = open_workspace(folder / "till-mindgap")
    assert contents(workspace) == clean[1]
    workspace.stores.ledger.engine.dispose()


def test_two_at_once_are_told_apart(tmp_path, clean):
    shutil.copy(clean[0], tmp_path)
    first = start("run", "till.csv", "--yes", "--json", cwd=tmp_path)
    wait_for(first, tmp_path, "till-mindgap/.mindgap/shelf/purchases/*")
    second = mindgap("run", "--dir", "till-mindgap", "--json", cwd=tmp_path)
    reading = mindgap("status", "--dir", "till-mindgap", "--json", cwd=tmp_path)
    first.communicate(timeout=WAIT_SECONDS)
    assert first.returncode == 0
    assert second.returncode == 1
    assert json.loads(second.stdout)["error"]["type"] == "BusyError"
    assert reading.returncode == 0


def test_many_may_open_a_new_workspace_at_once(tmp_path):
    processes = [start("init", "shop", "--json", cwd=tmp_path) for _ in range(4)]
    told = [process.communicate(timeout=WAIT_SECONDS) for process in processes]
    assert min(process.returncode for process in processes) == 0
    assert all("Traceback" not in error for _, error in told)
    assert open_workspace(tmp_path / "shop").stores.ledger.sources() == []


def test_a_damaged_state_says_what_to_do(tmp_path):
    open_workspace(tmp_path / "shop").stores.ledger.engine.dispose()
    state = tmp_path / "shop/.mindgap/state.db"
    state.write_bytes(b"no database" * 1000)
    done = mindgap("status", "--dir", "shop", "--json", cwd=tmp_path)
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["type"] == "StorageError"
    assert "backup" in error["hint"]


def test_a_state_damaged_in_the_middle_says_so_when_it_is_read(shop):
    with pytest.raises(MindgapError, match="enough"):
        run(shop.stores, Moment(as_of=datetime(2024, 6, 3)), observer=Stop())
    shop.stores.ledger.engine.dispose()
    state = shop.folder / ".mindgap/state.db"
    with state.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (state.stat().st_size - 4096))
    with pytest.raises(StorageError, match="damaged"):
        open_workspace(shop.folder).stores.ledger.sources()


def test_a_state_that_may_not_be_written_says_so(shop):
    engine = shop.stores.ledger.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma query_only = on")
        connection.commit()
    with pytest.raises(StorageError, match="cannot be written"):
        put(shop, "orders", shop_orders(customers=3), source="more")


def test_a_state_that_another_holds_says_so(shop):
    holder = sqlite3.connect(shop.folder / ".mindgap/state.db", isolation_level=None)
    holder.execute("begin exclusive")
    engine = shop.stores.ledger.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout = 10")
    with pytest.raises(BusyError, match="Another process"):
        shop.stores.manifest.complete(datetime(2024, 1, 1))
    holder.close()


def test_a_workspace_on_a_disk_that_is_read_only(tmp_path, small_disk):
    folder, grow = small_disk
    grow(4_000)
    open_workspace(folder / "shop").stores.ledger.engine.dispose()
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    done = mindgap("run", "--dir", folder / "shop", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "written" in json.loads(done.stdout)["error"]["message"]


def test_leftovers_of_the_dead_are_cleared_and_those_of_the_living_are_not(shop):
    scratch = shop.folder / ".mindgap/scratch"
    dead = subprocess.Popen(["true"])
    dead.wait()
    for name in (f"{dead.pid}-a", f"{os.getpid()}-b", "duckdb_temp"):
        (scratch / name).mkdir(parents=True)
    with shop.exclusive():
        assert [item.name for item in scratch.iterdir()] == [f"{os.getpid()}-b"]


def test_a_table_whose_file_is_gone_is_built_again(tmp_path, clean):
    shutil.copy(clean[0], tmp_path)
    assert mindgap("run", "till.csv", "--yes", "--json", cwd=tmp_path).returncode == 0
    data = tmp_path / "till-mindgap/.mindgap"
    for kind in ("ledger", "shelf/segments", "vault/recommender"):
        shutil.rmtree(data / kind)
    told = mindgap("table", "segments", "--dir", "till-mindgap", cwd=tmp_path)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    goes_on(tmp_path, clean)
