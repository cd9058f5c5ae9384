"""The Identity port on every database that is there."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mindgap.backends.identity import SqlIdentity
from mindgap.store.identity import IdentityChange, IdentityDecision, Tie

T0 = datetime(2024, 1, 1)
DECISION = IdentityDecision(
    at=T0, actor="anna", action="keep_apart", first_kind="anonymous", first_id="d1", second_kind="customer",
    second_id="客户", reason="A shop's tablet.", undoes=3,
)  # fmt: skip
MERGED = IdentityChange(
    kind="merged", person_id="a", as_of=T0, at=T0, before={"a": "a", "b": "b"}, after={"a": "a", "b": "a"},
    ties=[Tie(first="a", second="b", kind="email", token="ab12", since=T0),
          Tie(first="a", second="b", kind="phone", token="cd34", since=None)],
)  # fmt: skip


@pytest.fixture
def identity(database):
    return SqlIdentity(database)


def test_decisions_are_appended_all_or_none(identity):
    later = replace(DECISION, action="join", since=T0, undoes=None, at=T0 + timedelta(days=1))
    identity.decide([DECISION])
    identity.decide([later])
    identity.decide([])
    assert identity.decisions() == [DECISION, later]


def test_the_history_says_who_is_one_person_now(identity):
    assert (identity.persons(), identity.as_of(), identity.history()) == ({}, None, [])
    split = replace(
        MERGED, kind="undone", as_of=T0 + timedelta(days=2), before=MERGED.after, after=MERGED.before
    )
    identity.append([MERGED])
    assert identity.persons() == {"a": "a", "b": "a"}
    identity.append([replace(split, ties=[])])
    assert identity.persons() == {"a": "a", "b": "b"}
    assert identity.as_of() == T0 + timedelta(days=2)
    assert [one.kind for one in identity.history()] == ["undone", "merged"]
    assert identity.change(1) == replace(MERGED, id=1)
    assert identity.change(9) is None


def test_the_history_of_some_ids_holds_what_concerns_them(identity):
    other = replace(MERGED, person_id="x", before={"x": "x", "y": "y"}, after={"x": "x", "y": "x"}, ties=[])
    identity.append([MERGED, other])
    assert [one.id for one in identity.history(["b", "a"])] == [1]
    assert [one.id for one in identity.history(["y"])] == [2]
    assert [one.id for one in identity.history(limit=1)] == [2]
