"""How far a user id is believed: signatures, trusted sources, and what neither has."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kits.clickstream import END, entries, message
from mindgap.collect.events.event_row import bucket
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


def test_a_signed_row_tells_it_and_keeps_no_signature():
    found = row(message("identify", END, user="anna", device="d1", context={"userHash": signature("anna")}))
    assert (found.customer_id, found.claimed_id, found.identifiers) == ("anna", None, SIGNED)
    assert signature("anna") not in found.context


@pytest.mark.parametrize("who", [{"device": "d1"}, {}])
@pytest.mark.parametrize("kind", ["identify", "track", "page", "alias"])
def test_an_event_with_an_unsigned_user_id_is_the_device_s_and_keeps_what_it_claims(kind, who):
    found = row(message(kind, END, user="anna", **who, context={"userHash": signature("ben")}))
    device = who.get("device")
    assert (found.customer_id, found.claimed_id, found.anonymous_id) == (None, "anna", device)
    assert (found.identifiers, found.bucket) == (None, bucket(None, device))


def test_a_source_without_a_secret_asks_for_none_and_a_trusted_one_vouches():
    said = message("identify", END, user="anna", device="d1")
    assert (row(said, secret="").customer_id, row(said, secret="").claimed_id) == ("anna", None)
    assert row(said, secret="").identifiers is None
    assert row(said, secret="", trusted=True).identifiers == FROM_SERVER
    assert row(message("page", END, device="d1")).identifiers is None


def test_what_has_to_be_sealed_is_told_apart():
    said = message("identify", END, user="anna", device="d1", traits={"email": "a@example.com"})
    assert row(said).identifiers == ""
    assert row(said, trusted=True).identifiers == f"+ {FROM_SERVER}"
    finished, open_ones = (None, SIGNED, FROM_SERVER), ("", "+", f"+ {SIGNED}", f" {SIGNED}")
    assert all(map(is_finished, finished))
    assert not any(map(is_finished, open_ones))


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_only_who_knows_the_secret_signs(user, guess):
    said = {"userHash": signature(user, guess)}
    expected = SIGNED if guess.encode() == SECRET.encode() else UNSIGNED
    assert standing(user, said, secret=SECRET, trusted=False) == expected
