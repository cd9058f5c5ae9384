"""Files of the lake stay ten minutes after nothing names them any more."""

import os
from datetime import UTC, timedelta

from mindgap.backends.lake import DELAY, LakeFiles
from mindgap.kernel.clock import now


def test_a_file_that_nothing_names_is_marked_and_deleted_ten_minutes_later(tmp_path):
    lake, data = LakeFiles(tmp_path), tmp_path / "lake" / "2024-05-01"
    data.mkdir(parents=True)
    named, unnamed = data / "named.parquet", data / "unnamed.parquet"
    for file in (named, unnamed):
        file.write_bytes(b"")
    keep = ["lake/2024-05-01/named.parquet"]
    lake.sweep(keep)
    lake.sweep(keep)
    assert unnamed.exists()
    marked = (now() - DELAY - timedelta(seconds=1)).replace(tzinfo=UTC).timestamp()
    os.utime(unnamed, (marked, 0))
    lake.sweep(keep)
    assert (named.exists(), unnamed.exists()) == (True, False)


def test_who_holds_the_workspace_leaves_the_lake_alone(workspace):
    with workspace.stores.lake.staging() as folder:
        with workspace.exclusive():
            assert folder.exists()
        workspace.stores.files.sweep([])
        assert folder.exists()
    assert not folder.exists()
