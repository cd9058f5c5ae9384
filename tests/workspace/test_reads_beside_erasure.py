"""Reads while a person is taken out of every file: they see old files or new ones, and never break."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from kits.clickstream import END, put_events, shopping
from kits.shop import put, shop_orders
from mindgap.kernel.errors import GoneError
from mindgap.loop.building import build
from mindgap.loop.persons import customers_among, known_ids
from mindgap.loop.planning import plan, stale_steps
from mindgap.workspace import open as open_workspace
from mindgap.workspace.arrivals import hour_counts
from mindgap.workspace.damage import damaged_files

TABLES = ("customer_features", "activity_features")
READS = {
    "table": lambda shop: shop.table("customer_features"),
    "events": lambda shop: shop.table("events"),
    "customer": lambda shop: shop.read_customer_tables(TABLES, "c1", purpose="service"),
    "timeline": lambda shop: shop.timeline("c1"),
    "features": lambda shop: shop.features_now("c1", at=END),
    "person": lambda shop: shop.identity.ids_of("c1"),
    "persons": lambda shop: shop.identity.persons(),
    "hours": lambda shop: hour_counts(shop, since=END - timedelta(days=30)),
    "known ids": lambda shop: known_ids(shop.stores, "c1"),
    "ids of devices": lambda shop: customers_among(shop.stores, {"c1", "d1"}),
}
PEOPLE = iter(f"c{number}" for number in range(2, 100))


@dataclass
class Racing:
    """An engine that is slow to open what was looked up: somebody is erased before it does."""

    engine: Any
    shop: Any
    erased: list[str] = field(default_factory=list)

    def session(self, relations):
        if len(self.erased) < 2 and any(one.paths or one.inputs for one in relations.values()):
            self.erased.append(next(PEOPLE))
            assert self.shop.forget(self.erased[-1]).stage == "done"
        return self.engine.session(relations)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    filled = open_workspace(tmp_path_factory.mktemp("beside-erasure"))
    customers = 2 + 2 * len(READS)
    put(filled, "orders", shop_orders(customers=customers, weeks=4, end=END), source="till")
    put_events(filled, shopping(customers=customers, visits=2))
    for step in stale_steps(filled.stores, plan(filled.stores, filled.moment(END), tables=TABLES)):
        build(filled.stores, step)
    filled.stores.manifest.complete(END)
    return filled


@pytest.mark.parametrize("what", READS)
def test_a_read_looks_again_when_its_files_are_written_anew(shop, what):
    racing = Racing(shop.stores.lookups, shop)
    beside = replace(shop, stores=replace(shop.stores, lookups=racing, engine=racing))
    READS[what](beside)
    assert len(racing.erased) == 2
    assert not damaged_files(shop)


def test_what_is_lost_is_said_to_be_gone(shop):
    entry = shop.stores.manifest.entry("customer_features", END)
    path = shop.stores.files.path(entry.path)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(GoneError, match="is gone"):
        shop.table("customer_features")
    path.write_bytes(kept)
    assert shop.table("customer_features").num_rows > 0
