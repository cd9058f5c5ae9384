"""The Consent and AccessRecord ports in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.kernel.purposes import Purpose
from mindgap.store.state import Access


@dataclass(frozen=True, slots=True)
class SqlConsent:
    """Customers' decisions, appended; the latest one of a purpose counts.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def record(self, customer_id: str, purpose: Purpose, *, granted: bool, at: datetime, source: str) -> None:
        """Append a decision of a customer."""
        row = {
            "customer_id": customer_id,
            "purpose": purpose.value,
            "granted": granted,
            "at": at,
            "source": source,
        }
        with self.engine.begin() as connection:
            connection.execute(sa.insert(schema.consent), row)

    def withdrawn(self, purpose: Purpose) -> Sequence[str]:
        """Customers who withdrew the purpose, sorted."""
        t = schema.consent
        latest = sa.select(sa.func.max(t.c.id)).where(t.c.purpose == purpose.value).group_by(t.c.customer_id)
        query = sa.select(t.c.customer_id).where(t.c.id.in_(latest), t.c.granted.is_(False))
        with self.engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def of_customer(self, customer_id: str) -> Mapping[Purpose, bool]:
        """The purposes that this customer has decided on."""
        t = schema.consent
        query = sa.select(t.c.purpose, t.c.granted).where(t.c.customer_id == customer_id).order_by(t.c.id)
        with self.engine.connect() as connection:
            return {Purpose(row.purpose): row.granted for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class SqlAccessRecord:
    """Recorded reads of customer data.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def add(self, accesses: Iterable[Access]) -> None:
        """Append to the record."""
        rows = [_to_row(access) for access in accesses]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(schema.access), rows)

    def latest(self, limit: int) -> Sequence[Access]:
        """The latest reads, newest first."""
        query = sa.select(schema.access).order_by(schema.access.c.id.desc()).limit(limit)
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [
            Access(
                at=row["at"],
                actor=row["actor"],
                purpose=Purpose(row["purpose"]),
                table=row["table_name"],
                rows=row["rows"],
                single_customer=row["single_customer"],
            )
            for row in rows
        ]


def _to_row(access: Access) -> dict[str, object]:
    row = asdict(access)
    row["table_name"] = row.pop("table")
    row["purpose"] = access.purpose.value
    return row
