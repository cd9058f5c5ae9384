"""Linkage by likeness against people who are known: precision and recall, beside exact matching."""

import pyarrow as pa
import pytest

from kits.crm import crm_pair, exactly_alike, rates
from mindgap.backends.linkage import SplinkLinkage, blocking_rules
from mindgap.process.identity.alike import records
from mindgap.process.identity.likeness import choose, mutual
from mindgap.store.linkage import Compared


def test_rules_block_by_tokens_and_by_what_seldom_agrees():
    rows = pa.table(
        {
            "unique_id": [f"c{n}" for n in range(200)],
            "c0": [[f"t{n}"] for n in range(200)],
            "c1": [f"town {n % 50}" for n in range(200)],
            "c2": ["f"] * 200,
        }
    )
    compared = [
        Compared(column=f"c{n}", name=f"c{n}", kind=kind)
        for n, kind in enumerate(["tokens", "text", "exact"])
    ]
    assert blocking_rules(rows, compared) == [("c0",), ("c1",)]


def test_what_leaves_nothing_to_compare_finds_nobody():
    rows = pa.table({"unique_id": ["a", "b"]})
    assert SplinkLinkage().score(rows, [], seed=1).pairs == ()


def test_addresses_that_nobody_shares_are_no_lesson():
    pytest.importorskip("splink", reason="needs the extra [linkage]: splink")
    rows = pa.table(
        {
            "unique_id": [f"c{n}" for n in range(120)],
            "c0": [[f"t{n}"] for n in range(120)],
            "c1": [f"town {n % 15}" for n in range(120)],
            "c2": [1950 + n % 40 for n in range(120)],
        }
    )
    kinds = ["tokens", "text", "year"]
    compared = [Compared(column=f"c{n}", name=f"c{n}", kind=kind) for n, kind in enumerate(kinds)]
    scored = SplinkLinkage().score(rows, compared, seed=1)
    assert scored.compared > 0
    assert {name for pair in scored.pairs for name in pair.bits} <= {"c0", "c1", "c2"}


@pytest.fixture(scope="module")
def linked():
    pytest.importorskip("splink", reason="needs the extra [linkage]: splink")
    crm = crm_pair(300)
    rows, compared = records(pa.Table.from_pylist(crm.rows))
    return crm, rows, compared, SplinkLinkage().score(rows, compared, seed=1)


def test_the_same_people_are_found_in_two_files(linked):
    crm, rows, _compared, scored = linked
    pairs = mutual(scored.pairs)
    chosen = choose(pairs, {})
    found = frozenset(
        frozenset((one.first, one.second)) for one in pairs if one.probability >= chosen.probability
    )
    (precision, lowest, _), (recall, least, _) = rates(found, crm.truth)
    (exact_precision, _, _), (_, _, exact_recall) = rates(exactly_alike(crm.rows), crm.truth)
    print(f"precision {precision:.3f}, recall {recall:.3f} of {len(crm.truth)} in {rows.num_rows} records")  # noqa: T201
    assert lowest > 0.94
    assert precision > exact_precision + 0.2
    assert least > exact_recall
    assert recall > 0.78
    assert chosen.false_rate <= 0.01


def test_each_comparison_says_what_it_adds(linked):
    _crm, _rows, compared, scored = linked
    pair = max(scored.pairs, key=lambda one: one.probability)
    assert set(pair.bits) == {one.name for one in compared}
    most = {name: max(one.bits[name] for one in scored.pairs) for name in pair.bits}
    assert most["email"] > most["birth_year"] > most["gender"] > 0
    odds = 2 ** (scored.prior_bits + sum(pair.bits.values()))
    assert pair.probability == pytest.approx(odds / (1 + odds))
