"""Opaque references to customers, so that no customer id stands in an address, a log or a history."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from mindgap.kernel.errors import UnknownError

_TAG_BYTES = 16
_BLOCK_BYTES = 32


@dataclass(frozen=True, slots=True)
class References:
    """Turns customer ids into references and back, under a secret of the workspace.

    A reference is a keyed hash (HMAC-SHA-256, 128 bits) of the id, followed by the id enciphered with a key
    stream that the same hash starts: the synthetic-IV construction of RFC 5297 with HMAC in the place of
    AES. It is the same on every visit, cannot be made or altered without the secret, and needs no table of
    all customers; a bare hash would need one, or a hash of every customer at each look-up.

    Attributes:
        secret: 32 random bytes, kept in the workspace's state.

    >>> references = References(b"0" * 32)
    >>> references.customer_id(references.of("c-17"))
    'c-17'
    """

    secret: bytes

    def of(self, customer_id: str) -> str:
        """The reference of a customer, safe in an address."""
        plain = _pad(customer_id.encode())
        tag = self._tag(plain)
        return base64.urlsafe_b64encode(tag + self._mix(tag, plain)).decode().rstrip("=")

    def customer_id(self, reference: str) -> str:
        """The customer of a reference.

        Raises:
            UnknownError: It was not made by this workspace.
        """
        try:
            raw = base64.b64decode(reference + "=" * (-len(reference) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise _unknown() from error
        tag, mixed = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        plain = self._mix(tag, mixed)
        if not hmac.compare_digest(tag, self._tag(plain)) or self._canonical(raw) != reference:
            raise _unknown()
        return plain.rstrip(b"\0")[:-1].decode()

    @staticmethod
    def _canonical(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _tag(self, plain: bytes) -> bytes:
        return hmac.digest(self.secret, b"reference\0" + plain, hashlib.sha256)[:_TAG_BYTES]

    def _mix(self, tag: bytes, text: bytes) -> bytes:
        blocks = -(-len(text) // _BLOCK_BYTES)
        stream = b"".join(
            hmac.digest(self.secret, b"stream\0" + tag + number.to_bytes(4, "big"), hashlib.sha256)
            for number in range(blocks)
        )
        return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def _pad(text: bytes) -> bytes:
    """The text, a mark, and zeros to a multiple of 16 bytes, so that the length of an id does not show."""
    marked = text + b"\x01"
    return marked + b"\0" * (-len(marked) % 16)


def _unknown() -> UnknownError:
    return UnknownError("There is no customer of that reference.", hint="Search for the customer again.")
