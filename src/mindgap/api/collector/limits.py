"""Limits: events a second for a source, wrong keys for an address. Nothing here grows without end."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from mindgap.collect.events.delivery import LiveSource, Rejected

FAILURES = 10
FAILURE_SECONDS = 15 * 60.0
MOST_ADDRESSES = 10_000

Ticks = Callable[[], float]
"""Seconds that only ever go forward."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Rates:
    """A bucket of tokens for each source; it holds a second's worth of events.

    A batch passes when the bucket is not empty, and may leave it in debt: so batches larger than the bucket
    pass too, and the long run is kept all the same.

    Attributes:
        ticks: The clock.
    """

    ticks: Ticks
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def take(self, source: LiveSource, events: int) -> None:
        """Let so many events of a source pass.

        Raises:
            Rejected: It has sent too many; they may come again later.
        """
        rate = source.options.events_per_s
        if rate is None:
            return
        at = self.ticks()
        bucket = self._buckets.setdefault(source.name, _Bucket(rate, at))
        bucket.tokens = min(float(rate), bucket.tokens + rate * (at - bucket.at))
        bucket.at = at
        if bucket.tokens <= 0:
            wait_s = math.ceil((1 - bucket.tokens) / rate)
            raise Rejected(
                429,
                "too-many",
                "This source sends more than it may. Send it again later.",
                retry_after_s=wait_s,
            )
        bucket.tokens -= events


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong keys by client address; who showed too many is not heard for a while, whatever he shows.

    Attributes:
        ticks: The clock.
        limit: How many are borne.
        seconds: Within which time, counted from the first.
        most: How many addresses are remembered; the oldest are forgotten first.
    """

    ticks: Ticks
    limit: int = FAILURES
    seconds: float = FAILURE_SECONDS
    most: int = MOST_ADDRESSES
    _seen: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def check(self, address: str) -> None:
        """Go on only if this address has not shown too many wrong keys.

        Raises:
            Rejected: It has.
        """
        if not self._seen:
            return
        count, since = self._seen.get(network_of(address), (0, 0.0))
        left_s = since + self.seconds - self.ticks()
        if count >= self.limit and left_s > 0:
            raise Rejected(
                429,
                "too-many-keys",
                "Too many wrong keys from this address.",
                retry_after_s=math.ceil(left_s),
            )

    def note(self, address: str) -> None:
        """A wrong key came from this address."""
        at, name = self.ticks(), network_of(address)
        count, since = self._seen.get(name, (0, at))
        fresh = at - since < self.seconds
        self._seen[name] = (count + 1, since) if fresh else (1, at)
        if len(self._seen) > self.most:
            self._seen.popitem(last=False)


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 one, which one household has.

    >>> network_of("2001:db8::1"), network_of("192.0.2.7")
    ('2001:db8::', '192.0.2.7')
    """
    if ":" not in address:
        return address
    try:
        ip = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip.ipv4_mapped or ipaddress.IPv6Address(int(ip) >> 64 << 64))
