"""Forgetting by the command line."""

from kits.commands import mindgap


def test_an_id_that_is_nowhere_is_told_so(tmp_path):
    assert mindgap("init", "shop", cwd=tmp_path).returncode == 0
    done = mindgap("forget", "misspelt", "--dir", "shop", cwd=tmp_path)
    assert done.returncode == 0
    assert "No row named this id" in done.stdout
