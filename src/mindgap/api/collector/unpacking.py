"""Unpacking bodies: gzip, zlib and deflate, never more than the cap."""

import zlib

from mindgap.collect.events.delivery import Rejected

_GZIP = b"\x1f\x8b"
_ANY_WRAPPER = 47  # zlib's word for "gzip or zlib, whichever the first bytes say"
_BARE = -15
_PLAIN = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_MOST_MEMBERS = 64


def unpacked(body: bytes, encoding: str, *, limit_bytes: int) -> bytes:
    """A body as its sender wrote it; its first bytes decide, since clients and proxies mislabel.

    Args:
        body: As it came.
        encoding: What Content-Encoding says.
        limit_bytes: More than that is not unpacked.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}"), "", limit_bytes=9)
    b'{}'

    Raises:
        Rejected: It is broken (400), packed in another way (400), or larger than the limit (413).
    """
    said = encoding.strip().lower()
    if said not in _PLAIN:
        raise Rejected(400, "bad-encoding", "This content encoding is not understood. Use gzip, or none.")
    if body[:2] == _GZIP or _is_zlib(body):
        return _inflated(body, _ANY_WRAPPER, limit_bytes)
    if said == "deflate" and body.lstrip()[:1] != b"{":
        return _inflated(body, _BARE, limit_bytes)
    return body


def too_large(limit_bytes: int) -> Rejected:
    """The answer to a body beyond the cap."""
    return Rejected(
        413, "too-large", f"The body is larger than {limit_bytes / 1e6:g} MB. Send smaller batches."
    )


def _is_zlib(body: bytes) -> bool:
    """Whether it begins as RFC 1950 says; no JSON text does."""
    return body[:1] == b"\x78" and int.from_bytes(body[:2]) % 31 == 0


def _inflated(body: bytes, kind: int, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    left, rest = limit_bytes, body
    for _ in range(_MOST_MEMBERS):
        machine = zlib.decompressobj(kind)
        try:
            part = machine.decompress(rest, left + 1)
        except zlib.error as error:
            raise _broken() from error
        left -= len(part)
        if left < 0:
            raise too_large(limit_bytes)
        parts.append(part)
        if not machine.eof:
            raise _broken()
        rest = machine.unused_data
        if rest[:2] != _GZIP:
            return parts[0] if len(parts) == 1 else b"".join(parts)
    raise _broken()


def _broken() -> Rejected:
    return Rejected(400, "bad-encoding", "The packed body is broken or cut short.")
