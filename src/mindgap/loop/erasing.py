"""Erasing people from what arrived: the lake, messages set aside, and tables that imports and events filled.

Every step can be done again: it looks for rows of the people and rewrites the files that hold any, all of a
step becoming visible in one commit. What was cut off before it has changed nothing; what nothing names any
more is deleted at the end (`Files.purge`), at once. Whoever holds such a file open reads it to its end.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

import pyarrow as pa

from mindgap.collect.events.door import head
from mindgap.collect.events.strict import Fault
from mindgap.kernel.tables import CANONICAL, EVENTS
from mindgap.loop.intake import digest
from mindgap.loop.losing import Cut, losses, losses_by, side_by_side, theirs, without
from mindgap.loop.quarantine import rows_set_aside, write_quarantine
from mindgap.loop.slots import slots_of
from mindgap.loop.sorting import SetAside
from mindgap.loop.weeks import File, weekly_parts
from mindgap.store.log import Entry
from mindgap.store.reading import Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Part, SourceRecord
from mindgap.store.streams import Compaction, Tally
from mindgap.store.suppression import Name, by_column

_LONG_AGO = datetime(1970, 1, 1)
_SOURCE_AND_DAY = "concat(source, ' ', cast(cast(occurred_at as date) as varchar))"
LEAST_LETTERS = 6
"""An id shorter than this may stand in a message for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """People who are being erased, and where from.

    Attributes:
        stores: The workspace's ports; whoever erases holds the locks of the lake and of the workspace.
        names: All ids of all of them.
        time_zone: IANA name; weeks of tables begin at its Monday midnight.
        id_columns: Columns of sources that the owner said hold ids of people.
        own: The names, by the request that put them on the list.
        removed: Rows that were taken out in this step, by request.
    """

    stores: Stores
    names: Collection[Name]
    time_zone: str
    id_columns: Collection[str] = ()
    own: Mapping[str, Collection[Name]] = field(default_factory=dict)
    removed: Counter[str] = field(default_factory=Counter)

    @property
    def cut(self) -> Cut:
        """Whose rows go, by column."""
        return by_column(self.names)

    @property
    def texts(self) -> frozenset[str]:
        """Their ids, whatever kind they are."""
        return texts_of(self.names)

    def tell(self, count: Callable[[Collection[Name]], int]) -> None:
        """Keep for each request how much of what was taken out was its own."""
        for request, names in self.own.items():
            self.removed[request] += count(names)

    def tell_rows(self, gone: pa.Table) -> None:
        """Keep for each request how many of these rows were its own."""
        if gone.num_rows:
            self.tell(lambda names: int(theirs(gone, by_column(names)).sum()))


def texts_of(names: Collection[Name]) -> frozenset[str]:
    """The ids among names, whatever kind they are."""
    return frozenset(name.text for name in names if name.kind != "identifier")


def erase_events(work: Erasing) -> int:
    """Take their events out of the lake; returns how many."""
    stores = work.stores
    parts = _parts_with(work, stores.streams.snapshot()[0])
    made = side_by_side(lambda part: _smaller(work, part), parts)
    tallies: dict[str, Tally] = {}
    for part, (_left, gone) in zip(parts, made, strict=True):
        work.tell_rows(gone)
        lost = Tally(stored=-gone.num_rows, suppressed=gone.num_rows)
        tallies[part.source] = tallies.get(part.source, Tally()) + lost
    removed = [part.path for part, (_left, gone) in zip(parts, made, strict=True) if gone.num_rows]
    if removed:
        known = {record.source for record in stores.streams.records()}
        counted = {source: tally for source, tally in tallies.items() if source in known}
        added = [part for left, _gone in made for part in left]
        stores.streams.commit(Compaction(added=added, removed=removed, tallies=counted))
    return sum(gone.num_rows for _left, gone in made)


def _parts_with(work: Erasing, parts: Sequence[Part]) -> list[Part]:
    """Parts of the sources and days in which they did anything; one look through all of the lake."""
    paths = [work.stores.lake.path(path) for path in dict.fromkeys(part.path for part in parts)]
    found = losses_by(work.stores, paths, work.cut, by=_SOURCE_AND_DAY, schema=arrow_schema(EVENTS))
    return [part for part in parts if any(_holds(part, *what.rsplit(" ", 1)) for what in found)]


def _holds(part: Part, source: str, day: str) -> bool:
    if part.min_time is None or part.max_time is None:
        return True
    return part.source == source and f"{part.min_time:%Y-%m-%d}" <= day <= f"{part.max_time:%Y-%m-%d}"


