"""From the table `events` to the other canonical tables, as sources of their own: `events:orders`, ...

What imports brought in is authoritative: an order, customer or product that they have is left out here. Only
local days of which events changed are worked out; what many events tell together is made anew where something
changed (loop/keyed_rows.py). The result is the same as when all is worked out from the beginning, which
happens when the rules changed, or when a conversion was cut off.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from mindgap.collect.files.options import Note
from mindgap.loop.converted_files import OURS, ConvertedFiles, is_converted
from mindgap.loop.intake import intact
from mindgap.loop.keyed_rows import KeyedRows
from mindgap.loop.slots import daily
from mindgap.loop.told_days import PIECES, TABLES, ToldDays
from mindgap.store.reading import Stores
from mindgap.store.state import DayEntry, Part, SourceRecord

_KEYED = ("products", "customers", "orders")
_RULES = ("process/conversion", "collect/events/traits.py", "collect/files/synonyms.toml")
_LATEST = datetime(9000, 1, 1)
_UNFINISHED = "unfinished"
"""The mark of `events:orders`, which is written last, while the others are being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The circumstances of a conversion.

    Attributes:
        time_zone: IANA name; days and weeks begin at its midnight.
        currency: ISO 4217 code; amounts in others are not known.
        at: The present, naive UTC.
    """

    time_zone: str
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What there is before a conversion, and what it should come to.

    Attributes:
        records: What the last conversion came to, by table; empty where all must be made anew.
        entries: Its pieces.
        days: Every local day that has events: a fingerprint of what is made of it, and its events.
        imports: A mark of what imports have, by table.
        rules: A mark of the code and the settings.
    """

    records: Mapping[str, SourceRecord]
    entries: Sequence[DayEntry]
    days: Mapping[int, tuple[str, int]]
    imports: Mapping[str, str]
    rules: str

    @property
    def changed(self) -> set[int]:
        """Days that are to be worked out, or are no longer."""
        known = {(entry.day, entry.name, entry.fingerprint) for entry in self.entries}
        told = {(day, OURS + name, mark) for day, (mark, _) in self.days.items() for name in PIECES}
        return {day for day, _, _ in known ^ told}

    @property
    def imports_changed(self) -> set[str]:
        """Tables of which imports have other rows than before."""
        return {one.table for one in self.records.values() if one.stat != self.imports[one.table]}


def convert(stores: Stores, conversion: Conversion) -> tuple[SourceRecord, ...]:
    """Bring the canonical tables to what the events say; nothing happens when nothing changed."""
    events = stores.ledger.parts("events")
    if not events and not any(is_converted(record.name) for record in stores.ledger.sources()):
        return ()
    found = _find(stores, events, conversion)
    if found.records and not found.changed and not found.imports_changed:
        return ()
    with stores.files.staging() as staging:
        return _Work(stores=stores, conversion=conversion, found=found, staging=staging).run(events)


def _find(stores: Stores, events: Sequence[Part], conversion: Conversion) -> _Found:
    rules = _digest([conversion.time_zone, conversion.currency, *_rules()])
    marks = daily(events, _LATEST, conversion.time_zone)
    days = {day: (_digest([rules, mark]), rows) for day, (mark, rows) in marks.items()}
    imports = {table: _digest([rules, *_imported_keys(stores, table)]) for table in (*_KEYED, *TABLES)}
    records = {one.table: one for one in intact(stores).values() if is_converted(one.name)}
    entries = [entry for name in PIECES for entry in stores.manifest.days(OURS + name)]
    whole = (
        records.keys() == {*_KEYED, *TABLES}
        and all(record.stat != _UNFINISHED for record in records.values())
        and all(record.content.endswith(rules) for record in records.values())
        and all(stores.files.is_whole(entry.path) for entry in entries if entry.path)
    )
    if not whole:
        records, entries = {}, []
    return _Found(records=records, entries=entries, days=days, imports=imports, rules=rules)


def _rules() -> Iterator[str]:
    for rule in _RULES:
        file = resources.files("mindgap") / rule
        for one in sorted(file.iterdir(), key=lambda item: item.name) if file.is_dir() else [file]:
            if one.is_file():
                yield one.read_text("utf-8")


def _imported_keys(stores: Stores, table: str) -> list[str]:
    if table in TABLES:
        return []
    return sorted(part.key for part in stores.ledger.parts(table) if not is_converted(part.source))


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One conversion under way."""

    stores: Stores
    conversion: Conversion
    found: _Found
    staging: Path

    def run(self, events: Sequence[Part]) -> tuple[SourceRecord, ...]:
        """Fill the five tables; the orders come last, and until then say that this is not finished."""
        files = ConvertedFiles(
            stores=self.stores,
            time_zone=self.conversion.time_zone,
            staging=self.staging,
            fresh=not self.found.records,
        )
        told = ToldDays(files=files, events=events, currency=self.conversion.currency, days=self.found.days)
        changed = self.found.changed
        told.work_out(sorted(changed & self.found.days.keys()))
        rows = KeyedRows(
            files=files,
            before=[entry for entry in self.found.entries if entry.day in changed],
            now=told.entries,
            same=[entry for entry in self.found.entries if entry.day not in changed],
            imports_changed=self.found.imports_changed,
        )
        made = {table: [*files.outside(table, changed), *told.parts[table]] for table in TABLES}
        made |= {"products": rows.products(), "customers": rows.customers(), "orders": rows.orders()}
        return self._keep(made, rows)

    def _keep(self, made: Mapping[str, Sequence[Part]], rows: KeyedRows) -> tuple[SourceRecord, ...]:
        """Make it visible, each table whole; cut off in between, the next conversion begins anew."""
        ledger, manifest = self.stores.ledger, self.stores.manifest
        notes = [asdict(note) for note in _notes(rows)]
        if "orders" in self.found.records:
            unfinished = replace(self.found.records["orders"], stat=_UNFINISHED)
            ledger.replace(
                unfinished, [part for part in ledger.parts("orders") if part.source == unfinished.name]
            )
        records: list[SourceRecord] = []
        for table, parts in made.items():
            if table == "orders":
                there = {(entry.name, entry.day, entry.end_at) for entry in (*rows.same, *rows.now)}
                pieces = [entry for name in PIECES for entry in manifest.days(OURS + name)]
                manifest.forget_days(one for one in pieces if (one.name, one.day, one.end_at) not in there)
                manifest.keep_days(rows.now)
            records.append(self._record(table, parts, notes if table == "orders" else ()))
            ledger.replace(records[-1], parts)
        return tuple(records)

    def _record(self, table: str, parts: Sequence[Part], notes: Sequence[dict[str, Any]]) -> SourceRecord:
        rows = sum(part.rows for part in parts)
        return SourceRecord(
            name=OURS + table,
            table=table,
            content=f"{_digest(sorted(part.key for part in parts))}:{self.found.rules}",
            stat=self.found.imports[table],
            rows_read=rows,
            rows_used=rows,
            rows_quarantined=0,
            rows_duplicate=0,
            notes=notes,
            read_at=self.conversion.at,
        )


def _notes(rows: KeyedRows) -> Iterator[Note]:
    for code, orders in rows.order_notes().items():
        if orders:
            yield Note(code=f"process-{code.replace('_', '-')}", params={"orders": orders})
