from dataclasses import dataclass
from pathlib import Path

import pytest

from kits import clients
from kits.collector import collector

collect_ignore_glob = ["*conftest.py", "clients/*"]  # the clients are programs of their own

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
    return clients.node_modules()


@dataclass(frozen=True)
class Ground:
    """A running collector, with a source for each test."""

    folder: Path
    base_url: str


@pytest.fixture(scope="session")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    with collector(folder, sources=SOURCES) as running:
        yield Ground(folder, running.base_url)
