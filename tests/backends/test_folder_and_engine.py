"""Files are whole or absent; the engine says in our words what it could not do."""

import errno
import os
import signal
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.folder import FolderFiles
from mindgap.kernel.derivation import FittedModel
from mindgap.kernel.errors import StorageError
from mindgap.store.engine import Relation


@pytest.fixture
def files(tmp_path):
    return FolderFiles(tmp_path)


@pytest.fixture
def engine(tmp_path):
    return DuckDBEngine(scratch=tmp_path / "scratch", memory_limit_mb=200, threads=1)


def test_work_in_progress_is_gone_whatever_happens(files):
    def cut_off():
        with files.staging() as folder:
            (folder / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert list((files.root / "staging").iterdir()) == []


@pytest.mark.parametrize(("number", "says"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "denied")])
def test_a_disk_that_refuses_is_told(files, number, says):
    with pytest.raises(StorageError, match=says), files.staging():
        raise OSError(number, os.strerror(number))


def test_a_model_is_read_back_as_it_was_and_its_loss_is_told(files):
    model = FittedModel(name="m", card={"use": "测试"}, arrays={"a": np.arange(3)}, text={"t": "é"})
    with files.staging() as folder:
        files.write_model(model, folder / "m")
        files.adopt(folder / "m", "vault/m/1")
    again = files.read_model("m", "vault/m/1")
    assert (again.card, again.text, again.arrays["a"].tolist()) == (model.card, model.text, [0, 1, 2])
    files.path("vault/m/1/a.npy").write_bytes(b"")
    for relative in ("vault/m/1", "vault/m/2"):
        with pytest.raises(StorageError, match="train it again"):
            files.read_model("m", relative)


def test_what_nothing_names_is_marked_first_and_deleted_later(files):
    for name in ("kept", "left"):
        (files.root / "shelf" / "t").mkdir(parents=True, exist_ok=True)
        files.path(f"shelf/t/{name}.parquet").write_text("x")
    files.sweep(["shelf/t/kept.parquet"])
    assert files.path("shelf/t/left.parquet").exists()
    files.sweep(["shelf/t/kept.parquet"])
    assert not files.path("shelf/t/left.parquet").exists()
    assert files.path("shelf/t/kept.parquet").exists()


@pytest.mark.parametrize("content", [None, b"", b"PAR1 cut off"])
def test_a_table_that_is_gone_or_damaged_is_told(engine, tmp_path, content):
    if content is not None:
        (tmp_path / "t.parquet").write_bytes(content)
    with (
        pytest.raises(StorageError, match="files"),
        engine.session({"t": Relation(paths=[tmp_path / "t.parquet"])}) as s,
    ):
        s.table("select * from t")


def test_ctrl_c_ends_a_query_as_ctrl_c(engine):
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with engine.session({}) as session:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            session.table("select max(md5(i::varchar)) from range(1000000000) as t(i)")


def test_what_is_spilled_is_gone_afterwards(engine, tmp_path):
    query = "select i, md5(i::varchar) as m from range(6000000) as t(i) order by m"
    with engine.session({}) as session:
        assert session.save(query, tmp_path / "sorted.parquet") == 6_000_000
    assert engine.scratch.is_dir()  # the sort did not fit in memory
    assert list(engine.scratch.glob("*")) == []


def test_the_withheld_the_later_and_the_empty(engine, tmp_path):
    table = pa.table({"customer_id": ["a", "b", None], "n": [1, 2, 3]})
    pq.write_table(table, tmp_path / "it's.parquet")
    relations = {
        "t": Relation(paths=[tmp_path / "it's.parquet"], withheld=["a"]),
        "none": Relation(schema=table.schema),
    }
    with engine.session(relations) as session:
        assert session.table("select n from t order by n")["n"].to_pylist() == [2, 3]
        assert session.table("select n from t where n = $n", parameters={"n": 3}).num_rows == 1
        assert session.table('select * from "none"').schema.names == ["customer_id", "n"]
