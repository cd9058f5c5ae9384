"""One customer's rows of several tables, read together: a session for each would cost more than the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay
from mindgap.store.keys import opened_table
from mindgap.store.reading import Reader, require_person_purpose
from mindgap.store.state import Access
from mindgap.store.steady import steady

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.kernel.purposes import Purpose
    from mindgap.store.engine import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTables:
    """Reads of single customers as of one run.

    Attributes:
        reader: Says what may be seen.
        as_of: The as-of time of the run, naive UTC.
        purpose: Why it is read.
    """

    reader: Reader
    as_of: datetime
    purpose: "Purpose"

    @steady
    def read(self, names: Sequence[str], customer_id: str) -> "Mapping[str, pa.Table | CannotSay]":
        """The customer's rows by table, none where they withdrew the purpose; or why it cannot be said.

        Raises:
            AccessError: The purpose is one for which no single person's data may be shown.
            UnknownError: There is no such table, or it was not built yet.
        """
        purpose, stores = require_person_purpose(self.purpose), self.reader.stores
        relations: dict[str, Relation] = {}
        found: dict[str, pa.Table | CannotSay] = {}
        for name in names:
            try:
                relations[name] = self.reader.relation(name, purpose=purpose, as_of=self.as_of)
            except CannotSay as answer:
                found[name] = answer
        given = {"customer_id": customer_id}
        with stores.lookups.session(relations) as session:
            for name in relations:
                sql = f"select * from {name} where customer_id = $customer_id"
                found[name] = opened_table(name, session.table(sql, parameters=given), stores.keys)
        stores.access.add([self._entry(name, found[name]) for name in relations])
        return found

    def _entry(self, name: str, rows: "pa.Table | CannotSay") -> Access:
        return Access(
            at=now(),
            actor=self.reader.actor,
            purpose=self.purpose,
            table=name,
            rows=0 if isinstance(rows, CannotSay) else rows.num_rows,
            single_customer=True,
        )
