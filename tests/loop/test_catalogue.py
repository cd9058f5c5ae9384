"""What the stage rooms offer is the same whether it was imported or kept."""

import json
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from mindgap.kernel.derivation import derivation
from mindgap.kernel.purposes import Purpose
from mindgap.loop import catalogue
from mindgap.loop.catalogue import Deferred, deferred, keep, kept, module_of
from mindgap.loop.offered import _imported, code_mark


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_kept_tables_are_the_imported_ones(cache):
    found = _imported()
    keep("mark", found)
    again = kept("mark")
    assert list(again) == list(found)
    for name, (item, _) in found.items():
        assert replace(again[name], build=None, large=None) == replace(item, build=None, large=None)
        assert code_mark(again[name]) == code_mark(item)
        assert (again[name].build is None) == (item.build is None)
        assert (again[name].large is None) == (item.large is None)


def test_another_mark_or_a_damaged_file_means_importing(cache):
    keep("mark", _imported())
    assert kept("another") is None
    catalogue._file().write_text("{", "utf-8")
    assert kept("mark") is None


def test_only_our_own_modules_are_imported(cache):
    keep("mark", _imported())
    document = json.loads(catalogue._file().read_text("utf-8"))
    document["tables"][0]["module"] = "os"
    catalogue._file().write_text(json.dumps(document), "utf-8")
    assert kept("mark") is None


def test_without_a_cache_folder_nothing_breaks(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep("mark", _imported())
    assert kept("mark") is None


def test_a_deferred_build_does_what_the_real_one_does(cache):
    found = _imported()
    item, module = next((item, module) for item, module in found.values() if item.build)
    deferred = Deferred(table=item.name, module=module)
    assert module_of(replace(item, build=deferred)) == module
    assert deferred._derivation is item


def test_imported_tables_are_built_in_the_way_of_kept_ones(cache):
    found = _imported()
    keep("mark", found)
    for name, item in kept("mark").items():
        assert deferred(*found[name]).build == item.build
        assert (deferred(*found[name]).large is None) == (item.large is None)


@derivation("threads", grain="one row", purpose=Purpose.OPERATIONS, inputs={})
def threads(_tables, _moment):
    """How many threads the libraries of linear algebra have."""
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_while_a_table_is_built():
    assert np.linalg.norm(np.ones(2)) > 1, "a library of it is loaded"
    assert Deferred(table="threads", module=__name__)({}, None) == {1}
