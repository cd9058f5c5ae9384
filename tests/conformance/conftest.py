import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kits.browser import chromium as run_chromium
from kits.collector import collector, key_of
from kits.faulty_proxy import faulty

collect_ignore_glob = ["*conftest.py", "clients/*"]  # the clients are programs of their own

HERE = Path(__file__).parent
CLIENTS = HERE / "clients"
NODE_MODULES = HERE.parents[1] / ".venv" / "clients" / "node_modules"
TAKES_AT_MOST_S = 60
SOURCES = (
    "segment-python",
    "rudderstack-python",
    "posthog-python",
    "posthog-python-v1",
    "snowplow-python",
    "snowplow-python-get",
    "segment-node",
    "rudderstack-node",
    "posthog-node",
    "jitsu-browser",
    "jitsu-server",
    "jitsu-faults",
    "segment-browser",
    "rudderstack-browser",
    "posthog-browser",
    "rudderstack-batch",
    "rudderstack-beacon",
    "documented",
)
"""One for each test that sends; the collector knows them before it starts."""


@pytest.fixture(scope="session")
def node_modules():
    """Where npm has put the clients."""
    if shutil.which("node") is None:
        pytest.skip("needs Node on PATH")
    wanted = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    if {name: _installed(name) for name in wanted} != wanted:
        pytest.skip("needs the Node clients: make dev")
    return NODE_MODULES


def _installed(name):
    path = NODE_MODULES / name / "package.json"
    return json.loads(path.read_text("utf-8"))["version"] if path.exists() else None


@pytest.fixture(scope="session")
def chromium():
    with run_chromium() as browser:
        yield browser


@dataclass(frozen=True)
class Ground:
    """A running collector with a source for each test that asks for one."""

    folder: Path
    base_url: str


@pytest.fixture(scope="session")
def ground(tmp_path_factory):
    """One collector for all clients; each has a source of its own."""
    folder = tmp_path_factory.mktemp("shop")
    with collector(folder, sources=SOURCES) as running:
        yield Ground(folder, running.base_url)


@dataclass(frozen=True)
class Sent:
    """What became of a client's run.

    Attributes:
        source: To which source it sent.
        seen: What its requests met.
        said: What it printed.
    """

    source: str
    seen: list
    said: str


@pytest.fixture
def send(ground, request):
    """Runs a client script: `send(source, script, events, *more, faults=...)`."""

    def run(source, script, events, *more, faults=()):
        command = [sys.executable]
        if script.endswith("js"):
            command = ["node"]
            request.getfixturevalue("node_modules")
        with faulty(ground.base_url, faults) as (address, met):
            done = subprocess.run(
                [*command, str(CLIENTS / script), address, key_of(source), str(events), *more],
                capture_output=True,
                text=True,
                check=False,
                timeout=TAKES_AT_MOST_S,
                env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
            )
        assert done.returncode == 0, done.stderr
        return Sent(source, met.seen, done.stderr)

    return run
