"""Linking by likeness from end to end: proposals wait in the review, become joins, and are undone."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from kits.clickstream import END
from kits.commands import mindgap
from kits.shop import canonical, put
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import UsageError
from mindgap.loop.building import build
from mindgap.loop.merges import record_persons
from mindgap.loop.planning import plan, stale_steps
from mindgap.store.identity_words import evidence_words, reason_words
from mindgap.store.linkage import Scored, ScoredPair
from mindgap.workspace.linking import link

START = END - timedelta(days=3)
CUSTOMERS = [
    {"customer_id": "a1", "birth_year": 1980, "region": "Ulm", "joined_at": START},
    {"customer_id": "b1", "birth_year": 1981, "region": "Ulm", "joined_at": START + timedelta(hours=1)},
    {"customer_id": "c1", "birth_year": 1950, "region": "Bonn"},
    {"customer_id": "d1", "birth_year": 1950, "region": "Bonn", "gender": "f"},
]
ORDER = {
    "order_id": "o1", "customer_id": "a1", "product_id": "p", "ordered_at": START, "quantity": 1.0,
    "amount": 10.0, "kind": "sale",
}  # fmt: skip


class Alike:
    """A linkage that finds the same two pairs, and keeps what it was shown."""

    def __init__(self):
        self.seen = None

    def score(self, records: pa.Table, compared, *, seed):
        self.seen = [one.name for one in compared]
        ids = set(records["unique_id"].to_pylist())
        bits = {"region": 9.0, "birth_year": -1.5}
        pairs = [("a1", "b1", 0.999), ("c1", "d1", 0.995)]
        scored = [
            ScoredPair(first=one, second=other, probability=share, bits=bits)
            for one, other, share in pairs
            if {one, other} <= ids
        ]
        return Scored(pairs=scored, prior_bits=-3.0, compared=6)


def work(workspace):
    moment = Moment(as_of=END)
    for step in plan(workspace.stores, moment, tables=("same_person", "identity_review", "clean_customers")):
        if stale_steps(workspace.stores, [step]):
            build(workspace.stores, step)
    workspace.stores.manifest.complete(END)
    return record_persons(workspace.stores, moment, at=END)


@pytest.fixture
def shop(workspace):
    put(workspace, "orders", canonical("orders", [ORDER]))
    put(workspace, "customers", canonical("customers", CUSTOMERS))
    work(workspace)
    return workspace


def test_proposals_wait_become_joins_and_are_undone(shop):
    alike = Alike()
    found = link(shop, linkage=alike)
    assert alike.seen == ["birth_year", "region"]
    assert (found.customers, len(found.proposals), found.confirmed) == (4, 2, 0)
    assert shop.identity.numbers() == {"persons": 0, "merged_ids": 0, "waiting": 2}
    row = next(row for row in shop.identity.review(reason="alike") if row["first_id"] == "a1")
    assert evidence_words(row, "en") == ["region agrees (+9.0 bits)", "year of birth differs (−1.5 bits)"]
    assert "99.9%" in reason_words(row, "zh")
    shop.identity.confirm("b1", "a1")
    shop.identity.keep_apart("c1", "d1")
    assert shop.identity.review() == []
    (merged,) = work(shop)
    assert (merged.kind, merged.after) == ("merged", {"a1": "a1", "b1": "a1"})
    assert shop.identity.numbers() == {"persons": 1, "merged_ids": 1, "waiting": 0}
    assert link(shop, linkage=alike).proposals == []
    shop.identity.undo(merged.id or 1)
    (undone,) = work(shop)
    assert undone.kind == "undone"
    assert link(shop, linkage=alike).proposals == []


def test_what_is_sure_enough_is_joined_when_asked(shop):
    found = link(shop, linkage=Alike(), confirm_above=0.998)
    assert (found.confirmed, [one.first_id for one in found.proposals]) == (1, ["c1"])
    (merged,) = work(shop)
    assert merged.person_id == "a1"


def test_who_withdrew_service_is_not_compared(shop):
    shop.withdraw("b1", "service")
    assert [one.first_id for one in link(shop, linkage=Alike()).proposals] == ["c1"]
    reads = [one for one in shop.stores.access.latest(9) if one.table == "clean_customers"]
    assert {one.purpose for one in reads} == {"service"}


def test_a_figure_that_is_no_probability_is_refused(shop):
    for figures in ({"threshold": 0.0}, {"confirm_above": 1.1}):
        with pytest.raises(UsageError):
            link(shop, linkage=Alike(), **figures)


def test_whoever_is_forgotten_is_in_no_proposal(shop):
    link(shop, linkage=Alike())
    shop.forget("a1")
    assert [one.first_id for one in shop.stores.identity.proposals()] == ["c1"]


def test_the_command_says_what_it_compared(shop):
    pytest.importorskip("splink", reason="needs the extra [linkage]: splink")
    answer = json.loads(mindgap("identity", "link", "--json", cwd=shop.folder).stdout)
    assert answer["customers"] == 4
