"""Rows of databases that have landed: the person's go, and not those in which a figure is like their id."""

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.loop.erasing import Erasing
from mindgap.loop.erasing_derived import erase_landed
from mindgap.store.suppression import Name


def left(workspace, columns, *ids, id_columns=()):
    path = workspace.stores.files.path("landing/till/one/1.parquet")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), path)
    names = [Name("customer", text) for text in ids]
    work = Erasing(stores=workspace.stores, names=names, time_zone="UTC", id_columns=frozenset(id_columns))
    gone = erase_landed(work)
    with workspace.stores.files.open_parquet(path) as file:
        return gone, file.read().to_pydict()


def test_a_figure_that_is_like_an_id_stays(workspace):
    rows = {"order_no": [5, 6, 7], "CustomerID": [5, 6, 5], "quantity": [1, 5, 5], "note": ["a", "5", "c"]}
    assert left(workspace, rows, "5") == (
        2,
        {"order_no": [6], "CustomerID": [6], "quantity": [5], "note": ["5"]},
    )


def test_a_column_that_the_owner_named_holds_ids(workspace):
    rows = {"k": [5, 6], "quantity": [1, 5]}
    assert left(workspace, rows, "5", id_columns=["k"]) == (1, {"k": [6], "quantity": [5]})


def test_an_id_that_is_like_nothing_else_is_found_in_any_column(workspace):
    rows = {"k": ["anna.b@example.org", "x"], "ref": ["x", "anna.b@example.org"]}
    assert left(workspace, rows, "anna.b@example.org") == (2, {"k": [], "ref": []})
