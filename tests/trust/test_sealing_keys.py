"""Keys: known answers, and that nothing opens what was changed, moved, or sealed under another key."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from mindgap.trust.keys import (
    HIDDEN,
    MasterKey,
    TamperedError,
    decrypted,
    derived,
    encrypted,
    holder_of,
    is_sealed,
    opened,
    sealed,
    sealed_by,
)

KEY, OTHER = bytes(range(32)), bytes(32)


def test_hkdf_gives_what_rfc_5869_says():
    """Its test case 3: no salt, as here."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    assert HKDF(SHA256(), 42, None, b"").derive(bytes([0x0B] * 22)).hex() == expected


def test_gcm_gives_what_its_specification_says():
    """McGrew and Viega, test case 14."""
    sealed_zeros = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)
    assert sealed_zeros.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_derived_keys_stay_what_they_are():
    """Were one to change, nothing that was wrapped before could be read."""
    assert derived(KEY, "key id").hex() == derived(KEY, "key id").hex() != derived(KEY, "key wrapping").hex()
    assert MasterKey(KEY).id == "f4490ef0b6be7257"
    box = b64decode("EUin85Gndwq+iJOmnCWTB78g2A14mbNSzIsIe4FvsTlYjqWPm1ClbWpen2u7vPPazSC8OziiBwijPXO+")
    assert MasterKey(KEY).unwrap(box, "customer/42") == OTHER


def test_a_master_key_shows_nothing_of_itself():
    assert KEY.hex() not in repr(MasterKey(KEY))
    assert "\\x01" not in repr(MasterKey(KEY))


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_encrypted_comes_back(plain, about):
    assert decrypted(encrypted(plain, KEY, about=about), KEY, about=about) == plain


def test_two_boxes_of_the_same_differ():
    assert encrypted(b"same", KEY, about="x") != encrypted(b"same", KEY, about="x")


@pytest.mark.parametrize("at", range(0, 12 + 5 + 16, 3))
def test_one_changed_bit_is_refused(at):
    box = bytearray(encrypted(b"plain", KEY, about="x"))
    box[at] ^= 1
    with pytest.raises(TamperedError):
        decrypted(bytes(box), KEY, about="x")


@pytest.mark.parametrize(("key", "about"), [(OTHER, "x"), (KEY, "y")])
def test_another_key_or_another_thing_is_refused(key, about):
    with pytest.raises(TamperedError):
        decrypted(encrypted(b"plain", KEY, about="x"), key, about=about)


@pytest.mark.parametrize("size", [0, 5, 12, 27])
def test_a_box_cut_off_is_refused(size):
    with pytest.raises(TamperedError):
        decrypted(encrypted(b"", KEY, about="x")[:size], KEY, about="x")


def test_another_master_key_unwraps_nothing():
    box = MasterKey(KEY).wrap(OTHER, "customer/1")
    for master, holder in ((MasterKey(OTHER), "customer/1"), (MasterKey(KEY), "customer/2")):
        with pytest.raises(TamperedError):
            master.unwrap(box, holder)


@given(st.text(max_size=50), st.text(max_size=30), st.booleans())
def test_a_sealed_text_opens_under_its_holders_key(text, own, known):
    holder = holder_of(own if known else None, own)
    box = sealed(text, KEY, holder)
    assert is_sealed(box)
    assert sealed_by(box) == holder
    assert opened(box, {holder: KEY}) == text
    assert text == "" or len(text) < 4 or text not in box.removeprefix(f"sealed:v1:{holder}:")


def test_without_its_key_a_text_is_hidden_and_a_plain_one_stays():
    assert opened(sealed("secret", KEY, "customer/1"), {"customer/2": KEY}) == HIDDEN
    assert opened("plain", {}) == "plain"


def test_a_sealed_text_stays_with_its_holder():
    moved = sealed("secret", KEY, "customer/1").replace("customer/1", "customer/2")
    with pytest.raises(TamperedError):
        opened(moved, {"customer/2": KEY})
    with pytest.raises(TamperedError):
        opened(sealed("secret", KEY, "customer/1") + "!", {"customer/1": KEY})


@pytest.mark.parametrize("own", ["x" * 301, "a\nb", "a\0b", "\ud800"])
def test_ids_that_no_database_keeps_have_a_holder_too(own):
    assert holder_of(own, None).startswith("customer/#")
    assert len(holder_of(own, None)) < 100
