"""What customers are compared by, and from which probability on pairs are proposed."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mindgap.process.identity.alike import records
from mindgap.process.identity.likeness import choose, mutual
from mindgap.store.linkage import ScoredPair

SHARES = st.lists(st.floats(0.0, 1.0), max_size=30)


def pair(probability, first="a", second="b"):
    return ScoredPair(first=first, second=second, probability=probability, bits={})


def pairs(*probabilities):
    return [pair(one, f"a{n}", f"b{n}") for n, one in enumerate(probabilities)]


def test_the_lowest_threshold_whose_expected_error_is_small_is_chosen():
    chosen = choose(pairs(0.5, 0.999, 0.99, 0.98), {})
    assert (chosen.probability, chosen.pairs, chosen.chosen_by) == (0.99, 2, "model")
    assert choose(pairs(0.999, 0.99, 0.98), {}, most_false=0.02).pairs == 3
    assert choose(pairs(0.5), {}).pairs == 0
    assert choose([], {}).pairs == 0


def test_a_threshold_that_is_given_is_taken_with_the_error_to_expect():
    chosen = choose(pairs(0.5, 0.9, 0.1), {}, given=0.5)
    assert (chosen.pairs, round(chosen.false_rate, 3), chosen.chosen_by) == (2, 0.3, "hand")


def test_decisions_of_people_count_once_there_are_enough():
    found = pairs(*[0.999] * 100)
    wrong = {frozenset((f"a{n}", f"b{n}")): n >= 20 for n in range(40)}
    assert choose(found, {}).pairs == 100
    assert choose(found, wrong).pairs == 0
    right = dict.fromkeys(wrong, True)
    assert (choose(found, right).chosen_by, choose(found, right).decided) == ("people", 40)


@given(SHARES)
def test_the_expected_error_never_exceeds_what_is_allowed(probabilities):
    found = pairs(*probabilities)
    chosen = choose(found, {}, most_false=0.1)
    kept = [one.probability for one in found if one.probability >= chosen.probability]
    if chosen.pairs:
        assert len(kept) == chosen.pairs
        assert sum(1 - one for one in kept) <= 0.1 * len(kept) + 1e-9


def test_of_a_family_only_who_fits_best_is_kept():
    found = [pair(0.99, "father", "f2"), pair(0.9, "mother", "f2"), pair(0.8, "mother", "m2")]
    assert mutual(found) == [found[0]]
    assert mutual([pair(0.9, "a", "b"), pair(0.8, "c", "d")]) == [pair(0.9, "a", "b"), pair(0.8, "c", "d")]


def test_what_follows_from_something_else_is_compared_once():
    rows = [
        {
            "customer_id": f"c{n}",
            "birth_year": 1950 + n % 40,
            "age_group": "old" if n % 40 < 20 else "young",
            "region": f"town {n % 7}",
            "gender": "f",
            "traits": '{"plan":"' + "ab"[n % 3 == 0] + '"}',
            "identifiers": f"+email:{n} phone:{n // 2}",
        }
        for n in range(200)
    ]
    table, compared = records(pa.Table.from_pylist(rows))
    assert [(one.name, one.kind) for one in compared] == [
        ("email", "tokens"), ("phone", "tokens"), ("birth_year", "year"), ("region", "exact"),
        ("plan", "exact"),
    ]  # fmt: skip
    assert table["c0"][0].as_py() == ["0"]
