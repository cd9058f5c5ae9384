"""What people are reached or known by, made comparable, and then made unreadable.

Equal identifiers written differently get one normal form; a token of it, keyed by the workspace's secret, is
all that tables and the identity graph see.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, get_args
from unicodedata import category, normalize

import phonenumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

IdentifierKind = Literal["email", "phone", "loyalty_card", "device", "external_id"]
KINDS: tuple[IdentifierKind, ...] = get_args(IdentifierKind)
VOUCHED = "+"
"""Stands before a token that somebody trusted vouches for: an import, the shop's own server, a signature."""
_TOKEN_BYTES = 16
_LONGEST = 320
_LONGEST_DOMAIN = 253
_FEWEST_SIGNS = 4
_NOTHING = frozenset(
    {"", "-", "n/a", "na", "nan", "nil", "none", "null", "undefined", "unknown", "test", "无", "空", "未知"}
)
_LOCAL = re.compile(r"[^\s@<>(),;:\"]{1,64}")
_DOMAIN = re.compile(r"[^\s@.,;:<>()\[\]\"]+(\.[^\s@.,;:<>()\[\]\"]+)+")


def normalise(kind: IdentifierKind, value: str, region: str) -> str | None:
    """An identifier in its normal form; None where it is none.

    - All are NFKC, trimmed, without invisible signs; words that stand for nothing (`null`) are none.
    - An e-mail address is in lower case throughout: by RFC 5321 the part before `@` might tell cases apart,
      but no provider of note does. Dots and `+tags` stay, since what they mean differs between providers.
      The domain is in its ASCII form.
    - A phone number is E.164, with its extension where it has one.
    - A card is its letters and digits in upper case; no check digit is tested, as shops differ in them.
    - A device is in lower case, without braces; the advertising id of who opted out (all zeros) is none.
    - An external id is kept as it is.

    >>> normalise("email", " Ada.L+shop@Example.COM", "US"), normalise("phone", "(212) 555-2368", "US")
    ('ada.l+shop@example.com', '+12125552368')
    >>> normalise("loyalty_card", "ab 12-34", "US"), normalise("email", "not an address", "US")
    ('AB1234', None)

    Args:
        kind: What it is.
        value: As somebody wrote it.
        region: Country of phone numbers without a country code, ISO 3166 alpha-2.
    """
    text = (value if value.isascii() and value.isprintable() else _visible(value)).strip()
    if text.casefold() in _NOTHING or len(text) > _LONGEST:
        return None
    match kind:
        case "email":
            return _email(text)
        case "phone":
            return _phone(text, region)
        case "loyalty_card":
            signs = "".join(sign for sign in text.upper() if sign.isalnum())
            return signs if len(signs) >= _FEWEST_SIGNS and signs.strip("0") else None
        case "device":
            name = text.strip("{}").lower()
            return name if name.strip("0-:") else None
        case "external_id":
            return text


def _visible(value: str) -> str:
    """NFKC without invisible signs; what is printable and ASCII is so already."""
    return "".join(sign for sign in normalize("NFKC", value) if category(sign) not in {"Cc", "Cf"})


def _email(text: str) -> str | None:
    local, _at, domain = text.removeprefix("mailto:").rpartition("@")
    if not _LOCAL.fullmatch(local):
        return None
    plain = _domain(domain)
    return None if plain is None else f"{local.lower()}@{plain}"


@lru_cache(maxsize=4096)
def _domain(said: str) -> str | None:
    try:
        plain = said.strip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    return plain if len(plain) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(plain) else None


@lru_cache(maxsize=50_000)
def _phone(text: str, region: str) -> str | None:
    """A number that could be one by its length; which ranges are handed out changes faster than tables do."""
    try:
        number = phonenumbers.parse(text.removeprefix("tel:"), region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return _e164(number) if str(number.national_number).strip("0") else None


def _e164(number: PhoneNumber) -> str:
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def keyed(key: bytes) -> HMAC:
    """What a key of tokens is made into before it makes any: who makes many does it once."""
    return HMAC(key, SHA256())


def token(kind: IdentifierKind, value: str, key: bytes | HMAC) -> str:
    """What stands for an identifier: `kind:` and the first 128 bits of an HMAC-SHA256 as 32 hex digits.

    Unkeyed hashes of phone numbers are turned back within hours; this one is not without the key.

    Args:
        kind: What it is; the same signs of two kinds have different tokens.
        value: Its normal form.
        key: The workspace's key of tokens, or what was made of it (`keyed`).
    """
    own = keyed(key) if isinstance(key, bytes) else key.copy()
    own.update(f"{kind}\n{value}".encode())
    return f"{kind}:{own.finalize()[:_TOKEN_BYTES].hex()}"


def column_of(tokens: Iterable[str], *, vouched: bool = False) -> str | None:
    """Tokens as the column `identifiers` has them, in order; None for none.

    >>> column_of(["phone:b", "email:a", "phone:b"], vouched=True)
    '+email:a +phone:b'
    """
    start = VOUCHED if vouched else ""
    return " ".join(start + one for one in sorted(set(tokens))) or None


def tokens_in(column: str | None) -> list[str]:
    """The tokens in the column `identifiers`, vouched for or not; what is said of the user id is none.

    >>> tokens_in("+email:a phone:b +user_id:server")
    ['email:a', 'phone:b']
    """
    words = [word.removeprefix(VOUCHED) for word in (column or "").split()]
    return [word for word in words if word.partition(":")[0] in KINDS]
