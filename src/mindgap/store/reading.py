"""Reading with a purpose: the one door to customer data, where consent is asked and the read recorded."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from mindgap.kernel.clock import as_of_lag, now
from mindgap.kernel.derivation import At, Derivation
from mindgap.kernel.errors import AccessError, CannotSay, MindgapError, UnknownError
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.kernel.tables import CANONICAL, EVENTS
from mindgap.store.accounts import Accounts
from mindgap.store.audience import Disclosures
from mindgap.store.circumstances import Tile, moment_relation, tile_relation
from mindgap.store.engine import Engine, Relation
from mindgap.store.files import Files
from mindgap.store.identity import Identity
from mindgap.store.keys import Keys, opened_table
from mindgap.store.log import EventLog
from mindgap.store.parquet import ParquetCipher
from mindgap.store.persons import SAME_PERSON, ids_of_persons
from mindgap.store.provenance import by_source
from mindgap.store.schema import arrow_schema, columns_schema
from mindgap.store.state import (
    Access,
    AccessRecord,
    Consent,
    Ledger,
    Manifest,
    Part,
    ShelfEntry,
    pieces_as_of,
)
from mindgap.store.steady import steady
from mindgap.store.streams import Streams
from mindgap.store.suppression import Suppression, by_column

if TYPE_CHECKING:
    import pyarrow as pa

_MOMENT, _TILE = re.compile(r"\bmoment\b"), re.compile(r"\btile\b")
_NO_TILE = Tile(first_day=0, start_at=datetime(1970, 1, 1), days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The ports of one workspace, wired to their backends.

    `engine` does the work of runs; `lookups`, always the embedded one, answers single questions and keeps the
    lake. The lake has its own `Files`, because a compaction and a run work at the same time, each under its
    lock.

    Attributes:
        given: Small tables that builds take as inputs and that no source fills, by name: decisions of people,
            settings. They are the same at every as-of time; what they hold is in the fingerprints.
    """

    engine: Engine
    lookups: Engine
    files: Files
    lake: Files
    ledger: Ledger
    manifest: Manifest
    consent: Consent
    access: AccessRecord
    accounts: Accounts
    streams: Streams
    identity: Identity
    log: EventLog
    keys: Keys
    cipher: ParquetCipher
    suppression: Suppression
    disclosures: Disclosures
    given: Mapping[str, Callable[[], "pa.Table"]] = field(default_factory=dict)

    def named_files(self) -> Iterator[str]:
        """Every file that the state names, the lake's apart, relative to the data folder; some are empty."""
        for entry in (*self.manifest.entries(), *self.manifest.days(), *self.manifest.models()):
            yield entry.path
        for name in CANONICAL:
            yield from (part.path for part in self.ledger.parts(name))
        yield from (record.quarantine_path for record in self.ledger.sources())


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a read may see.

    Attributes:
        purpose: Why it is read.
        as_of: Nothing at or after this moment, naive UTC.
        tile: Only rows of these local days, from their pieces whether or not the whole table is there.
        withhold: Whether customers who withdrew the purpose are left out; pieces of days hold them, and are
            cut when they are read.
        by_day: Whether a table that is kept by day asks: only it sees views that ask for `tile`.
        held: What a session holds of shared views, by name and purpose.
    """

    purpose: Purpose
    as_of: datetime
    tile: Tile | None = None
    withhold: bool = True
    by_day: bool = False
    held: Mapping[tuple[str, Purpose], Relation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads tables for a stated purpose.

    Attributes:
        stores: The workspace's ports.
        derivations: Every derived table by name, to know which are about single customers.
        actor: Who reads, for the record.
        time_zone: IANA name; lags and days begin at its midnight.
    """

    stores: Stores
    derivations: Mapping[str, Derivation]
    actor: str
    time_zone: str

    @steady
    def read(
        self,
        name: str,
        *,
        purpose: Purpose,
        as_of: datetime,
        columns: Sequence[str] = (),
        customer_id: str | None = None,
    ) -> "pa.Table":
        """A table as it stood at `as_of`, without the rows of customers who withdrew the purpose.

        Raises:
            AccessError: A customer-level table is read for operations without naming the customer.
            CannotSay: The table could not be built, with the reason.
            UnknownError: No such table, or it was not built yet.
        """
        relation = self.relation(name, purpose=purpose, as_of=as_of)
        wanted = ", ".join(f'"{column}"' for column in columns) or "*"
        where, parameters = "", {}
        if customer_id is not None:
            where, parameters = " where customer_id = $customer_id", {"customer_id": customer_id}
        with self.stores.lookups.session({name: relation}) as session:
            sealed = session.table(f"select {wanted} from {name}{where}", parameters=parameters)
        table = opened_table(name, sealed, self.stores.keys)
        if self.is_customer_level(name):
            entry = Access(
                at=now(),
                actor=self.actor,
                purpose=purpose,
                table=name,
                rows=table.num_rows,
                single_customer=customer_id is not None,
            )
            self.stores.access.add([entry])
        return table

    def is_customer_level(self, name: str) -> bool:
        """Whether the table's rows are about single customers."""
        if name in CANONICAL:
            return any(column.name == "customer_id" for column in CANONICAL[name].columns)
        return name in self.derivations and self.derivations[name].customer_level

    def relation(self, name: str, *, purpose: Purpose, as_of: datetime) -> Relation:
        """What an engine may see of a table for this purpose at this as-of time.

        Raises:
            CannotSay: The table could not be built, or is worked out from one that could not.
            UnknownError: No such table, or it was not built yet.
        """
        return self.seen(name, Scope(purpose=purpose, as_of=as_of))

    def seen(self, name: str, scope: Scope) -> Relation:
        """What an engine may see of a table within a scope; errors as of `relation`."""
        if (name, scope.purpose) in scope.held:
            return scope.held[name, scope.purpose]
        if name in self.stores.given:
            return Relation(rows=self.stores.given[name]())
        if name in CANONICAL:
            relation = self._canonical(name, scope)
        else:
            relation = self._derived(self._known(name), scope)
        suppressed = by_column(self.stores.suppression.names())
        return replace(relation, withheld=self._withheld(name, scope), suppressed=suppressed)

    def input(self, item: Derivation, key: str, scope: Scope) -> Relation | None:
        """What a derived table may see of one of its inputs; None when it is optional and not there.

        A query sees a missing optional table as one without rows.

        Raises:
            CannotSay: An input that it needs is not there.
        """
        at = item.inputs[key]
        as_of = as_of_lag(scope.as_of, at.lag_days, self.time_zone)
        try:
            relation = self.seen(at.table, replace(scope, as_of=as_of))
            if at.table in CANONICAL and not relation.paths and scope.tile is None:
                raise self._missing(at.table, as_of)
        except CannotSay:
            if not at.optional:
                raise
            if not item.sql:
                return None
            relation = self.empty(at.table)
        return self._labelled(at, relation)

    def _labelled(self, at: At, relation: Relation) -> Relation:
        if not at.by_source:
            return relation
        return by_source(self.stores.ledger, self.stores.files, relation, table=at.table)

    def empty(self, name: str) -> Relation:
        """A table without rows: what its query gives of inputs without rows.

        Raises:
            MindgapError: A build function makes the table, and nothing says which columns it has.
        """
        if name in CANONICAL:
            return Relation(schema=arrow_schema(CANONICAL[name]))
        if name in self.stores.given:
            return Relation(rows=self.stores.given[name]().slice(0, 0))
        item = self._known(name)
        if not item.sql:
            if not item.columns:
                raise MindgapError(
                    f"Nothing says which columns {name!r} has, and a query may do without it.",
                    hint="Give its Derivation `columns`.",
                )
            return Relation(schema=columns_schema(item.columns))
        inputs = {key: self._labelled(at, self.empty(at.table)) for key, at in item.inputs.items()}
        beside = self._beside(item, _NO_TILE.start_at, tile=_NO_TILE)
        return Relation(sql=f"select * from ({item.sql}\n) as r where 1 = 0", inputs={**inputs, **beside})

    def _known(self, name: str) -> Derivation:
        if name not in self.derivations:
            known = ", ".join(sorted([*CANONICAL, *self.derivations]))
            raise UnknownError(f"There is no table {name!r}.", hint=f"Tables: {known}.")
        return self.derivations[name]

    def _withheld(self, name: str, scope: Scope) -> Sequence[str]:
        if not scope.withhold or scope.purpose not in WITHDRAWABLE or not self.is_customer_level(name):
            return ()
        return withdrawn(self.stores, scope.purpose, as_of=scope.as_of)

    def _canonical(self, name: str, scope: Scope) -> Relation:
        table = CANONICAL[name]
        since = scope.tile.start_at if scope.tile else None
        parts = [part for part in self.stores.ledger.parts(name) if _overlaps(part, scope.as_of, since)]
        return Relation(
            paths=[self.stores.files.path(path) for path in dict.fromkeys(part.path for part in parts)],
            schema=arrow_schema(table),
            time_column=table.time_column,
            before=scope.as_of if table.time_column else None,
            since=since if table.time_column else None,
            allowed_for=_needed(scope.purpose) if name == EVENTS.name else "",
        )

    def _missing(self, name: str, as_of: datetime) -> CannotSay:
        if self.stores.ledger.parts(name):
            return CannotSay("no-history", before=as_of.date().isoformat())
        return CannotSay(f"no-{name}")

    def _derived(self, item: Derivation, scope: Scope) -> Relation:
        match item.form:
            case "view":
                return self._view(item, scope)
            case "days":
                return self._days(item, scope)
            case "table":
                return Relation(paths=[self.stores.files.path(self._entry(item.name, scope.as_of).path)])
            case _:
                assert_never(item.form)

    def _view(self, item: Derivation, scope: Scope) -> Relation:
        if not scope.by_day and _TILE.search(item.sql):
            raise CannotSay("only-by-day", table=item.name)
        found = {key: self.input(item, key, scope) for key in item.inputs}
        inputs = {key: relation for key, relation in found.items() if relation is not None}
        return Relation(sql=item.sql, inputs={**inputs, **self._beside(item, scope.as_of, tile=scope.tile)})

    def _beside(self, item: Derivation, as_of: datetime, *, tile: Tile | None) -> dict[str, Relation]:
        """The small tables that this query asks for."""
        beside: dict[str, Relation] = {}
        if _MOMENT.search(item.sql):
            beside["moment"] = moment_relation(as_of, self.time_zone)
        if tile is not None and _TILE.search(item.sql):
            beside["tile"] = tile_relation(tile)
        return beside

    def _days(self, item: Derivation, scope: Scope) -> Relation:
        if not scope.by_day:  # tables that are kept by day are built together, and read each other's pieces
            self._entry(item.name, scope.as_of)
        pieces = pieces_as_of(
            self.stores.manifest.days(item.name),
            scope.as_of,
            since=scope.tile.start_at if scope.tile else None,
        )
        paths = [self.stores.files.path(piece.path) for piece in pieces if piece.path]
        return Relation(paths=paths) if paths else self.empty(item.name)

    def _entry(self, name: str, as_of: datetime) -> ShelfEntry:
        entry = self.stores.manifest.entry(name, as_of)
        if entry is None:
            raise UnknownError(f"Table {name!r} has not been built yet.", hint="Run `mindgap run`.")
        if entry.reason:
            raise CannotSay(str(entry.reason["code"]), **entry.reason.get("params", {}))
        return entry


