"""Three clocks: when the client says that it happened, when it says that it sent it, and when it arrived.

Clients' clocks are wrong by minutes, days or years, but while a message waits, a clock goes right: what
passes between `said` and `sent` is true even where neither is.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from mindgap.collect.events.strict import Fault

EARLIEST = datetime(1980, 1, 1)
"""No event is older; a clock that says so was never set."""
_AHEAD = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1)
_MILLISECONDS_FROM, _MICROSECONDS_FROM = 1e11, 1e14
_EPOCH_DIGITS = 10


def moment(said: Any) -> datetime | None:
    """A time as clients write it, as naive UTC: ISO 8601, or seconds, milli- or microseconds since 1970.

    >>> moment("2024-05-01T12:00:00.5+02:00")
    datetime.datetime(2024, 5, 1, 10, 0, 0, 500000)
    >>> moment(1714557600000) == moment("1714557600") == moment("2024-05-01T10:00:00Z")
    True

    Raises:
        Fault: bad-time.
    """
    if isinstance(said, str):
        return _written(said) if said else None
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise Fault("bad-time")
    return _since_1970(said)


def _written(text: str) -> datetime:
    try:
        if len(text) >= _EPOCH_DIGITS and text.isdecimal():
            return _since_1970(int(text[:20]))
        found = datetime.fromisoformat(text[:-1] if text[-1] == "Z" else text.strip())
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError) as error:
        raise Fault("bad-time") from error


def _since_1970(count: float) -> datetime:
    per_second = 1_000_000 if abs(count) >= _MICROSECONDS_FROM else 1_000
    per_second = per_second if abs(count) >= _MILLISECONDS_FROM else 1
    try:
        return _EPOCH + timedelta(microseconds=round(count * (1_000_000 // per_second)))
    except (ValueError, OverflowError) as error:
        raise Fault("bad-time") from error


def corrected(*, said: datetime | None, sent: datetime | None, received: datetime) -> datetime:
    """When it happened by our own clock: received - (sent - said); never later than it arrived.

    Without `sent` nothing can be corrected: what is said counts where it can be true. What comes out before
    1980, or cannot be reckoned with, is as good as not said.

    >>> received = datetime(2024, 5, 1, 12)
    >>> a_year_behind = datetime(2023, 5, 1, 11, 59)
    >>> corrected(said=a_year_behind, sent=a_year_behind + timedelta(seconds=30), received=received)
    datetime.datetime(2024, 5, 1, 11, 59, 30)
    """
    if said is None:
        return received
    if sent is None:
        return min(said, received) if EARLIEST <= said <= received + _AHEAD else received
    try:
        happened = received - (sent - said)
    except OverflowError:
        return received
    return min(happened, received) if happened >= EARLIEST else received
