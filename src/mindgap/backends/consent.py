"""The Consent and AccessRecord ports in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.kernel.purposes import Purpose
from mindgap.store.state import Access, Decision

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SqlConsent:
    """Customers' decisions, appended; the latest one of a purpose counts.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def record(self, customer_id: str, purpose: Purpose, *, granted: bool, at: datetime, source: str) -> None:
        """Append a decision of a customer."""
        decision = Decision(customer_id=customer_id, purpose=purpose, granted=granted, at=at, source=source)
        self.record_all([decision])

    def record_all(self, decisions: Sequence[Decision]) -> None:
        """Append decisions, all of them or none."""
        rows = [asdict(decision) | {"purpose": decision.purpose.value} for decision in decisions]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(schema.consent), rows)

    def latest(self, customer_ids: Iterable[str]) -> Sequence[Decision]:
        """The decisions of these customers that count."""
        t = schema.consent
        wanted = sorted(set(customer_ids))
        found: dict[tuple[str, str], Decision] = {}
        with self.engine.connect() as connection:
            for first in range(0, len(wanted), _AT_ONCE):
                some = wanted[first : first + _AT_ONCE]
                query = sa.select(t).where(t.c.customer_id.in_(some)).order_by(t.c.id)
                for row in connection.execute(query):
                    found[row.customer_id, row.purpose] = _decision(row)
        return list(found.values())

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


def _decision(row: Any) -> Decision:
    return Decision(
        customer_id=row.customer_id,
        purpose=Purpose(row.purpose),
        granted=row.granted,
        at=row.at,
        source=row.source,
    )


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
