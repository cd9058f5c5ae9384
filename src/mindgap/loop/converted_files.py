"""The files of canonical tables that events became: one for each local day, or week, of each table."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mindgap.kernel.clock import day_start, local_day, week_start
from mindgap.kernel.tables import CANONICAL, FROM_EVENTS
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.engine import Relation
from mindgap.store.reading import Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Part

OURS = FROM_EVENTS
"""What the names of these sources begin with."""
Places = Mapping[datetime, Sequence[Part]]
"""Parts by the beginning of their day, or week."""
_A_WEEK = timedelta(days=8)  # a week may be an hour longer than seven days
_MOMENT = pa.timestamp("us")


def is_converted(source: str) -> bool:
    """Whether a source of a canonical table is what events became."""
    return source.startswith(OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedFiles:
    """Writes them, and finds those that there are.

    Attributes:
        stores: The workspace's ports.
        time_zone: IANA name; days and weeks begin at its midnight.
        staging: For work in progress.
        fresh: Whether everything is made anew, whatever there is.
    """

    stores: Stores
    time_zone: str
    staging: Path
    fresh: bool

    def known(self, table: str) -> Places:
        """The parts that events gave a table before."""
        found: dict[datetime, list[Part]] = {}
        for part in () if self.fresh else self.stores.ledger.parts(table):
            if is_converted(part.source) and part.min_time is not None:
                found.setdefault(self._place(table, part.min_time), []).append(part)
        return found

    def outside(self, table: str, days: Collection[int]) -> list[Part]:
        """The parts that events gave a table before, of all days but these."""
        starts = {day_start(day, self.time_zone) for day in days}
        return [part for place, parts in self.known(table).items() if place not in starts for part in parts]

    def _place(self, table: str, moment: datetime) -> datetime:
        if CANONICAL[table].time_column:
            return day_start(local_day(moment, self.time_zone), self.time_zone)
        return week_start(moment, self.time_zone)

    def rows(self, table: str, parts: Sequence[Part]) -> Relation:
        """What an engine sees of these parts."""
        paths = dict.fromkeys(self.stores.files.path(part.path) for part in parts)
        return Relation(paths=list(paths), schema=arrow_schema(CANONICAL[table]))

    def cut(self, table: str, rows: pa.Table, column: str) -> Iterator[tuple[datetime, pa.Table]]:
        """Rows of each place, by a column of moments."""
        moments = rows[column].cast(_MOMENT).to_numpy()
        if not len(moments):
            return
        edges = np.array(list(self._edges(table, moments.min(), moments.max())), "datetime64[us]")
        place = np.searchsorted(edges, moments, side="right") - 1
        order = np.argsort(place, kind="stable")
        ordered, sorted_places = rows.take(pa.array(order)), place[order]
        begins = [*np.flatnonzero(np.diff(sorted_places, prepend=-1)).tolist(), len(order)]
        for begin, end in pairwise(begins):
            yield edges[sorted_places[begin]].item(), ordered.slice(begin, end - begin)

    def _edges(self, table: str, earliest: Any, latest: Any) -> Iterator[datetime]:
        first, last = np.array([earliest, latest], "datetime64[us]").tolist()
        place = self._place(table, first)
        while place <= last:
            yield place
            if CANONICAL[table].time_column:
                place = day_start(local_day(place, self.time_zone) + 1, self.time_zone)
            else:
                place = week_start(place + _A_WEEK, self.time_zone)

    def write(self, table: str, rows: pa.Table, *, before: Sequence[Part] = (), seen: str = "") -> list[Part]:
        """Make rows of one place a file; where they are what it had before, nothing is written.

        Args:
            table: The canonical table.
            rows: All rows of the place.
            before: The place's parts.
            seen: Of tables without a time: the column of when a thing was first seen, which is left out.
        """
        column = CANONICAL[table].time_column or seen
        moments = rows[column].cast(_MOMENT).to_numpy()
        earliest, latest = np.array([moments.min(), moments.max()], "datetime64[us]").tolist()
        told = rows.drop_columns([seen]) if seen else rows
        staged = self.staging / f"{table}-{earliest:%Y%m%dT%H%M%S%f}.parquet"
        self.stores.files.write_table(told, staged)
        with staged.open("rb") as file:
            relative = f"ledger/{table}/{hashlib.file_digest(file, 'sha256').hexdigest()[:32]}.parquet"
        made = weekly_parts(
            File(
                table=table,
                source=OURS + table,
                path=staged,
                relative=relative,
                earliest=None if seen else earliest,
                latest=None if seen else latest,
            ),
            time_zone=self.time_zone,
        )
        if seen:
            made = [replace(part, min_time=earliest, max_time=latest) for part in made]
        if [part.key for part in made] == [part.key for part in before]:
            staged.unlink()
            return [replace(part, path=old.path) for part, old in zip(made, before, strict=True)]
        self.stores.files.adopt(staged, relative)
        return made
