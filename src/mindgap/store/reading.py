"""Reading with a purpose: the one door to customer data, where consent is asked and the read recorded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mindgap.kernel.clock import now
from mindgap.kernel.derivation import Derivation
from mindgap.kernel.errors import AccessError, CannotSay, UnknownError
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.kernel.tables import CANONICAL, EVENTS
from mindgap.store.accounts import Accounts
from mindgap.store.engine import Engine, Relation
from mindgap.store.files import Files
from mindgap.store.identity import Identity
from mindgap.store.keys import Keys
from mindgap.store.log import EventLog
from mindgap.store.schema import arrow_schema
from mindgap.store.state import Access, AccessRecord, Consent, Ledger, Manifest
from mindgap.store.streams import Streams
from mindgap.store.suppression import Suppression, by_column

if TYPE_CHECKING:
    import pyarrow as pa


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
    suppression: Suppression
    given: Mapping[str, Callable[[], "pa.Table"]] = field(default_factory=dict)

    lookups: Engine

@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads tables for a stated purpose.

    Attributes:
        stores: The workspace's ports.
        derivations: Every derived table by name, to know which are about single customers.
        actor: Who reads, for the record.
    """

    stores: Stores
    derivations: Mapping[str, Derivation]
    actor: str

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
            table = session.table(f"select {wanted} from {name}{where}", parameters=parameters)
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
        """What an engine may see of a table for this purpose at this as-of time."""
        if name in self.stores.given:
            return Relation(rows=self.stores.given[name]())
        customer_level = self.is_customer_level(name)
        withheld: Sequence[str] = ()
        if customer_level and purpose in WITHDRAWABLE:
            withheld = self.stores.consent.withdrawn(purpose)
        if name in CANONICAL:
            relation = self._canonical(name, as_of, withheld)
            relation = replace(relation, allowed_for=_needed(purpose)) if name == EVENTS.name else relation
        else:
            relation = self._derived(name, as_of, withheld)
        return replace(relation, suppressed=by_column(self.stores.suppression.names()))

    def _canonical(self, name: str, as_of: datetime, withheld: Sequence[str]) -> Relation:
        table = CANONICAL[name]
        parts = [p for p in self.stores.ledger.parts(name) if p.min_time is None or p.min_time < as_of]
        return Relation(
            paths=[self.stores.files.path(path) for path in dict.fromkeys(part.path for part in parts)],
            schema=arrow_schema(table),
            time_column=table.time_column,
            before=as_of if table.time_column else None,
            withheld=withheld,
        )

    def _derived(self, name: str, as_of: datetime, withheld: Sequence[str]) -> Relation:
        if name not in self.derivations:
            known = ", ".join(sorted([*CANONICAL, *self.derivations]))
            raise UnknownError(f"There is no table {name!r}.", hint=f"Tables: {known}.")
        entry = self.stores.manifest.entry(name, as_of)
        if entry is None:
            raise UnknownError(f"Table {name!r} has not been built yet.", hint="Run `mindgap run`.")
        if entry.reason:
            raise CannotSay(str(entry.reason["code"]), **entry.reason.get("params", {}))
        return Relation(paths=[self.stores.files.path(entry.path)], withheld=withheld)


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
