import pyarrow as pa
import pyarrow.compute as pc
import pytest
from purchase_histories import AS_OF, table, two_tastes

from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.personalize.discovering import customer_discoveries
from mindgap.personalize.tastes import LISTED

MOMENT = Moment(as_of=AS_OF)


def built(purchases):
    return customer_discoveries.build({"purchases": purchases}, MOMENT)


def pairs(rows):
    return {*zip(rows["customer_id"].to_pylist(), rows["product_id"].to_pylist(), strict=True)}


def test_each_customer_is_told_of_products_of_their_taste_never_bought():
    purchases = two_tastes()
    found = built(purchases).table
    assert not pairs(found) & pairs(purchases)
    assert set(found["rank"].to_pylist()) == set(range(1, LISTED + 1))
    own = [product[0] == "AB"[int(customer[1:]) % 2] for customer, product in pairs(found)]
    assert sum(own) / len(own) > 0.7  # of what is left to most customers, less than half is of their taste
    for customer in ("c000", "c119"):
        rows = found.filter(pc.field("customer_id") == customer)
        assert rows["rank"].to_pylist() == [*range(1, LISTED + 1)]
        assert rows["score"].to_pylist() == sorted(rows["score"].to_pylist(), reverse=True)


def test_the_same_purchases_in_any_order_give_the_same_lists():
    purchases = two_tastes()
    assert built(purchases.take(pa.array(range(len(purchases) - 1, -1, -1)))).table == built(purchases).table


def test_products_that_nobody_buys_any_more_are_not_told():
    gone = table([(f"c{nth:03d}", f"old{nth}", "A99", 60.0) for nth in range(100)])
    assert "A99" not in built(pa.concat_tables([two_tastes(), gone])).table["product_id"].to_pylist()


def test_who_bought_nothing_on_offer_is_told_nothing():
    alone = table(
        [("alone", "o-alone", "rare", 3.0), (None, "o-none", "A01", 3.0), ("c001", "o-n", None, 3.0)]
    )
    assert "alone" not in built(pa.concat_tables([two_tastes(), alone])).table["customer_id"].to_pylist()


def test_too_few_products_on_offer_are_said():
    rows = [(f"c{nth % 30}", f"o{nth}", f"p{nth % 7}", float(nth % 30)) for nth in range(300)]
    with pytest.raises(CannotSay) as caught:
        built(table(rows))
    assert (caught.value.code, caught.value.params["products"]) == ("few-products-lately", 7)


def test_the_model_holds_nothing_of_a_customer():
    (model,) = built(two_tastes()).models
    products = model.text["products"].split("\n")
    assert model.arrays["factors"].shape[0] == len(products) == model.card["products"]
    assert not any(product.startswith("c") for product in products)
