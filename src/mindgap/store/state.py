"""The State ports: the small facts that must survive a crash, each behind a narrow interface."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from mindgap.kernel.purposes import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of a canonical table that lie in one immutable Parquet file: those of one week, or all.

    Attributes:
        key: Its content, as a hash; the same rows read again give the same key.
        table: The canonical table.
        source: The source it was read from.
        path: The file, relative to the workspace's data folder; several parts may name the same.
        rows: Number of rows.
        min_time: Earliest time in it, naive UTC; None where rows carry no time.
        max_time: Latest time in it.
        arrived_at: When its latest row arrived, naive UTC; only of parts of `events`.
        slots: What lies in each quarter of an hour (loop/slots.py), whatever files it is cut into; only of
            parts of `events`.
    """

    key: str
    table: str
    source: str
    path: str
    rows: int
    min_time: datetime | None = None
    max_time: datetime | None = None
    arrived_at: datetime | None = None
    slots: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """What reading a source came to; read = used + quarantined + duplicates + suppressed.

    Attributes:
        name: The source's name.
        table: The canonical table it fills.
        content: Fingerprint of the file as it was read.
        stat: Size and modification time as it was read, to tell quickly that nothing is new.
        rows_read: Rows in the file.
        rows_used: Rows that became canonical.
        rows_quarantined: Rows set aside with a reason.
        rows_duplicate: Rows that were there already.
        rows_suppressed: Rows of people who are forgotten: left out when it was read, or taken out since.
        quarantine_path: Where the set-aside rows are, relative to the data folder; empty when none.
        reasons: Quarantined rows by reason.
        notes: What was understood or assumed, as message codes with figures.
        read_at: When it was read, naive UTC.
    """

    name: str
    table: str
    content: str
    stat: str
    rows_read: int
    rows_used: int
    rows_quarantined: int
    rows_duplicate: int
    rows_suppressed: int = 0
    quarantine_path: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[Mapping[str, Any]] = ()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfEntry:
    """One derived table as of one moment.

    Attributes:
        name: The table.
        as_of: Nothing later is in it, naive UTC.
        fingerprint: Of its inputs, code and settings; when it differs, the table is out of date.
        path: Relative to the data folder; empty when it cannot be said.
        rows: Number of rows.
        built_at: When, naive UTC.
        seconds: How long the build took.
        reason: Why it cannot be said, {"code", "params"}; empty when it can.
    """

    name: str
    as_of: datetime
    fingerprint: str
    path: str
    rows: int
    built_at: datetime
    seconds: float
    reason: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A trained model in the Vault.

    Attributes:
        name: Its name.
        as_of: Nothing later was seen in training.
        path: Its folder, relative to the data folder.
        card: The model card.
        built_at: When, naive UTC.
    """

    name: str
    as_of: datetime
    path: str
    card: Mapping[str, Any]
    built_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """The piece of a derived table of the form `days` that one local day gave.

    Attributes:
        name: The table.
        day: Local days since 1970-01-01.
        end_at: Rows at or after this moment (naive UTC) are not in it: the day's end, or an earlier as-of.
        fingerprint: Of the day's inputs and the code; when it differs, the piece is out of date.
        path: Relative to the data folder; empty when the day gave no row.
        rows: Number of rows.
    """

    name: str
    day: int
    end_at: datetime
    fingerprint: str
    path: str
    rows: int


def pieces_as_of(
    entries: Iterable[DayEntry], as_of: datetime, *, since: datetime | None = None
) -> list[DayEntry]:
    """The pieces that make a table up as of a moment: of each day the longest that ends by then.

    Args:
        entries: Pieces of one table.
        as_of: Nothing at or after this moment, naive UTC.
        since: Only of days that end after this moment.
    """
    longest: dict[int, DayEntry] = {}
    for entry in entries:
        if entry.end_at <= as_of and (since is None or entry.end_at > since):
            before = longest.get(entry.day)
            longest[entry.day] = entry if before is None or before.end_at < entry.end_at else before
    return [longest[day] for day in sorted(longest)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One recorded read of customer data.

    Attributes:
        at: When, naive UTC.
        actor: Who: a face (cli, python, loop) or an account.
        purpose: Why.
        table: What.
        rows: How many rows; None when a query was bound and not counted.
        single_customer: Whether one customer's rows were asked for.
    """

    at: datetime
    actor: str
    purpose: Purpose
    table: str
    rows: int | None = None
    single_customer: bool = False


class Ledger(Protocol):
    """The canonical tables' parts and the sources they came from."""

    def parts(self, table: str) -> Sequence[Part]:
        """The parts of a canonical table, in a fixed order."""
        ...

    def sources(self) -> Sequence[SourceRecord]:
        """All sources, by name."""
        ...

    def replace(self, record: SourceRecord, parts: Iterable[Part]) -> None:
        """Make these parts all that a source has given, in one transaction."""
        ...


class Manifest(Protocol):
    """Which derived tables and models are on the shelf; what it does not list does not exist."""

    def entry(self, name: str, as_of: datetime) -> ShelfEntry | None:
        """The table as of that very moment, or None."""
        ...

    def entries(self) -> Sequence[ShelfEntry]:
        """Everything on the shelf."""
        ...

    def keep(self, entry: ShelfEntry, models: Iterable[ModelEntry] = ()) -> None:
        """Put a table and its models on the shelf in one transaction, in place of what was there."""
        ...

    def forget(self, entry: ShelfEntry) -> None:
        """Take a table off the shelf."""
        ...

    def days(self, name: str | None = None) -> Sequence[DayEntry]:
        """The pieces of a table that is kept by day, or of all such tables, in a fixed order."""
        ...

    def keep_days(self, entries: Iterable[DayEntry]) -> None:
        """Name pieces in one transaction, each in place of what was there."""
        ...

    def forget_days(self, entries: Iterable[DayEntry]) -> None:
        """Name these pieces no longer, in one transaction."""
        ...

    def model(self, name: str, as_of: datetime) -> ModelEntry | None:
        """A model, or None."""
        ...

    def models(self) -> Sequence[ModelEntry]:
        """Every model in the vault."""
        ...

    def as_of(self) -> datetime | None:
        """The as-of time of the last complete run, or None before the first."""
        ...

    def complete(self, as_of: datetime) -> None:
        """Record that a run up to `as_of` is complete: from now on readers see it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a customer decided about a purpose.

    Attributes:
        customer_id: Who.
        purpose: About which purpose.
        granted: Whether it may be.
        at: When, naive UTC.
        source: Where it was said.
    """

    customer_id: str
    purpose: Purpose
    granted: bool
    at: datetime
    source: str


class Consent(Protocol):
    """Who withdrew which purpose."""

    def record(self, customer_id: str, purpose: Purpose, *, granted: bool, at: datetime, source: str) -> None:
        """Append a decision of a customer; the latest one counts."""
        ...

    def withdrawn(self, purpose: Purpose) -> Sequence[str]:
        """Customers who withdrew the purpose, sorted."""
        ...

    def of_customer(self, customer_id: str) -> Mapping[Purpose, bool]:
        """The purposes that this customer has decided on."""
        ...

    def record_all(self, decisions: Sequence[Decision]) -> None:
        """Append decisions, all of them or none."""
        ...

    def latest(self, customer_ids: Iterable[str]) -> Sequence[Decision]:
        """The decisions of these customers that count."""
        ...


class AccessRecord(Protocol):
    """Who read customer data and why."""

    def add(self, accesses: Iterable[Access]) -> None:
        """Append to the record."""
        ...

    def latest(self, limit: int) -> Sequence[Access]:
        """The latest reads, newest first."""
        ...