def _smaller(work: Erasing, part: Part) -> tuple[list[Part], pa.Table]:
    """A part of the lake without their rows, none when it held nothing else; and which went."""
    lake = work.stores.lake
    with lake.staging() as staging:
        staged = staging / "part.parquet"
        left, gone = without(work.stores, lake.path(part.path), work.cut, staged=staged)
        if not gone.num_rows or not left.num_rows:
            return [], gone
        key = digest(staged)
        path = f"lake/{part.min_time or _LONG_AGO:%Y-%m-%d}/{key}.parquet"
        slots = None if part.slots is None else slots_of(left["occurred_at"], left["row_id"])
        lake.adopt(staged, path)
    return [replace(part, key=key, path=path, rows=left.num_rows, slots=slots)], gone


def erase_set_aside(work: Erasing) -> int:
    """Take their messages out of what is set aside; returns how many."""
    stores, total = work.stores, 0
    for part in stores.streams.quarantine():
        rows = list(rows_set_aside(stores, part))
        said = [row["message"] + row["context"] for row in rows]
        kept = [row for row, one in zip(rows, said, strict=True) if not _names_them(one, work.texts)]
        gone = Counter(row["reason"] for row in rows) - Counter(row["reason"] for row in kept)
        lost = len(rows) - len(kept)
        if lost:
            total += lost
            work.tell(lambda names, said=said: sum(_names_them(one, texts_of(names)) for one in said))
            anew = [_as_set_aside(row) for row in kept]
            tally = Tally(quarantined=-lost, suppressed=lost)
            stores.streams.commit(
                Compaction(
                    quarantined=write_quarantine(stores, anew, at=part.set_aside_at),
                    replayed=[part.path],
                    tallies={part.source: tally},
                    reasons={part.source: {reason: -count for reason, count in gone.items()}},
                )
            )
    return total


def _names_them(message: bytes, texts: Collection[str]) -> bool:
    """Whether a message is theirs, or holds one of their ids anywhere."""
    seen = head(message)
    ids = {str(one) for one in (seen.user_id, seen.anonymous_id, seen.previous_id)}
    return bool(ids & set(texts)) or any(
        len(text) >= LEAST_LETTERS and text.encode() in message for text in texts
    )


def _as_set_aside(row: Mapping[str, object]) -> SetAside:
    said = {name: row[name] for name in ("source", "received_at", "sent_at", "context", "opted_out")}
    entry = Entry(messages=(), **said)  # pyright: ignore[reportArgumentType] - as write_quarantine wrote it
    return SetAside(Fault(str(row["reason"]), str(row["place"] or "")), entry, row["message"])  # pyright: ignore[reportArgumentType]


def erase_from_tables(work: Erasing) -> Mapping[str, int]:
    """Take their rows out of canonical tables; returns how many by source, where there were any."""
    ledger, total = work.stores.ledger, Counter[str]()
    for record in ledger.sources():
        if record.table == EVENTS.name:
            continue
        parts = [part for part in ledger.parts(record.table) if part.source == record.name]
        files = {part.path: work.stores.files.path(part.path) for part in parts}
        lost = losses(work.stores, files, work.cut)
        if lost:
            made = [part for part in parts if part.path not in lost]
            for path in lost:
                made += _smaller_table(work, [part for part in parts if part.path == path])
            ledger.replace(_lessened(record, made, sum(lost.values())), made)
            total[record.name] += sum(lost.values())
    return dict(total)


def _smaller_table(work: Erasing, parts: Sequence[Part]) -> list[Part]:
    """The parts of one file, without their rows; weeks that lose none keep their keys."""
    old, files = parts[0], work.stores.files
    with files.staging() as staging:
        staged = staging / "part.parquet"
        left, gone = without(work.stores, files.path(old.path), work.cut, staged=staged)
        work.tell_rows(gone)
        if not left.num_rows:
            return []
        key = digest(staged)
        times = [time for part in parts for time in (part.min_time, part.max_time) if time is not None]
        is_timed = bool(CANONICAL[old.table].time_column)
        file = File(
            table=old.table,
            source=old.source,
            path=staged,
            relative=f"ledger/{old.table}/{key}.parquet",
            earliest=min(times) if times and is_timed else None,
            latest=max(times) if times and is_timed else None,
        )
        made = weekly_parts(file, time_zone=work.time_zone)
        files.adopt(staged, file.relative)
    # a table without times may still say of a part when its rows were first seen
    return (
        made if is_timed else [replace(part, min_time=old.min_time, max_time=old.max_time) for part in made]
    )


def _lessened(record: SourceRecord, parts: Sequence[Part], lost: int) -> SourceRecord:
    keys = " ".join(sorted(part.key for part in parts))
    _before, mark, understood = record.content.partition(":")
    return replace(
        record,
        content=f"{sha256(keys.encode()).hexdigest()[:32]}{mark}{understood}",
        rows_used=record.rows_used - lost,
        rows_suppressed=record.rows_suppressed + lost,
    )