def withdrawn(stores: Stores, purpose: Purpose, *, as_of: datetime | None = None) -> Sequence[str]:
    """Customers who withdrew a purpose, by all ids of theirs: who says no by one id says it by all.

    Consent is about now: ids that turned out to be one person's count together whatever moment is looked back
    to. So do those that were taken for one person's then: what was made of them then holds both.

    Args:
        stores: The workspace's ports.
        purpose: The purpose.
        as_of: The moment that is looked back to; None for none.
    """
    asked = stores.consent.withdrawn(purpose)
    if not asked:
        return asked
    known = _tables_of_persons(stores.manifest)
    moments = {as_of, stores.manifest.as_of(), max(known, default=None)}  # the last run may have looked back
    paths = [stores.files.path(path) for moment, path in known.items() if moment in moments]
    if not paths:
        return asked
    return sorted(ids_of_persons(stores.lookups, Relation(paths=paths), asked).customers)


@steady
def has_withdrawn(stores: Stores, customers: Collection[str], *purposes: Purpose) -> bool:
    """Whether a person withdrew one of these purposes, by any id of theirs.

    Args:
        stores: The workspace's ports.
        customers: Their ids by the last run.
        purposes: The purposes.
    """
    asked = {name for purpose in purposes for name in stores.consent.withdrawn(purpose)}
    if not asked or not asked.isdisjoint(customers):
        return bool(asked)
    known = _tables_of_persons(stores.manifest)
    latest = max(known, default=None)
    if latest is None or latest == stores.manifest.as_of():
        return False
    same_person = Relation(paths=[stores.files.path(known[latest])])
    return not asked.isdisjoint(ids_of_persons(stores.lookups, same_person, customers).customers)


def _tables_of_persons(manifest: Manifest) -> dict[datetime, str]:
    """Where it lies who is one person, by as-of time."""
    return {one.as_of: one.path for one in manifest.entries() if one.name == SAME_PERSON and one.path}


def _overlaps(part: Part, as_of: datetime, since: datetime | None) -> bool:
    if since is None:
        return part.min_time is None or part.min_time < as_of
    return (
        part.min_time is not None
        and part.min_time < as_of
        and (part.max_time is None or part.max_time >= since)
    )


def _needed(purpose: Purpose) -> str:
    """The purpose that an event must have been sent for; whoever asks for their own data sees all of it."""
    return "" if purpose is Purpose.PRIVACY else purpose.value


def require_person_purpose(purpose: Purpose) -> Purpose:
    """The purpose, where it is one for which a single person's data may be shown to somebody."""
    if purpose is Purpose.OPERATIONS:
        raise AccessError(
            "Showing one customer needs a purpose that the customer can refuse.",
            hint="Use purpose='service', 'personalization', 'marketing', 'analytics' or 'privacy'.",
        )
    return purpose
