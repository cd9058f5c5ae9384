"""Every database keeps the same and refuses the same."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindgap.backends.columns import NAME_LENGTH
from mindgap.backends.consent import SqlConsent
from mindgap.backends.manifest import SqlManifest
from mindgap.kernel.errors import UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.store.state import ModelEntry, ShelfEntry

T0 = datetime(2024, 1, 1)
LATEST = datetime(2199, 12, 31, 23, 59, 59, 999_999)


def withdraw(database, customer_id):
    SqlConsent(database).record(customer_id, Purpose.MARKETING, granted=False, at=T0, source="test")


def keep_model(database, name, card, as_of=T0):
    entry = ShelfEntry(
        name=name, as_of=as_of, fingerprint="f", path="p", rows=2**62, built_at=T0, seconds=0.1
    )
    SqlManifest(database).keep(entry, [ModelEntry(name=name, as_of=as_of, path="p", card=card, built_at=T0)])


@pytest.mark.parametrize("name", ["c" * (NAME_LENGTH + 1), "a\0b", "\ud800"])
def test_what_is_no_name_is_refused_and_not_repeated(database, name):
    with pytest.raises(UsageError) as caught:
        withdraw(database, name)
    assert name not in str(caught.value)
    assert SqlConsent(database).withdrawn(Purpose.MARKETING) == []


def test_names_of_every_script_have_the_same_order_everywhere(database):
    names = [
        "zoë",
        "Zoe",
        "a" * NAME_LENGTH,
        "李雷",
        "ä",
        "B",
        "_",
        "😀" * NAME_LENGTH,
        "'; drop table consent; --",
    ]
    for name in names:
        keep_model(database, name[:64], {})
        withdraw(database, name)
    assert [entry.name for entry in SqlManifest(database).entries()] == sorted(name[:64] for name in names)
    assert SqlConsent(database).withdrawn(Purpose.MARKETING) == sorted(names)


def test_a_figure_that_is_none_becomes_null(database):
    card = {"auc": float("nan"), "nested": [float("inf"), {"low": -float("inf")}], "n": 3, "rate": 0.1}
    keep_model(database, "churn", card)
    kept = SqlManifest(database).model("churn", T0).card
    assert kept == {"auc": None, "nested": [None, {"low": None}], "n": 3, "rate": 0.1}


def test_times_keep_their_microseconds(database):
    keep_model(database, "churn", {}, as_of=LATEST)
    entry = SqlManifest(database).entry("churn", LATEST)
    assert (entry.as_of, entry.rows, entry.seconds) == (LATEST, 2**62, 0.1)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(card=st.dictionaries(st.text(), plain, max_size=4))
def test_cards_come_back_as_they_were(database, card):
    keep_model(database, "churn", card)
    assert SqlManifest(database).model("churn", T0).card == card
