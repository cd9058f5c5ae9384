"""The notebook runs from top to bottom, and is kept without outputs."""

import warnings
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "first-look.ipynb"


@pytest.fixture
def notebook():
    nbformat = pytest.importorskip("nbformat", reason="needs the extra [notebook]")
    return nbformat.read(NOTEBOOK, as_version=4)


def test_no_outputs_are_kept(notebook):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.slow
def test_it_runs_on_a_small_shop(notebook, made_up_shop, monkeypatch, tmp_path):
    nbclient = pytest.importorskip("nbclient", reason="needs the extra [notebook]")
    pytest.importorskip("ipykernel", reason="needs the extra [notebook]")
    monkeypatch.setenv("MINDGAP_DIR", str(made_up_shop.folder))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the notebook machinery, not of ours
        client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    complaints = [output.text for output in outputs if output.get("name") == "stderr"]
    assert len(pictures) == 2
    assert complaints == []
