"""Sealed files: read at any place; chunks cannot be changed, exchanged, left out or cut off."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.backends.sealed_stream import SealedReader, SealedWriter, header_of
from mindgap.kernel.errors import StorageError

KEY, MIB = bytes(range(32)), 1 << 20


class Named(io.BytesIO):
    name = "shop.backup"


def sealed(content, *, key=KEY, pieces=1):
    file = Named()
    writer = SealedWriter(file, key, name="k1", kind="test")
    step = max(1, -(-len(content) // pieces))
    for first in range(0, len(content), step):
        writer.write(content[first : first + step])
    writer.finish()
    return file


def whole(file, key=KEY):
    return io.BufferedReader(SealedReader(file, key)).read()


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 7])
def test_what_was_written_is_read(size):
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    assert whole(sealed(content, pieces=5)) == content


@given(st.integers(0, 2 * MIB + 100), st.integers(0, 3000))
def test_it_is_read_at_any_place(at, count):
    content = (b"0123456789abcdef" * (2 * MIB // 16 + 7))[: 2 * MIB + 100]
    reader = SealedReader(_LONG, KEY)
    assert reader.seekable()
    buffered = io.BufferedReader(reader)
    buffered.seek(at)
    assert buffered.read(count) == content[at : at + count]
    buffered.detach()


_LONG = sealed((b"0123456789abcdef" * (2 * MIB // 16 + 7))[: 2 * MIB + 100])


def test_its_first_line_says_whose_key_opens_it():
    header = header_of(sealed(b"x"))
    assert (header.id, header.kind) == ("k1", "test")


def test_two_of_the_same_differ():
    assert sealed(b"same").getvalue() != sealed(b"same").getvalue()


def _parts():
    raw = sealed(b"a" * MIB + b"b" * MIB + b"c").getvalue()
    head = raw.index(b"\n") + 1
    size = MIB + 16
    return raw[:head], raw[head : head + size], raw[head + size : head + 2 * size], raw[head + 2 * size :]


@pytest.mark.parametrize(
    "order",
    ["h213", "h12", "h13", "h1223", "h123x", "h1"],
    ids=["exchanged", "last cut off", "one left out", "one twice", "longer", "two cut off"],
)
def test_chunks_stay_in_their_places(order):
    head, first, second, last = _parts()
    parts = {"h": head, "1": first, "2": second, "3": last, "x": b"x"}
    with pytest.raises(StorageError, match="damaged"):
        whole(Named(b"".join(parts[sign] for sign in order)))


def test_another_key_or_another_header_opens_nothing():
    raw = sealed(b"secret").getvalue()
    for file, key in ((Named(raw), bytes(32)), (Named(raw.replace(b'"k1"', b'"k2"')), KEY)):
        with pytest.raises(StorageError, match="damaged"):
            SealedReader(file, key).readinto(bytearray(10))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"mindgap sealed 1 {}\n", b"mindgap sealed 1 x"])
def test_what_is_no_sealed_file_is_told(content):
    with pytest.raises(StorageError, match="damaged"):
        header_of(Named(content))
