"""One customer's tables are read together: in one session, with consent, and each on the record."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from kits.shop import put, shop_orders
from mindgap.kernel.errors import AccessError, CannotSay
from mindgap.kernel.purposes import Purpose

END = datetime(2024, 6, 3)


@dataclass
class Counting:
    """An engine that counts its sessions."""

    engine: object
    sessions: list = field(default_factory=list)

    def session(self, relations):
        self.sessions.append(sorted(relations))
        return self.engine.session(relations)


@pytest.fixture
def shop(workspace):
    put(workspace, "orders", shop_orders(customers=3))
    workspace.stores.manifest.complete(END)
    return workspace


def test_tables_of_a_customer_share_a_session_and_are_recorded_each(shop):
    engine = Counting(shop.stores.lookups)
    counted = replace(shop, stores=replace(shop.stores, lookups=engine))
    found = counted.read_customer_tables(["orders", "feedback", "clean_customers"], "c1", purpose="service")
    assert engine.sessions == [["feedback", "orders"]]
    assert set(found["orders"]["customer_id"].to_pylist()) == {"c1"}
    assert found["feedback"].num_rows == 0
    assert isinstance(found["clean_customers"], CannotSay)
    told = {(one.table, one.rows, one.purpose) for one in shop.stores.access.latest(2)}
    assert told == {("orders", found["orders"].num_rows, Purpose.SERVICE), ("feedback", 0, Purpose.SERVICE)}


def test_who_withdrew_the_purpose_has_no_rows(shop):
    shop.withdraw("c1", Purpose.PERSONALIZATION)
    assert shop.read_customer_tables(["orders"], "c1", purpose="personalization")["orders"].num_rows == 0
    assert shop.read_customer_tables(["orders"], "c2", purpose="personalization")["orders"].num_rows > 0
    with pytest.raises(AccessError):
        shop.read_customer_tables(["orders"], "c1", purpose="operations")
