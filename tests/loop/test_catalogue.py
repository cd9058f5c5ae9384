"""What the stage rooms offer is the same whether it was imported or kept."""

import json
from dataclasses import replace

import pytest

from mindgap.loop import catalogue
from mindgap.loop.catalogue import Deferred, keep, kept, module_of
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
