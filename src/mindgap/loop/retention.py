"""Rows that are older than their table keeps them go; derived tables follow at the next run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mindgap.kernel.errors import SettingsError
from mindgap.kernel.tables import CANONICAL, EVENTS
from mindgap.loop.intake import digest
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.engine import Relation
from mindgap.store.reading import Stores
from mindgap.store.state import Part
from mindgap.store.streams import Compaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long rows are kept.

    Attributes:
        kept_days: Days by canonical table; of tables that are not named, for good.
        time_zone: IANA name; weeks begin at its Monday midnight.
        at: The present, naive UTC.
    """

    kept_days: Mapping[str, int]
    time_zone: str
    at: datetime

    def check(self) -> None:
        """Refuse tables that are not there, or whose rows have no time.

        Raises:
            SettingsError: [privacy] kept_days names one.
        """
        timed = [name for name, table in CANONICAL.items() if table.time_column]
        for name in self.kept_days:
            if name not in timed:
                raise SettingsError(
                    f"[privacy] kept_days: rows of {name!r} cannot grow old.",
                    hint=f"Name one of: {', '.join(timed)}.",
                )

    def since(self, table: str) -> datetime:
        """Rows before this moment go."""
        return self.at - timedelta(days=self.kept_days[table])


def forget_old_events(stores: Stores, retention: Retention) -> int:
    """Take parts of the lake away whose events are all too old; only under the lake's lock.

    Returns:
        How many rows went.
    """
    if EVENTS.name not in retention.kept_days:
        return 0
    since = retention.since(EVENTS.name)
    parts = stores.streams.snapshot()[0]
    old = [part for part in parts if part.max_time is not None and part.max_time < since]
    if old:
        stores.streams.commit(Compaction(removed=[part.path for part in old]))
    return sum(part.rows for part in old)


def forget_old_rows(stores: Stores, retention: Retention) -> Mapping[str, int]:
    """Take whole weeks that are too old out of imported tables; only under the workspace's lock.

    What events became follows from the events, and is made anew by the next run.

    Returns:
        How many rows went, by table, where there were any.
    """
    removed: dict[str, int] = {}
    for table in sorted(set(retention.kept_days) - {EVENTS.name}):
        parts = stores.ledger.parts(table)
        old = [part for part in parts if part.max_time is not None and part.max_time < retention.since(table)]
        for record in stores.ledger.sources():
            own = [part for part in old if part.source == record.name]
            if own:
                kept = [part for part in parts if part.source == record.name and part not in own]
                stores.ledger.replace(record, _without_weeks(stores, own, kept, retention=retention))
                removed[table] = removed.get(table, 0) + sum(part.rows for part in own)
    return removed


def _without_weeks(stores: Stores, old: list[Part], kept: list[Part], *, retention: Retention) -> list[Part]:
    """What is left of a source: files that hold an old week are written anew."""
    made = [part for part in kept if all(part.path != one.path for one in old)]
    for path in dict.fromkeys(part.path for part in old):
        left = [part for part in kept if part.path == path]
        if left:
            latest_old = max(part.max_time for part in old if part.path == path and part.max_time)
            made += _newer(stores, left, after=latest_old, retention=retention)
    return made


def _newer(stores: Stores, left: list[Part], *, after: datetime, retention: Retention) -> list[Part]:
    table, files = CANONICAL[left[0].table], stores.files
    rows = Relation(paths=[files.path(left[0].path)])
    time = table.time_column
    sql = f"select * from kept where {time} is null or {time} > timestamp '{after.isoformat(sep=' ')}'"
    with files.staging() as staging, stores.lookups.session({"kept": rows}) as session:
        staged = staging / "part.parquet"
        session.save(sql, staged)
        times = [one for part in left for one in (part.min_time, part.max_time) if one is not None]
        file = File(
            table=table.name,
            source=left[0].source,
            path=staged,
            relative=f"ledger/{table.name}/{digest(staged)}.parquet",
            earliest=min(times, default=None),
            latest=max(times, default=None),
        )
        parts = weekly_parts(file, time_zone=retention.time_zone)
        files.adopt(staged, file.relative)
    return parts
