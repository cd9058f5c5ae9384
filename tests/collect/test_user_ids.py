"""How far a user id is believed: signatures, trusted sources, and what neither has."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kits.clickstream import END, entries, message
from mindgap.collect.events.messages import read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.user_ids import FROM_SERVER, SIGNED, UNSIGNED, is_finished, standing

SECRET = "shop"


def signature(user, secret=SECRET):
    return hmac.digest(secret.encode(), user.encode(), "sha256").hex()


def row(said, *, secret=SECRET, trusted=False):
    how = reading(StreamOptions(trusted=trusted), identity_secret=secret)
    (entry,) = entries([said])
    (found,) = read_messages(entry, how)
    return found


def test_a_signature_is_that_of_this_user_under_this_secret():
    def stands(said):
        return standing("anna", {"userHash": said}, secret=SECRET, trusted=False)

    assert stands(signature("anna")) == stands(signature("anna").upper()) == SIGNED
    for wrong in (signature("ben"), signature("anna", "other"), "", None, 7, signature("anna")[:-1], "é"):
        assert stands(wrong) == UNSIGNED


@pytest.mark.parametrize(
    ("more", "expected"), [({}, UNSIGNED), ({"context": {"userHash": signature("anna")}}, SIGNED)]
)
def test_a_row_tells_it_and_keeps_no_signature(more, expected):
    found = row(message("identify", END, user="anna", device="d1", **more))
    assert found.identifiers == expected
    assert signature("anna") not in found.context


def test_a_source_without_a_secret_asks_for_none_and_a_trusted_one_vouches():
    said = message("identify", END, user="anna", device="d1")
    assert row(said, secret="").identifiers is None
    assert row(said, secret="", trusted=True).identifiers == FROM_SERVER
    assert row(message("page", END, device="d1")).identifiers is None


def test_what_has_to_be_sealed_is_told_apart():
    said = message("identify", END, user="anna", device="d1", traits={"email": "a@example.com"})
    assert row(said).identifiers == f" {UNSIGNED}"
    assert row(said, trusted=True).identifiers == f"+ {FROM_SERVER}"
    assert [is_finished(one) for one in (None, UNSIGNED, SIGNED, "", "+", f"+ {SIGNED}", f" {SIGNED}")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_only_who_knows_the_secret_signs(user, guess):
    said = {"userHash": signature(user, guess)}
    expected = SIGNED if guess.encode() == SECRET.encode() else UNSIGNED
    assert standing(user, said, secret=SECRET, trusted=False) == expected
