"""What people are reached or known by, made comparable, and then made unreadable.

Equal identifiers written differently get one normal form; a token of it, keyed by the workspace's secret, is
all that tables and the identity graph see.
"""

import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, get_args
from unicodedata import category, normalize

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

IdentifierKind = Literal["email", "phone", "loyalty_card", "device", "external_id"]
KINDS: tuple[IdentifierKind, ...] = get_args(IdentifierKind)
VOUCHED = "+"
"""Stands before a token that somebody trusted vouches for: an import, the shop's own server, a signature."""
_TOKEN_BYTES = 16
_LONGEST = 320
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253
_FEWEST_SIGNS = 4
_NOTHING = frozenset(
    {"", "-", "n/a", "na", "nan", "nil", "none", "null", "undefined", "unknown", "test", "无", "空", "未知"}
)
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
    text = "".join(sign for sign in normalize("NFKC", value) if category(sign) not in {"Cc", "Cf"}).strip()
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


def _email(text: str) -> str | None:
    local, _at, domain = text.removeprefix("mailto:").rpartition("@")
    if not 0 < len(local) <= _LONGEST_LOCAL or any(sign.isspace() or sign in '@<>(),;:"' for sign in local):
        return None
    try:
        plain = domain.strip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    if len(plain) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(plain):
        return None
    return f"{local.lower()}@{plain}"


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


def token(kind: IdentifierKind, value: str, key: bytes) -> str:
    """What stands for an identifier: `kind:` and the first 128 bits of an HMAC-SHA256 as 32 hex digits.

    Unkeyed hashes of phone numbers are turned back within hours; this one is not without the key.

    Args:
        kind: What it is; the same signs of two kinds have different tokens.
        value: Its normal form.
        key: The workspace's key of tokens.
    """
    digest = hmac.digest(key, f"{kind}\n{value}".encode(), "sha256")
    return f"{kind}:{digest[:_TOKEN_BYTES].hex()}"


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
