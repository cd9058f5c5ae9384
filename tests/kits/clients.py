"""Client programs (tests/conformance/clients), and the Node packages that they need."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kits.collector import key_of
from kits.faulty_proxy import faulty

CONFORMANCE = Path(__file__).parents[1] / "conformance"
CLIENTS = CONFORMANCE / "clients"
NODE_MODULES = CONFORMANCE.parents[1] / ".venv" / "clients" / "node_modules"
TAKES_AT_MOST_S = 60


@dataclass(frozen=True)
class Sent:
    """What became of a client's run.

    Attributes:
        seen: What its requests met.
        said: What it printed.
    """

    seen: list
    said: str


def node_modules():
    """Where npm has put the clients; the test is skipped where they are not."""
    if shutil.which("node") is None:
        pytest.skip("needs Node on PATH")
    wanted = json.loads((CONFORMANCE / "package.json").read_text("utf-8"))["dependencies"]
    if {name: _installed(name) for name in wanted} != wanted:
        pytest.skip("needs the Node clients: make dev")
    return NODE_MODULES


def send(base_url, source, script, *more, faults=()):
    """Run a client program against a collector behind a proxy that fails."""
    command = [sys.executable] if script.endswith(".py") else ["node"]
    modules = node_modules() if command == ["node"] else ""
    with faulty(base_url, faults) as (address, met):
        done = subprocess.run(
            [*command, str(CLIENTS / script), address, key_of(source), *map(str, more)],
            capture_output=True,
            text=True,
            check=False,
            timeout=TAKES_AT_MOST_S,
            env={**os.environ, "NODE_PATH": str(modules)},
        )
    assert done.returncode == 0, done.stderr
    return Sent(met.seen, done.stderr)


def _installed(name):
    path = NODE_MODULES / name / "package.json"
    return json.loads(path.read_text("utf-8"))["version"] if path.exists() else None
