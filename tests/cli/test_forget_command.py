"""Forgetting by the command line."""

import os
import pty
import subprocess
import sys

import pytest

from kits.commands import mindgap


def test_an_id_that_is_nowhere_is_told_so(tmp_path):
    assert mindgap("init", "shop", cwd=tmp_path).returncode == 0
    done = mindgap("forget", "misspelt", "--dir", "shop", cwd=tmp_path)
    assert done.returncode == 0
    assert "No row named this id" in done.stdout


@pytest.mark.parametrize(
    ("answer", "options", "asked", "code"),
    [
        (b"n\n", (), True, 1),
        (b"y\n", (), True, 0),
        (b"", ("--yes",), False, 0),
        (b"", ("--json",), False, 0),
    ],
)
def test_a_person_at_a_terminal_is_asked_first(tmp_path, answer, options, asked, code):
    assert mindgap("init", "shop", cwd=tmp_path).returncode == 0
    done = _at_a_terminal("forget", "c1", "--dir", "shop", *options, cwd=tmp_path, answer=answer)
    assert done.returncode == code, done.stderr
    assert ("cannot be brought back" in done.stderr) is asked
    known = mindgap("forget", "--status", "--json", "--dir", "shop", cwd=tmp_path).stdout
    assert (known.strip() == "[]") is (code == 1)


def _at_a_terminal(*arguments, cwd, answer):
    """The command as a process whose standard input is a terminal."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        command = [sys.executable, "-c", "from mindgap.cli.main import main; main()", *arguments]
        return subprocess.run(
            command, cwd=cwd, stdin=theirs, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
