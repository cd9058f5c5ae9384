"""What events tell, day by day: rows that follow from one event, and pieces to make the others of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from mindgap.kernel.clock import day_start
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.converted_files import OURS, ConvertedFiles
from mindgap.process.conversion import canonical_query, meanings, query
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema
from mindgap.store.state import DayEntry, Part

PIECES = ("orders", "products", "traits")
"""Of these tables a piece is kept for each day; the query is `told_` and the name."""
TABLES = ("exposures", "feedback")
"""Tables of which each row follows from one event."""
_ROWS_AT_ONCE = 2_000_000
_EPOCH = datetime(1970, 1, 1)
_SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDays:
    """Works days out.

    Attributes:
        files: Where rows go.
        events: The parts of `events`.
        currency: ISO 4217 code; amounts in others are not known.
        days: Every local day that has events: a fingerprint of them, and how many there are.
        parts: Of each of TABLES, the parts that were made.
        entries: The pieces that were made.
    """

    files: ConvertedFiles
    events: Sequence[Part]
    currency: str
    days: Mapping[int, tuple[str, int]]
    parts: dict[str, list[Part]] = field(default_factory=lambda: {table: [] for table in TABLES})
    entries: list[DayEntry] = field(default_factory=list)

    def work_out(self, days: Sequence[int]) -> None:
        """Work these days out, so many at once as fit into memory."""
        for nth, group in enumerate(self._groups(days)):
            folder = self.files.staging / f"told-{nth}"
            folder.mkdir()
            told = self._stage(group, folder)
            for table in TABLES:
                with self.files.stores.engine.session(told) as session:
                    rows = session.table(canonical_query(table))
                for _, own in self.files.cut(table, rows, CANONICAL[table].time_column or ""):
                    self.parts[table] += self.files.write(table, own)
            for name in PIECES:
                self._keep(name, group, told=told, folder=folder / name)

    def _groups(self, days: Sequence[int]) -> Iterator[list[int]]:
        group: list[int] = []
        rows = 0
        for day in sorted(days):
            if group and rows + self.days[day][1] > _ROWS_AT_ONCE:
                yield group
                group, rows = [], 0
            group.append(day)
            rows += self.days[day][1]
        if group:
            yield group

    def _stage(self, group: Sequence[int], folder: Path) -> dict[str, Relation]:
        """What the queries see; the results of the first two lie in a folder."""
        since, before = self._start(group[0]), self._start(group[-1] + 1)
        touched = [
            part
            for part in self.events
            if part.min_time is None or (part.min_time < before and (part.max_time or before) >= since)
        ]
        seen = {
            "events": Relation(
                paths=list(dict.fromkeys(self.files.stores.files.path(part.path) for part in touched)),
                schema=arrow_schema(CANONICAL["events"]),
                time_column="occurred_at",
                since=since,
                before=before,
            ),
            "meanings": Relation(rows=meanings()),
            "setting": Relation(rows=pa.table({"currency": [self.currency]})),
            "slots": Relation(rows=self._slots(group)),
        }
        for name in ("told", "items"):
            with self.files.stores.engine.session(seen) as session:
                session.save(query(name), folder / f"{name}.parquet")
            seen[name] = Relation(paths=[folder / f"{name}.parquet"])
        return seen

    def _slots(self, days: Sequence[int]) -> pa.Table:
        """The local day of each quarter of an hour since 1970."""
        slots: list[int] = []
        owners: list[int] = []
        for day in days:
            own = range((self._start(day) - _EPOCH) // _SLOT, (self._start(day + 1) - _EPOCH) // _SLOT)
            slots += own
            owners += [day] * len(own)
        return pa.table({"slot": pa.array(slots, pa.int64()), "day": pa.array(owners, pa.int64())})

    def _start(self, day: int) -> datetime:
        return day_start(day, self.files.time_zone)

    def _keep(self, name: str, group: Sequence[int], *, told: Mapping[str, Relation], folder: Path) -> None:
        """A piece for each of these days; a day without rows has one without a file."""
        stores = self.files.stores
        with stores.engine.session(told) as session:
            found = session.save_days(query(f"told_{name}"), folder)
        for day in group:
            path, rows = found.get(day, (None, 0))
            relative = f"ledger/told_{name}/{day}-{self.days[day][0]}.parquet" if path else ""
            if path:
                stores.files.adopt(path, relative)
            self.entries.append(
                DayEntry(
                    name=OURS + name,
                    day=day,
                    end_at=self._start(day + 1),
                    fingerprint=self.days[day][0],
                    path=relative,
                    rows=rows,
                )
            )
