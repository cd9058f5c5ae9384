"""The ids of a person, in whatever order an engine tells them."""

from contextlib import contextmanager
from itertools import permutations

import pyarrow as pa
import pytest

from mindgap.store.engine import Relation
from mindgap.store.persons import ids_of_persons

ROWS = [
    {"person_id": "k9", "id_kind": "customer", "id": "k9"},
    {"person_id": "anna", "id_kind": "customer", "id": "anna"},
    {"person_id": "anna", "id_kind": "customer", "id": "k9"},
]


class Told:
    """An engine that answers with these rows."""

    def __init__(self, rows):
        self.rows = rows

    @contextmanager
    def session(self, _relations):
        yield self

    def bind(self, _relations):
        pass

    def table(self, _sql):
        return pa.Table.from_pylist(self.rows)


@pytest.mark.parametrize("rows", list(permutations(ROWS)))
def test_an_id_that_was_merged_away_is_the_person_s_in_any_order(rows):
    found = ids_of_persons(Told(list(rows)), Relation(), ["k9"])
    assert found.customers == {"anna", "k9"}
    assert found.person("k9") == found.person("anna") == "anna"
