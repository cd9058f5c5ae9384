"""The only place that asks the machine for the time; everywhere else time is an argument."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_FIRST_DAY = date(1970, 1, 1)


def now() -> datetime:
    """The present moment as naive UTC, microseconds kept."""
    return datetime.now(UTC).replace(tzinfo=None)


def next_midnight(moment: datetime, time_zone: str) -> datetime:
    """The first local midnight strictly after a naive UTC moment, again as naive UTC.

    >>> next_midnight(datetime(2018, 1, 1, 4, 1), "America/New_York")
    datetime.datetime(2018, 1, 1, 5, 0)
    """
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + DAY
    return to_utc(start, time_zone)


def week_start(moment: datetime, time_zone: str) -> datetime:
    """The latest local Monday midnight not after a naive UTC moment, as naive UTC.

    >>> week_start(datetime(2018, 1, 3), "UTC")
    datetime.datetime(2018, 1, 1, 0, 0)
    """
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - local.weekday() * DAY
    return to_utc(monday, time_zone)


def day_start(day: int, time_zone: str) -> datetime:
    """When a local day begins (days since 1970-01-01), as naive UTC.

    >>> day_start(0, "America/New_York")
    datetime.datetime(1970, 1, 1, 5, 0)
    """
    return to_utc(datetime.combine(_FIRST_DAY + day * DAY, time()), time_zone)


def local_day(moment: datetime, time_zone: str) -> int:
    """The local day of a naive UTC moment, in days since 1970-01-01: the one that began last.

    Where clocks go back over midnight the date repeats, and the day does not.

    >>> local_day(datetime(1970, 1, 2, 4, 59), "America/New_York")
    0
    """
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date()
    day = (local - _FIRST_DAY).days
    return day + 1 if day_start(day + 1, time_zone) <= moment else day


def to_utc(local: datetime, time_zone: str) -> datetime:
    """A naive local time as naive UTC."""
    return local.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC).replace(tzinfo=None)


def utc_offset_seconds(moment: datetime, time_zone: str) -> int:
    """Seconds to add to naive UTC to get local time at that moment.

    >>> utc_offset_seconds(datetime(2018, 1, 1), "America/New_York")
    -18000
    """
    offset = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def as_of_lag(as_of: datetime, lag_days: int, time_zone: str) -> datetime:
    """The as-of time `lag_days` earlier, taken at the start of its local week.

    Snapping to weeks keeps earlier as-of times (training cut-offs, evaluation splits) fixed while new
    days arrive, so that what was built for them stays valid.

    >>> as_of_lag(datetime(2018, 1, 1, 5), 35, "America/New_York")
    datetime.datetime(2017, 11, 27, 5, 0)
    >>> as_of_lag(datetime(2018, 1, 4, 5), 0, "America/New_York")
    datetime.datetime(2018, 1, 4, 5, 0)
    """
    if lag_days == 0:
        return as_of
    local = as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    return week_start(to_utc(local - lag_days * DAY, time_zone), time_zone)
