"""Sorting by counting gives what sorting by comparison gives, row by row."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mindgap.process.identity.coding import coded
from mindgap.process.identity.ordering import in_groups, in_order, numbered

# with zero bytes and characters of several bytes
_PIECES = ["", "a", "b", "\0", "é", "\U0001f600", "12345678", "\0" * 8, "123456789"]
texts = st.lists(st.lists(st.sampled_from(_PIECES), max_size=4).map("".join), max_size=30)
numbers = st.lists(st.integers(0, 9) | st.integers(0, 10**12), max_size=30)


@given(st.lists(st.none() | st.sampled_from(["b", "a", "a\0", "é"])), texts)
def test_numbers_give_the_texts_again_and_what_is_only_asked_for_gets_none(some, asked):
    column, more = pa.chunked_array([some], pa.string()), pa.chunked_array([asked], pa.string())
    names, (codes, found) = coded([column], asked=[more])
    assert names.take(codes).to_pylist() == some
    assert names.take(found).to_pylist() == [text if text in some else None for text in asked]
    assert names.take(np.arange(len(names))).to_pylist() == sorted(
        {text for text in some if text is not None}
    )


@given(numbers)
def test_numbers_are_in_order_however_large_they_are(some):
    values = np.array(some, np.int64)
    assert in_order(values).tolist() == np.argsort(values, kind="stable").tolist()
    each, places = numbered(values)
    assert each.tolist() == sorted(set(some))
    assert each[places].tolist() == some


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_groups_are_of_all_keys(rows):
    pairs = np.array(rows, np.int64).reshape(len(rows), 2)
    order, starts = in_groups(pairs[:, 0], pairs[:, 1])
    assert [rows[n] for n in order] == sorted(rows)
    assert [rows[n] for n in order[starts]] == sorted(set(rows))
