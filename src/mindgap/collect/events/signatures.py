"""Signatures of webhooks: each scheme is a table of signatures.toml; HMAC-SHA256 in all of them."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from mindgap.kernel.errors import SettingsError

_MILLISECONDS = 100_000_000_000
_DIGITS = 16


class Scheme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sender signs.

    Attributes:
        header: The header that carries the signature, in lower case.
        style: plain: one signature; list: several `v1,SIGNATURE` between spaces, while keys change;
            pairs: `t=TIMESTAMP,v1=SIGNATURE` (v1 may come again).
        prefix: What stands before the signature.
        encoding: How the signature is written.
        timestamp_header: The header that says when it was sent; empty where nothing says it.
        id_header: The header that names the delivery, again when it is sent again; empty without one.
        signed: What is signed: `body`, `timestamp`, `id`, `method`, `url`, and signs that mean themselves.
        encoded_key: Whether the secret is the key in Base64, behind `whsec_`.
    """

    header: str
    signed: tuple[str, ...]
    style: Literal["plain", "list", "pairs"] = "plain"
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str = ""
    id_header: str = ""
    encoded_key: bool = False


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """What came with a signature.

    Attributes:
        headers: Headers, names in lower case.
        body: The body as it was sent.
        method: GET, POST.
        url: The whole address that the sender called.
    """

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    url: str = ""


@cache
def schemes() -> Mapping[str, Scheme]:
    """Every scheme by name."""
    text = (resources.files("mindgap.collect.events") / "signatures.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, Scheme])


def scheme(name: str, *, header: str = "") -> Scheme:
    """One of them, its header replaced where another is named.

    Raises:
        SettingsError: There is none of that name.
    """
    found = schemes().get(name)
    if found is None:
        raise SettingsError(f"There is no signature scheme {name!r}.", hint=f"Use: {', '.join(schemes())}.")
    return msgspec.structs.replace(found, header=header.lower()) if header else found


def is_genuine(how: Scheme, signed: Signed, *, secrets: Iterable[str]) -> bool:
    """Whether it was signed with one of these secrets; in a time that does not tell how near a guess was."""
    given = _signatures(how, signed.headers)
    expected = [sign(how, secret, signed) for secret in secrets]
    # every pair is compared, so that the time taken says nothing of which one it was
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    return any(matches)


def sign(how: Scheme, secret: str, signed: Signed) -> bytes:
    """The signature itself, undecorated; what a sender of the scheme makes."""
    parts = {
        "body": signed.body,
        "timestamp": _timestamp_text(how, signed.headers).encode(),
        "id": signed.headers.get(how.id_header, "").encode(),
        "method": signed.method.encode(),
        "url": signed.url.encode(),
    }
    text = b"".join(parts.get(part, part.encode()) for part in how.signed)
    return hmac.digest(_key(how, secret), text, "sha256")


def sent_at(how: Scheme, headers: Mapping[str, str]) -> datetime | None:
    """When it was sent, naive UTC, as the signature covers it; None where the scheme does not say.

    >>> sent_at(schemes()["slack"], {"x-slack-request-timestamp": "1700000000"})
    datetime.datetime(2023, 11, 14, 22, 13, 20)
    """
    text = _timestamp_text(how, headers)
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        figure = int(text)
        seconds = figure / 1000 if figure >= _MILLISECONDS else figure
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def is_timed(how: Scheme) -> bool:
    """Whether the scheme says when something was sent."""
    return "timestamp" in how.signed


def _signatures(how: Scheme, headers: Mapping[str, str]) -> list[bytes]:
    value = headers.get(how.header, "")
    match how.style:
        case "plain":
            texts = [value.removeprefix(how.prefix)] if value.startswith(how.prefix) else []
        case "list":
            pairs = [item.partition(",") for item in value.split()]
            texts = [text for version, _comma, text in pairs if version == "v1"]
        case "pairs":
            texts = [text for name, text in _pairs(value) if name == "v1"]
    return [decoded for text in texts if (decoded := _decoded(how, text))]


def _pairs(value: str) -> list[tuple[str, str]]:
    split = [item.strip().partition("=") for item in value.split(",")]
    return [(name, text) for name, _equals, text in split]


def _timestamp_text(how: Scheme, headers: Mapping[str, str]) -> str:
    if how.timestamp_header:
        return headers.get(how.timestamp_header, "")
    return dict(_pairs(headers.get(how.header, ""))).get("t", "") if how.style == "pairs" else ""


def _decoded(how: Scheme, text: str) -> bytes:
    try:
        return bytes.fromhex(text) if how.encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _key(how: Scheme, secret: str) -> bytes:
    if not how.encoded_key:
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        return secret.encode()
