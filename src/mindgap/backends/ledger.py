"""The Ledger port in SQL: sources and the parts they gave."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.store.state import Part, SourceRecord


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """Sources and parts in the state database.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def parts(self, table: str) -> Sequence[Part]:
        """The parts of a canonical table, in a fixed order."""
        t = schema.parts
        query = sa.select(t).where(t.c.table_name == table).order_by(t.c.source, t.c.key)
        with self.engine.connect() as connection:
            return [Part(**_from_row(row)) for row in connection.execute(query).mappings()]

    def sources(self) -> Sequence[SourceRecord]:
        """All sources, by name."""
        query = sa.select(schema.sources).order_by(schema.sources.c.name)
        with self.engine.connect() as connection:
            return [SourceRecord(**_from_row(row)) for row in connection.execute(query).mappings()]

    def replace(self, record: SourceRecord, parts: Iterable[Part]) -> None:
        """Make these parts all that a source has given, in one transaction."""
        rows = [_to_row(part) for part in parts]
        with self.engine.begin() as connection:
            connection.execute(sa.delete(schema.parts).where(schema.parts.c.source == record.name))
            connection.execute(sa.delete(schema.sources).where(schema.sources.c.name == record.name))
            connection.execute(sa.insert(schema.sources), _to_row(record))
            if rows:
                connection.execute(sa.insert(schema.parts), rows)


def _to_row(value: Part | SourceRecord) -> dict[str, Any]:
    row = asdict(value)
    row["table_name"] = row.pop("table")
    return row


def _from_row(row: Any) -> dict[str, Any]:
    values = dict(row)
    values["table"] = values.pop("table_name")
    return values
