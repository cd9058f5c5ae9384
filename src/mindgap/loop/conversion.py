"""From the table `events` to the other canonical tables, as sources of their own: `events:orders`, ...

What imports brought in is authoritative: an order, customer or product that they have is left out here. All
is worked out anew from all events when any of them, an import, or the rules changed; weeks in which nothing
changed keep their keys (loop/weeks.py), so that tables as of earlier moments stay.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.collect.events.traits import attributes
from mindgap.collect.files.options import Note
from mindgap.kernel.clock import week_start
from mindgap.kernel.tables import CANONICAL
from mindgap.loop.intake import intact
from mindgap.loop.offered import derivations
from mindgap.loop.weeks import File, weekly_parts
from mindgap.process.conversion import canonical_query, meanings, query
from mindgap.store.engine import Relation
from mindgap.store.reading import Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Part, SourceRecord

Span = tuple[datetime | None, datetime | None]
"""The smallest and largest time; None without times."""
OURS = "events:"
"""What the names of these sources begin with."""
_TIMED = ("orders", "exposures", "feedback")
_UNTIMED = ("customers", "products")
_KEYS = {"orders": "order_id", "customers": "customer_id", "products": "product_id"}
_RULES = (
    "process/conversion",
    "process/sql/links.sql",
    "collect/events/traits.py",
    "collect/files/synonyms.toml",
)
_A_WEEK = timedelta(days=8)  # a week may be an hour longer than seven days


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The circumstances of a conversion.

    Attributes:
        time_zone: IANA name; weeks begin at its Monday midnight.
        currency: ISO 4217 code; amounts in others are not known.
        at: The present, naive UTC.
    """

    time_zone: str
    currency: str
    at: datetime


def is_converted(source: str) -> bool:
    """Whether a source of a canonical table is what events became."""
    return source.startswith(OURS)


def convert(stores: Stores, conversion: Conversion) -> tuple[SourceRecord, ...]:
    """Bring the canonical tables to what the events say; nothing happens when nothing changed."""
    events = stores.ledger.parts("events")
    known = {name: record for name, record in intact(stores).items() if is_converted(name)}
    if not events and not known:
        return ()
    mark = _mark(stores, events, conversion)
    if len(known) == len(_TIMED) + len(_UNTIMED) and all(record.stat == mark for record in known.values()):
        return ()
    with stores.files.staging() as staging:
        work = _Work(stores=stores, conversion=conversion, events=events, staging=staging, mark=mark)
        return work.run()


