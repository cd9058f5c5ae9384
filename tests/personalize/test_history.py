import pyarrow as pa
import pytest
from purchase_histories import AS_OF, table, two_tastes

from mindgap.kernel.errors import CannotSay
from mindgap.personalize.history import HALF_LIFE_DAYS, pair, read_history
from mindgap.personalize.names import pack

FILLER = [(f"z{i:02d}", f"oz{i}-{j}", f"p{j}", 10.0) for i in range(25) for j in range(5)]


def test_one_product_in_one_order_counts_once_and_halves_with_age():
    rows = [
        ("anna", "o1", "p0", HALF_LIFE_DAYS),
        ("anna", "o1", "p0", HALF_LIFE_DAYS),
        ("anna", "o2", "p0", 0.0),
    ]
    history = read_history(table(rows + FILLER), AS_OF)
    pairs = pair(history)
    assert history.customers[0] == "anna"
    assert history.products[0] == "p0"  # 26 customers, the others 25
    assert (pairs.times[0], pairs.decayed[0]) == (2, pytest.approx(1.5))
    assert (pairs.last_days[0], pairs.first_days[0]) == (0.0, pytest.approx(HALF_LIFE_DAYS))


def test_before_is_what_was_known_then():
    purchases = two_tastes()
    history = read_history(purchases, AS_OF)
    earlier = history.before(35)
    assert len(earlier.customer) == (history.age_days >= 35).sum()
    assert earlier.age_days.min() >= 0


def test_lines_without_customer_or_product_are_left_out():
    rows = [(None, "o1", "p0", 1.0), ("anna", "o2", None, 1.0)]
    history = read_history(table(rows + FILLER), AS_OF)
    assert len(history.customer) == len(FILLER)
    assert "anna" not in history.customers


def test_no_products_is_said():
    bare = two_tastes().drop_columns("product_id")
    empty = bare.append_column("product_id", pa.nulls(len(bare), pa.string()))
    for purchases in (bare, empty):
        with pytest.raises(CannotSay) as caught:
            read_history(purchases, AS_OF)
        assert caught.value.code == "no-products-in-orders"


def test_too_few_purchases_are_said():
    with pytest.raises(CannotSay) as caught:
        read_history(table([("anna", "o1", "p1", 1.0)]), AS_OF)
    assert caught.value.code == "too-few-purchases"
    assert caught.value.params["customers"] == 1


def test_names_are_found_by_their_bytes():
    texts = sorted(["ä", "z", "客户", "a1", "a", ""], key=str.encode)
    names = pack(texts)
    assert [names.find(text) for text in texts] == list(range(len(texts)))
    assert [names.at(row) for row in range(len(names))] == texts
    assert names.find("nobody") is None
