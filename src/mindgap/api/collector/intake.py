"""Reading requests' bodies: capped in size, in time, and all together in memory."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive

from mindgap.api.collector.unpacking import too_large, unpacked
from mindgap.collect.events.delivery import Rejected

BODY_BYTES = 5_000_000
"""What one body may hold, packed and unpacked."""

MOST_VALUES = 400_000
"""What one body may hold of values: taken apart, each needs far more memory than the byte it came as."""

BODY_SECONDS = 10.0
WAITING_BYTES = 32_000_000
"""What all requests in progress may hold together."""


class Gone(Exception):  # noqa: N818 - nobody is left to be told
    """The client went away while it was sending."""


@dataclass(slots=True, eq=False)
class Intake:
    """Reads bodies; what is in memory is counted until it is released.

    Attributes:
        waiting_bytes: What requests in progress hold.
        body_bytes: What one body may hold.
        most_bytes: What all may hold.
        seconds: How long a body may take.
    """

    waiting_bytes: int = 0
    body_bytes: int = BODY_BYTES
    most_bytes: int = WAITING_BYTES
    seconds: float = BODY_SECONDS

    def check(self, declared: str) -> None:
        """Refuse a body before any of it is read, by what Content-Length says.

        Raises:
            Rejected: It is too large, or there is no room for it now.
        """
        size = int(declared) if declared.isdecimal() else 0
        if size > self.body_bytes:
            raise too_large(self.body_bytes)
        if self.waiting_bytes + size > self.most_bytes:
            raise no_room()

    async def read(self, receive: Receive, hold: "Hold") -> bytes:
        """The body as it came.

        Raises:
            Rejected: Too large, too slow, or no room.
            Gone: The client hung up.
        """
        try:
            async with asyncio.timeout(self.seconds):
                return await self._collected(receive, hold)
        except TimeoutError as error:
            raise Rejected(
                408, "too-slow", f"The body took longer than {self.seconds:g} s. Send it again."
            ) from error

    def unpack(self, body: bytes, encoding: str, hold: "Hold") -> bytes:
        """The body as it was before it was packed.

        Raises:
            Rejected: It is broken, too large, or there is no room.
        """
        plain = unpacked(body, encoding, limit_bytes=self.body_bytes)
        if plain is not body:
            hold.grow(len(plain) - len(body))
        if len(plain) > MOST_VALUES and plain.count(b",") >= MOST_VALUES:
            raise Rejected(413, "too-many-values", f"More than {MOST_VALUES} values. Send smaller batches.")
        return plain

    async def _collected(self, receive: Receive, hold: "Hold") -> bytes:
        parts: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part = message.get("body", b"")
            hold.grow(len(part))
            if hold.size > self.body_bytes:
                raise too_large(self.body_bytes)
            if not message.get("more_body", False):
                hold.whole = True
                return b"".join((*parts, part)) if parts else part
            parts.append(part)


@dataclass(slots=True, eq=False)
class Hold:
    """What one request holds of the memory that all share.

    Attributes:
        intake: Counts for all.
        size: Bytes.
        whole: Whether the body was read to its end.
    """

    intake: Intake
    size: int = 0
    whole: bool = False

    def grow(self, more: int) -> None:
        """Hold more, or less.

        Raises:
            Rejected: There is no room.
        """
        self.size += more
        self.intake.waiting_bytes += more
        if self.intake.waiting_bytes > self.intake.most_bytes:
            raise no_room()

    def release(self) -> None:
        """Hold nothing any more."""
        self.intake.waiting_bytes -= self.size
        self.size = 0


def no_room() -> Rejected:
    """The answer while too much is in progress."""
    return Rejected(
        429, "overload", "Too much is arriving at the moment. Send it again later.", retry_after_s=1
    )