def _mark(stores: Stores, events: Sequence[Part], conversion: Conversion) -> str:
    """What a conversion depends on."""
    digest = hashlib.sha256(f"{conversion.time_zone} {conversion.currency}".encode())
    digest.update(" ".join(sorted(part.key for part in events)).encode())
    for table in _KEYS:
        keys = (part.key for part in stores.ledger.parts(table) if not is_converted(part.source))
        digest.update(" ".join(sorted(keys)).encode())
    for rule in _RULES:
        file = resources.files("mindgap") / rule
        inside = sorted(file.iterdir(), key=lambda item: item.name) if file.is_dir() else [file]
        for one in inside:
            digest.update(one.read_bytes() if one.is_file() else b"")
    return digest.hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One conversion under way."""

    stores: Stores
    conversion: Conversion
    events: Sequence[Part]
    staging: Path
    mark: str

    def run(self) -> tuple[SourceRecord, ...]:
        """Fill the five tables."""
        told = self._stages()
        made = [self._keep(table, self._timed(table, told)) for table in _TIMED]
        made.append(self._keep("products", self._by_week("products", self._products(told))))
        made.append(self._keep("customers", self._by_week("customers", self._customers(told))))
        return tuple(made)

    def _stages(self) -> dict[str, Relation]:
        """What the queries see; the results of the first ones lie in the staging folder."""
        paths = dict.fromkeys(self.stores.files.path(part.path) for part in self.events)
        seen = {
            "events": Relation(paths=list(paths), schema=arrow_schema(CANONICAL["events"])),
            "meanings": Relation(rows=meanings()),
            "setting": Relation(rows=pa.table({"currency": [self.conversion.currency]})),
            "weeks": Relation(rows=self._weeks()),
            **{f"imported_{table}": self._imported(table) for table in _KEYS},
        }
        links = derivations()["links"].sql
        for name, sql in (("links", links), ("told", query("told")), ("items", query("items"))):
            with self.stores.engine.session(seen) as session:
                session.save(sql, self.staging / f"{name}.parquet")
            seen[name] = Relation(paths=[self.staging / f"{name}.parquet"])
        return seen

    def _weeks(self) -> pa.Table:
        """Every local week in which there are events."""
        times = [time for part in self.events for time in (part.min_time, part.max_time) if time]
        starts: list[datetime] = []
        if times:
            start, latest = week_start(min(times), self.conversion.time_zone), max(times)
            while not starts or starts[-1] <= latest:
                starts.append(start)
                start = week_start(start + _A_WEEK, self.conversion.time_zone)
        moments = pa.array(starts, pa.timestamp("us"))
        return pa.table({"starts_at": moments[:-1], "ends_at": moments[1:]})

    def _imported(self, table: str) -> Relation:
        parts = [part for part in self.stores.ledger.parts(table) if not is_converted(part.source)]
        paths = dict.fromkeys(self.stores.files.path(part.path) for part in parts)
        return Relation(paths=list(paths), schema=arrow_schema(CANONICAL[table]))

    def _timed(self, table: str, told: Mapping[str, Relation]) -> list[Part]:
        staged = self.staging / f"{table}-canonical.parquet"
        with self.stores.engine.session(told) as session:
            rows = session.save(canonical_query(table), staged)
        if not rows:
            return []
        column = CANONICAL[table].time_column or ""
        moments = pq.read_table(staged, columns=[column])[column].to_numpy()
        return self._adopt(table, staged, times=_ends(moments))

    def _products(self, told: Mapping[str, Relation]) -> pa.Table:
        with self.stores.engine.session(told) as session:
            return session.table(canonical_query("products", also=("first_at",)))

    def _customers(self, told: Mapping[str, Relation]) -> pa.Table:
        with self.stores.engine.session(told) as session:
            said = session.table(query("traits"))
        rows = [row for row in _merged(said) if len(row) > len(("customer_id", "first_at"))]
        schema = arrow_schema(CANONICAL["customers"]).append(pa.field("first_at", pa.timestamp("us")))
        return pa.Table.from_pylist([{"row_id": _row_id(row), **row} for row in rows], schema=schema)

    def _by_week(self, table: str, rows: pa.Table) -> list[Part]:
        """A file for each local week in which something was first seen.

        These tables carry no time, so an earlier as-of time sees whole parts or none: those of weeks that
        begin after it. What is said of a thing later replaces what was said of it first.
        """
        parts: list[Part] = []
        first = rows["first_at"].to_numpy()
        edges = self._weeks()["starts_at"].to_numpy()
        week = np.searchsorted(edges, first, side="right")
        for place in np.unique(week):
            own = rows.filter(pa.array(week == place))
            staged = self.staging / f"{table}-{place}.parquet"
            self.stores.files.write_table(own.drop_columns(["first_at"]), staged)
            earliest, latest = _ends(first[week == place])
            kept = self._adopt(table, staged, times=(None, None))
            parts += [replace(part, min_time=earliest, max_time=latest) for part in kept]
        return parts

    def _adopt(self, table: str, staged: Path, *, times: Span) -> list[Part]:
        with staged.open("rb") as file:
            relative = f"ledger/{table}/{hashlib.file_digest(file, 'sha256').hexdigest()[:32]}.parquet"
        file_of_rows = File(
            table=table,
            source=OURS + table,
            path=staged,
            relative=relative,
            earliest=times[0],
            latest=times[1],
        )
        parts = weekly_parts(file_of_rows, time_zone=self.conversion.time_zone)
        self.stores.files.adopt(staged, relative)
        return parts

    def _keep(self, table: str, parts: Sequence[Part]) -> SourceRecord:
        rows = sum(part.rows for part in parts)
        record = SourceRecord(
            name=OURS + table,
            table=table,
            content=hashlib.sha256(" ".join(sorted(part.key for part in parts)).encode()).hexdigest()[:32],
            stat=self.mark,
            rows_read=rows,
            rows_used=rows,
            rows_quarantined=0,
            rows_duplicate=0,
            notes=[asdict(note) for note in self._notes(table)],
            read_at=self.conversion.at,
        )
        self.stores.ledger.replace(record, parts)
        return record

    def _notes(self, table: str) -> Iterator[Note]:
        if table != "orders":
            return
        told = Relation(paths=[self.staging / "told.parquet"])
        with self.stores.engine.session({"told": told, "imported": self._imported(table)}) as session:
            row = session.table(query("order_notes")).to_pylist()[0]
        for code in ("other_currency", "known_orders"):
            if row[code]:
                yield Note(code=f"process-{code.replace('_', '-')}", params={"orders": row[code]})


def _ends(moments: Any) -> Span:
    """The smallest and largest of some moments."""
    earliest, latest = np.array([moments.min(), moments.max()], "datetime64[us]").tolist()
    return earliest, latest


def _merged(said: pa.Table) -> Iterator[dict[str, Any]]:
    """One row a customer: of each attribute what was said last; rows come by customer, oldest first."""
    current: dict[str, Any] = {}
    for row in said.to_pylist():
        if row["customer_id"] != current.get("customer_id"):
            if current:
                yield _closed(current)
            current = {"customer_id": row["customer_id"], "first_at": row["first_at"], "traits": {}}
        found = attributes(row["traits"])
        current["first_at"] = min(current["first_at"], row["first_at"])
        current["traits"] |= found.pop("traits", {})
        current |= found
    if current:
        yield _closed(current)


def _closed(row: dict[str, Any]) -> dict[str, Any]:
    traits = row.pop("traits")
    return {**row, "traits": msgspec.json.encode(traits, order="sorted").decode()} if traits else row


def _row_id(row: Mapping[str, Any]) -> int:
    told = {name: value for name, value in row.items() if name != "first_at"}
    text = msgspec.json.encode(told, order="sorted")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1
