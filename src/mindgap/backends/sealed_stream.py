"""A file that is encrypted as it is written, and read at any place: chunks of 1 MiB, each AES-256-GCM.

Rogaway's STREAM: a chunk's nonce is a random prefix, the chunk's number, and whether it is the last, so that
chunks cannot be changed, exchanged, left out or cut off. A line of JSON before them says whose key opens it.
"""

import io
import os
from typing import IO, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindgap.kernel.errors import StorageError

_MAGIC = b"mindgap sealed 1 "
_CHUNK_BYTES = 1 << 20
_TAG_BYTES, _PREFIX_BYTES = 16, 7
_LONGEST_HEADER = 10_000


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a sealed file says in the clear.

    Attributes:
        id: Names the key that opens it.
        kind: What the file is.
        prefix: Of the nonces, in hex.
    """

    id: str
    kind: str
    prefix: str


class SealedWriter:
    """Writes what is given to it, sealed; `finish` ends it."""

    def __init__(self, file: IO[bytes], key: bytes, *, name: str, kind: str) -> None:
        """Write the header.

        Args:
            file: Where to.
            key: 256 bits, for this file alone.
            name: What names the key.
            kind: What the file is.
        """
        self._file, self._box = file, AESGCM(key)
        self._header = _encoded(Header(id=name, kind=kind, prefix=os.urandom(_PREFIX_BYTES).hex()))
        self._prefix = bytes.fromhex(_decoded(self._header).prefix)
        self._held, self._nth = bytearray(), 0
        file.write(self._header)

    def write(self, content: Any) -> int:
        """Take bytes; returns how many."""
        view = memoryview(content).cast("B")
        self._held += view
        while len(self._held) > _CHUNK_BYTES:  # the last chunk is known only at the end
            self._put(bytes(self._held[:_CHUNK_BYTES]), is_last=False)
            del self._held[:_CHUNK_BYTES]
        return len(view)

    def flush(self) -> None:
        """Nothing: a chunk is written once it is whole."""

    def finish(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._held), is_last=True)
        self._held.clear()

    def _put(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._nth, is_last=is_last)
        self._file.write(self._box.encrypt(nonce, chunk, self._header))
        self._nth += 1


class SealedReader(io.RawIOBase):
    """What a sealed file holds, at any place."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        """Read the header.

        Raises:
            StorageError: It is no sealed file.
        """
        super().__init__()
        self._file, self._box = file, AESGCM(key)
        self._header = header_line(file)
        self._prefix = bytes.fromhex(_decoded(self._header).prefix)
        size = file.seek(0, os.SEEK_END) - len(self._header)
        self._chunks = max(1, -(-size // (_CHUNK_BYTES + _TAG_BYTES)))
        self._size = size - self._chunks * _TAG_BYTES
        self._at, self._known = 0, (-1, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Read what is left of the chunk at this place, as far as there is room.

        Raises:
            StorageError: The file was changed, or the key is another one's.
        """
        if self._at >= self._size:
            return 0
        nth, offset = divmod(self._at, _CHUNK_BYTES)
        part = self._chunk(nth)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _chunk(self, nth: int) -> bytes:
        if self._known[0] != nth:
            self._file.seek(len(self._header) + nth * (_CHUNK_BYTES + _TAG_BYTES))
            box = self._file.read(_CHUNK_BYTES + _TAG_BYTES)
            nonce = _nonce(self._prefix, nth, is_last=nth == self._chunks - 1)
            try:
                self._known = (nth, self._box.decrypt(nonce, box, self._header))
            except (InvalidTag, ValueError) as error:
                raise StorageError(
                    f"{self._file.name} is damaged: it was changed or cut off, or this is not its key.",
                    hint="Nothing was changed. Use another copy.",
                ) from error
        return self._known[1]


def header_line(file: IO[bytes]) -> bytes:
    """The first line of a sealed file.

    Raises:
        StorageError: It is no sealed file.
    """
    file.seek(0)
    line = file.readline(_LONGEST_HEADER)
    if not line.startswith(_MAGIC) or not line.endswith(b"\n"):
        raise StorageError(
            f"{file.name} is damaged, or is no sealed file of Mindgap.", hint="Choose another file."
        )
    return line


def header_of(file: IO[bytes]) -> Header:
    """What a sealed file says in the clear.

    Raises:
        StorageError: It is no sealed file.
    """
    return _decoded(header_line(file))


def _encoded(header: Header) -> bytes:
    return _MAGIC + msgspec.json.encode(header) + b"\n"


def _decoded(line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line.removeprefix(_MAGIC), type=Header)
        is_right = len(bytes.fromhex(header.prefix)) == _PREFIX_BYTES
    except (msgspec.DecodeError, ValueError):
        is_right, header = False, Header(id="", kind="", prefix="")
    if not is_right:
        raise StorageError("A sealed file is damaged in its first line.", hint="Use another copy.")
    return header


def _nonce(prefix: bytes, nth: int, *, is_last: bool) -> bytes:
    return prefix + nth.to_bytes(4, "big") + bytes([is_last])
