"""Closed forms of the identity graph: what joins, what each guard holds back; order does not matter."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_shop import AS_OF, DAY0, card, decision, graph, held, persons, seen, tie

VOUCHED = {"trust": 2}


def mail(who, address="e1", **more):
    return tie(who, "email", address, **(VOUCHED | more))


def test_a_device_is_that_of_the_one_customer_seen_on_it():
    rows = graph([seen("anna", "d1", day=3), seen("ben", "d2"), tie("d3", "alias", "d1", device=True, day=5)])
    assert persons(rows) == {"*d1": "anna", "*d2": "ben", "*d3": "anna"}
    anna = next(row for row in rows if row["id"] == "d1")
    assert (anna["since"], anna["evidence"]) == (DAY0 + timedelta(days=3), "seen-together")


def test_two_vouched_customers_with_one_address_are_one_person_named_by_the_first():
    rows = graph([mail("zoe", day=1), mail("anna", day=2), mail("carl", "e2")])
    assert persons(rows) == {"anna": "zoe"}
    row = next(row for row in rows if row["id"] == "anna")
    assert (row["since"], row["evidence"]) == (DAY0 + timedelta(days=2), "email")
    assert row["ties"] == [{"kind": "email", "token": "e1", "since": DAY0 + timedelta(days=2)}]


def test_ties_of_first_knowledge_are_broken_by_text():
    assert persons(graph([mail("b", day=None), mail("a", day=None)])) == {"b": "a"}


def test_a_cycle_is_one_person():
    rows = graph(
        [
            *(mail("a"), mail("b"), mail("b", "e2"), mail("c", "e2")),
            *(tie(who, "phone", "p", **VOUCHED) for who in "ca"),
        ]
    )
    assert persons(rows) == {"b": "a", "c": "a"}


def test_what_a_client_says_of_itself_joins_no_two_customers_and_no_device_to_a_stranger():
    rows = graph([mail("anna"), mail("eve", trust=1), tie("d9", "email", "e1", device=True)])
    assert persons(rows) == {}
    assert held(rows) == {("anna", "eve", "unverified"), ("d9", "anna", "unverified")}


def test_a_device_whose_address_a_trusted_source_tells_is_the_owner_s():
    assert persons(graph([mail("anna"), tie("d9", "email", "e1", device=True, trust=2)])) == {"*d9": "anna"}


def test_an_alias_between_customers_needs_to_be_vouched_for():
    plain = graph([tie("anna", "alias", "old"), seen("old", "d1")])
    assert persons(plain) == {"*d1": "old"}
    assert held(plain) == {("anna", "old", "unverified")}
    assert persons(graph([tie("anna", "alias", "old", **VOUCHED), seen("old", "d1", day=-1)])) == {
        "anna": "old",
        "*d1": "old",
    }


def test_a_shared_device_is_nobody_s_unless_one_customer_is_vouched_for():
    both = [seen("anna", "d1"), seen("ben", "d1")]
    rows = graph(both)
    assert persons(rows) == {}
    assert held(rows) == {("d1", "anna", "shared-device")}
    assert persons(graph([*both, seen("ben", "d1", trust=2)])) == {"*d1": "ben"}
    assert persons(graph([*both, seen("ben", "d1", trust=2), seen("anna", "d1", trust=2)])) == {}


def test_a_device_of_two_ids_of_one_person_is_not_shared():
    rows = graph([seen("anna", "d1"), seen("a2", "d1", day=4), mail("anna"), mail("a2", day=4)])
    assert persons(rows) == {"a2": "anna", "*d1": "anna"}


def test_who_is_seen_for_other_purposes_shares_the_device_but_joins_nothing():
    assert persons(graph([seen("anna", "d1"), seen("ben", "d1", allowed=False)])) == {}
    assert persons(graph([seen("ben", "d1", allowed=False)])) == {}
    assert persons(graph([mail("anna"), mail("ben", allowed=False)])) == {}


def test_a_user_id_without_the_signature_that_is_asked_for_joins_nothing():
    rows = graph([seen("anna", "d1", trust=0)])
    assert persons(rows) == {}
    assert held(rows) == {("d1", "anna", "unsigned")}


def test_one_address_on_ten_thousand_accounts_is_nobody_s():
    many = [mail(f"c{n}") for n in range(10_000)]
    rows = graph([*many, mail("c1", "own"), mail("c2", "own")])
    assert persons(rows) == {"c2": "c1"}
    assert held(rows) == {("e1", None, "too-many-customers")}
    assert next(row["customers"] for row in rows if row["reason"]) == 10_000


def test_a_chain_of_coincidences_is_no_person():
    chain = [mail(f"c{n:02}", f"e{m}") for n in range(25) for m in (n, n + 1)]
    rows = graph(chain)
    assert persons(rows) == {}
    assert ("c00", None, "too-many-ids") in held(rows)


@pytest.mark.parametrize("reason", ["different-birth_year", "different-loyalty_card"])
def test_a_contradiction_is_held_back_and_what_was_known_first_stands(reason):
    cards = [card("a", birth_year=1980), card("b", birth_year=1980), card("c", birth_year=1999)]
    if reason == "different-loyalty_card":
        cards = []
    loyal = [tie(who, "loyalty_card", f"l-{who}", **VOUCHED) for who in "ac"] if not cards else []
    rows = graph([mail("a", day=1), mail("b", day=2), mail("c", day=3), *loyal], cards=cards)
    assert persons(rows) == {"b": "a"}
    assert held(rows) == {("a", "c", reason)}


@pytest.mark.parametrize("said", ["mail", "card", "year"])
def test_what_anybody_may_say_undoes_nothing_that_is_vouched_for(said):
    """With a public write key: many others declare the same, or something else is said of one of the two."""
    others = [f"x{n}" for n in range(20)]
    more = {
        "mail": [mail(one, trust=1) for one in others],
        "card": [
            tie("b", "loyalty_card", "l-b", trust=1),
            *(tie(one, "loyalty_card", "l-a") for one in others),
        ],
        "year": [],
    }
    own = tie("a", "loyalty_card", "l-a", **VOUCHED)
    cards = [card("a", birth_year=1980), card("b", birth_year=1901, source="events:customers")]
    rows = graph([mail("a"), mail("b"), own, *more[said]], cards=cards if said == "year" else ())
    assert persons(rows) == {"b": "a"}
    if said == "mail":
        assert ("e1", None, "too-many-customers") in held(rows)


def test_a_card_that_many_claim_still_tells_two_people_apart():
    cards = [tie(who, "loyalty_card", f"l-{who}", **VOUCHED) for who in "ab"]
    claims = [tie(f"x{n}", "loyalty_card", "l-a") for n in range(20)]
    assert persons(graph([mail("a"), mail("b"), *cards, *claims])) == {}


def test_people_decide():
    ties = [mail("anna"), mail("eve", trust=1, day=2)]
    joined = decision("join", "anna", "eve")
    assert persons(graph(ties, decisions=[joined])) == {"eve": "anna"}
    apart = decision("keep_apart", "eve", "anna")
    assert persons(graph(ties, decisions=[joined, apart])) == {}
    assert held(graph(ties, decisions=[joined, apart])) == set()
    assert persons(graph([mail("anna"), mail("eve")], decisions=[apart])) == {}


def test_people_decide_on_devices():
    both = [seen("anna", "d1"), seen("ben", "d1")]
    apart = decision("keep_apart", "d1", "ben", kind="anonymous")
    assert persons(graph(both, decisions=[apart])) == {"*d1": "anna"}
    assert persons(graph(both[:1], decisions=[decision("keep_apart", "d1", "anna", kind="anonymous")])) == {}
    assert persons(graph(both, decisions=[decision("join", "d1", "ben", kind="anonymous")])) == {"*d1": "ben"}


def test_a_join_holds_from_the_day_of_its_evidence():
    ties = [mail("anna"), mail("eve", trust=1)]
    assert persons(graph(ties, decisions=[decision("join", "anna", "eve", since=AS_OF)])) == {}


def test_keeping_one_pair_apart_leaves_the_others_of_the_person():
    three = [mail("a", day=1), mail("b", day=2), mail("c", day=3)]
    rows = graph(three, decisions=[decision("keep_apart", "a", "c"), decision("keep_apart", "b", "c")])
    assert persons(rows) == {"b": "a"}


def test_kinds_that_join_are_a_setting():
    assert persons(graph([mail("a"), mail("b")], join_by="phone")) == {}


def test_nothing_is_known_of_nobody():
    assert graph([]) == []


def _key_of(row):
    return tuple(row[name] for name in ("customer_id", "anonymous_id", "kind", "token", "trust"))


people = st.sampled_from("abcdefgh")
devices = st.sampled_from(["d1", "d2", "d3", "d4"])
moments = {"day": st.integers(0, 5), "trust": st.integers(0, 2), "allowed": st.booleans()}
ties_of_all_sorts = st.lists(
    st.one_of(
        st.builds(seen, people, devices, **moments),
        st.builds(mail, people, st.sampled_from(["e1", "e2", "e3"]), **moments),
        st.builds(tie, people, st.sampled_from(["phone", "loyalty_card"]), st.sampled_from("xyz"), **moments),
        st.builds(tie, people, st.just("alias"), st.one_of(people, devices), **moments),
        st.builds(tie, devices, st.sampled_from(["email", "device"]), st.sampled_from(["e1", "x"]),
                  device=st.just(True), **moments),
    ),
    max_size=30,
    unique_by=_key_of,
)  # fmt: skip
cards_of_some = st.lists(st.builds(card, people, birth_year=st.integers(1980, 1982)), max_size=4)
pairs = st.tuples(people, people).filter(lambda pair: pair[0] != pair[1])


@given(ties_of_all_sorts, cards_of_some, st.randoms())
def test_the_order_of_rows_changes_nothing(ties, cards, random):
    shuffled, mixed = random.sample(ties, len(ties)), random.sample(cards, len(cards))
    assert graph(shuffled, cards=mixed, most_customers=3) == graph(ties, cards=cards, most_customers=3)


@given(ties_of_all_sorts, cards_of_some, pairs)
def test_guards_hold(ties, cards, pair):
    rows = graph(ties, cards=cards, decisions=[decision("keep_apart", *pair)])
    person = persons(rows)
    assert person.get(pair[0], pair[0]) != person.get(pair[1], pair[1])
    years = {}
    for one in cards:
        years.setdefault(one["customer_id"], set()).add(one["birth_year"])
    for one, other in person.items():
        mine, theirs = years.get(one, set()), years.get(other, set())
        assert len(mine) != 1 or len(theirs) != 1 or mine == theirs
    vouched = {row["customer_id"] for row in ties if row["trust"] == 2 and row["is_allowed"]}
    vouched |= {row["token"] for row in ties if row["kind"] == "alias"}
    merged = {one for one in person if not one.startswith("*")}
    assert merged | {person[one] for one in merged} <= vouched


@given(ties_of_all_sorts, cards_of_some, ties_of_all_sorts)
def test_undoing_a_merge_gives_what_was_before(ties, cards, more):
    """Keeping apart what new evidence would join gives the persons as they were; devices aside, whose
    evidence grew as well."""
    known = {row["customer_id"] for row in ties}
    later = [
        {**row, "first_at": DAY0 + timedelta(days=50), "allowed_at": DAY0 + timedelta(days=50)}
        for row in more
        if row["kind"] in {"email", "phone"} and row["is_allowed"] and row["customer_id"] in known
    ]
    told = {_key_of(row) for row in ties}
    later = [row for row in later if _key_of(row) not in told]
    settings = {"cards": cards, "most_customers": 50}
    before, after = (customers(graph(rows, **settings)) for rows in (ties, [*ties, *later]))
    everybody = sorted({name for name in known if name})
    merged = [
        (one, other)
        for one in everybody
        for other in everybody
        if one < other and before.get(one, one) != before.get(other, other)
        and after.get(one, one) == after.get(other, other)
    ]  # fmt: skip
    decisions = [decision("keep_apart", *pair) for pair in merged]
    assert customers(graph([*ties, *later], decisions=decisions, **settings)) == before


def customers(rows):
    """Persons of customers only."""
    return {one: person for one, person in persons(rows).items() if not one.startswith("*")}
