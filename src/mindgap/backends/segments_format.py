r"""How entries lie in a segment: lines that people can read, in groups that a checksum covers.

    {"segment":"20260301T100000000000-6f1c20a9be","bytes":214,"crc32":"9b1f6a02"}
    {"source":"web","receivedAt":"2026-03-01T10:00:00.000001Z","n":2,"context":true}
    {"library":{"name":"analytics.js"}}
    {"type":"track","messageId":"1","event":"Product Viewed"}
    {"type":"page","messageId":"2"}

A group is what one sync brought to disk. Its first line says how many bytes follow and what their checksum
is. The segment's name is in that line and begins the checksum together with the group's place: neither what
a client sent nor what an older file left on the disk can pass for a group. Each entry of a group is a line
about it, its context where it has one, and its `n` messages, one a line.
"""

import fcntl
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import reduce

import msgspec

from mindgap.store.log import Entry

_FIRST_LINE_BYTES = 256  # more than the longest first line of a group
_AS_SPACES = bytes.maketrans(b"\r\n", b"  ")


class _Opening(msgspec.Struct, frozen=True):
    segment: str
    bytes: int
    crc32: str


class _About(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    source: str
    received_at: str
    n: int
    sent_at: str = ""
    context: bool = False
    opted_out: bool = False
    refused: int = 0
    cursor: str = ""


_encode = msgspec.json.Encoder().encode
_read_opening = msgspec.json.Decoder(_Opening).decode
_read_about = msgspec.json.Decoder(_About).decode


def lines(entry: Entry) -> bytes:
    """An entry as lines; a line break between the tokens of a message becomes a space."""
    about = _About(
        source=entry.source,
        received_at=f"{entry.received_at.isoformat()}Z",
        n=len(entry.messages),
        sent_at=entry.sent_at,
        context=bool(entry.context),
        opted_out=entry.opted_out,
        refused=entry.refused,
        cursor=entry.cursor,
    )
    texts = [_encode(about), *([entry.context] if entry.context else ()), *entry.messages, b""]
    unbroken = b"".join(texts)  # looking for what is not there is six times as fast as counting what is
    if b"\n" in unbroken or b"\r" in unbroken:
        return b"\n".join(text.translate(_AS_SPACES) for text in texts)
    return b"\n".join(texts)


def first_line(segment: str, offset: int, content: Sequence[bytes]) -> bytes:
    """What stands before the lines of a group that begins at an offset of a segment."""
    opening = _Opening(segment, sum(map(len, content)), _checksum(segment, offset, content))
    return _encode(opening) + b"\n"


class SegmentView:
    """A segment as it is at this moment.

    Attributes:
        name: Its name.
        handle: Its file, open for reading.
        is_closed: Whether nobody will ever write into it again.
        end: Its size in bytes.
    """

    def __init__(self, name: str, handle: int) -> None:
        self.name = name
        self.handle = handle
        self.is_closed = _is_unlocked(handle)  # asked first: after that the segment grows no more
        self.end = os.fstat(handle).st_size

    def groups(self, offset: int) -> Iterator[tuple[int, Sequence[Entry]]]:
        """The whole groups from an offset on, each with the offset behind it.

        What no checksum covers - a group that is being written, or what a power cut left behind - is passed
        over, and whole groups behind it are found again.
        """
        while offset < self.end:
            found = self._content(offset)
            if found is None:
                offset = self._next_group(offset)
                continue
            behind, content = found
            yield behind, tuple(_entries(content))
            offset = behind

    def has_group(self, offset: int) -> bool:
        """Whether a whole group lies at or behind an offset."""
        return offset < self.end and (
            self._content(offset) is not None or self._next_group(offset) < self.end
        )

    def _content(self, offset: int) -> tuple[int, bytes] | None:
        """The offset behind a group, and what is in it; None where no whole group begins."""
        line, found, _ = os.pread(self.handle, _FIRST_LINE_BYTES, offset).partition(b"\n")
        try:
            opening = _read_opening(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        start = offset + len(line) + 1
        if not found or opening.segment != self.name or not 0 < opening.bytes <= self.end - start:
            return None
        content = os.pread(self.handle, opening.bytes, start)
        if _checksum(self.name, offset, (content,)) != opening.crc32:
            return None
        return start + len(content), content

    def _next_group(self, offset: int) -> int:
        """Where the next whole group begins behind damage; the end when there is none."""
        rest = os.pread(self.handle, self.end - offset, offset)
        opening = f'{{"segment":"{self.name}","bytes":'.encode()
        at = rest.find(opening, 1)
        while at >= 0:
            if self._content(offset + at):
                return offset + at
            at = rest.find(opening, at + 1)
        return self.end


def _is_unlocked(handle: int) -> bool:
    """Whether nobody holds the lock with which a segment's writer makes it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


def _entries(content: bytes) -> Iterator[Entry]:
    texts = content.split(b"\n")
    at = 0
    while at < len(texts) - 1:
        about = _read_about(texts[at])
        first = at + 1 + about.context
        yield Entry(
            source=about.source,
            received_at=datetime.fromisoformat(about.received_at).astimezone(UTC).replace(tzinfo=None),
            messages=texts[first : first + about.n],
            sent_at=about.sent_at,
            context=texts[at + 1] if about.context else b"",
            opted_out=about.opted_out,
            refused=about.refused,
            cursor=about.cursor,
        )
        at = first + about.n


def _checksum(segment: str, offset: int, content: Iterable[bytes]) -> str:
    start = zlib.crc32(f"{segment}:{offset}".encode())
    return f"{reduce(lambda sum_so_far, part: zlib.crc32(part, sum_so_far), content, start):08x}"
