"""The reference pages' writer, and the made-up shop of the examples, brought in and run once."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def writer():
    """The module docs/generate.py."""
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up_shop(writer, tmp_path_factory):
    """The workspace `shop`, in a folder that also holds its four CSV files."""
    return writer.run_on_made_up_shop(tmp_path_factory.mktemp("docs"))
