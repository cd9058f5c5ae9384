"""Keys that wrap keys, and texts sealed under them.

    master key     a file outside of the state; wraps all others, and is rotated
      data key     random, one for each holder: a customer, a device, a backup, or the workspace itself;
                   kept wrapped, and destroyed to make unreadable for good what it sealed

Everything is AES-256-GCM with a random nonce of 96 bits, which stands before the ciphertext.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mindgap.kernel.errors import StorageError

KEY_BYTES = 32
Cipher = AESGCM
"""What a key is made into before it encrypts; who seals much under one key makes it once."""
HIDDEN = "•••"
"""What is shown in place of a text whose key is gone."""
NOBODY = "workspace/nobody"
"""Holder of what nobody is known to have said."""
_NONCE_BYTES = 12
_LONGEST_ID = 300
_SEALED = "sealed:v1:"


class TamperedError(StorageError):
    """What was sealed was changed, moved to another holder, or sealed under another key."""

    def __init__(self) -> None:
        super().__init__(
            "What was sealed does not fit its key: it was changed, or the key is another one's.",
            hint="Restore it from a backup; `mindgap keys show` tells which master key is in use.",
        )


def new_key() -> bytes:
    """A key at random, 256 bits."""
    return os.urandom(KEY_BYTES)


def derived(secret: bytes, use: str) -> bytes:
    """A key for one use only, by HKDF-SHA256 (RFC 5869) without salt.

    Args:
        secret: At least 256 random bits.
        use: What the key is for.
    """
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"mindgap {use}".encode()).derive(
        secret
    )


def encrypted(plain: bytes, key: bytes | Cipher, *, about: str) -> bytes:
    """Nonce and ciphertext.

    Args:
        plain: What nobody may read.
        key: 256 bits, or what was made of them.
        about: What it is; who opens it must say the same.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, about.encode())


def decrypted(box: bytes, key: bytes | Cipher, *, about: str) -> bytes:
    """What `encrypted` was given.

    Raises:
        TamperedError: It was changed, or is of another key, or about something else.
    """
    try:
        return _cipher(key).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise TamperedError from error


def _cipher(key: bytes | Cipher) -> Cipher:
    return Cipher(key) if isinstance(key, bytes) else key


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps all others.

    Attributes:
        secret: 256 random bits.
        id: Names it without telling anything of it, 16 hex digits.
    """

    secret: bytes = field(repr=False)
    id: str = field(init=False)
    _wrapping: Cipher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out what follows from the secret."""
        object.__setattr__(self, "id", derived(self.secret, "key id")[:8].hex())
        object.__setattr__(self, "_wrapping", Cipher(derived(self.secret, "key wrapping")))

    def wrap(self, key: bytes, holder: str) -> bytes:
        """A data key as it may be kept; bound to its holder."""
        return encrypted(key, self._wrapping, about=holder)

    def unwrap(self, wrapped: bytes, holder: str) -> bytes:
        """The data key.

        Raises:
            TamperedError: It was wrapped by another master key, or is another holder's.
        """
        return decrypted(wrapped, self._wrapping, about=holder)


def holder_of(customer_id: str | None, anonymous_id: str | None) -> str:
    """Whose key seals what came with these ids: the customer's, else the device's, else the workspace's.

    >>> holder_of("42", "d1"), holder_of(None, "d1"), holder_of(None, None)
    ('customer/42', 'device/d1', 'workspace/nobody')
    """
    if customer_id is None and anonymous_id is None:
        return NOBODY
    kind, own = ("device", anonymous_id or "") if customer_id is None else ("customer", customer_id)
    if len(own) > _LONGEST_ID or not own.isprintable():  # no state keeps such an id as a key
        own = f"#{sha256(own.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return f"{kind}/{own}"


def sealed(text: str, key: bytes | Cipher, holder: str) -> str:
    """A text that nobody reads without its holder's key; other tables may hold it, other holders not."""
    box = encrypted(text.encode("utf-8", "surrogatepass"), key, about=holder)
    return f"{_SEALED}{holder}:{b64encode(box).decode()}"


def is_sealed(value: object) -> bool:
    """Whether a value is a sealed text."""
    return isinstance(value, str) and value.startswith(_SEALED)


def sealed_by(text: str) -> str:
    """The holder of a sealed text.

    >>> sealed_by("sealed:v1:customer/a:b:AAAA")
    'customer/a:b'
    """
    return text.removeprefix(_SEALED).rpartition(":")[0]


def opened(text: str, keys: Mapping[str, bytes]) -> str:
    """A text as it was before it was sealed; one that is not sealed as it is; `•••` where its key is gone.

    Raises:
        TamperedError: It was changed, or copied to another holder.
    """
    if not is_sealed(text):
        return text
    holder, _colon, box = text.removeprefix(_SEALED).rpartition(":")
    key = keys.get(holder)
    if key is None:
        return HIDDEN
    try:
        raw = b64decode(box, validate=True)
    except ValueError as error:
        raise TamperedError from error
    return decrypted(raw, key, about=holder).decode("utf-8", "surrogatepass")
