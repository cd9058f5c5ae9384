"""Files are whole or absent; the engine says in our words what it could not do."""

import errno
import os
import signal
import threading

import numpy as np
import pytest

from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.folder import FolderFiles
from mindgap.kernel.derivation import FittedModel
from mindgap.kernel.errors import StorageError


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
