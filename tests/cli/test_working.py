"""The worker beside the server: started again when it dies, ended with the server, even a killed one."""

import subprocess
import sys
import time

from mindgap.cli.working import kept_running

COUNT = "import sys; open(sys.argv[1], 'a').write('x')"
LIVE = COUNT + "; sys.stdin.buffer.read(); open(sys.argv[1], 'a').write('.')"
SLEEP = COUNT + "; import time; time.sleep(600)"


def until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def test_it_is_started_again_when_it_ends(tmp_path):
    file = tmp_path / "count"
    with kept_running([sys.executable, "-c", COUNT, str(file)], first_pause_s=0.01):
        until(lambda: file.exists() and len(file.read_text()) >= 3)
    after = len(file.read_text())
    time.sleep(0.3)
    assert len(file.read_text()) == after


def test_it_is_ended_with_the_server(tmp_path):
    file = tmp_path / "count"
    begun = time.monotonic()
    with kept_running([sys.executable, "-c", SLEEP, str(file)]):
        until(file.exists)
    assert time.monotonic() - begun < 10


def test_it_knows_when_the_server_was_killed(tmp_path):
    file = tmp_path / "count"
    server = (
        "import sys, time\nfrom mindgap.cli.working import kept_running\n"
        "with kept_running([sys.executable, '-c', sys.argv[1], sys.argv[2]]):\n    time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", server, LIVE, str(file)])
    until(lambda: file.exists() and file.read_text() == "x")
    process.kill()
    process.wait()
    until(lambda: file.read_text() == "x.")
