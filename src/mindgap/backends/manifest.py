"""The Manifest port in SQL: which derived tables and models there are."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from mindgap.backends import schema
from mindgap.kernel.clock import now
from mindgap.store.state import DayEntry, ModelEntry, ShelfEntry


@dataclass(frozen=True, slots=True)
class SqlManifest:
    """The shelf's and the vault's contents in the state database.

    Attributes:
        engine: The state database.
    """

    engine: sa.Engine

    def entry(self, name: str, as_of: datetime) -> ShelfEntry | None:
        """The table as of that very moment, or None."""
        t = schema.shelf
        with self.engine.connect() as connection:
            row = (
                connection.execute(sa.select(t).where(t.c.name == name, t.c.as_of == as_of))
                .mappings()
                .first()
            )
        return ShelfEntry(**row) if row else None

    def entries(self) -> Sequence[ShelfEntry]:
        """Everything on the shelf."""
        query = sa.select(schema.shelf).order_by(schema.shelf.c.name, schema.shelf.c.as_of)
        with self.engine.connect() as connection:
            return [ShelfEntry(**row) for row in connection.execute(query).mappings()]

    def keep(self, entry: ShelfEntry, models: Iterable[ModelEntry] = ()) -> None:
        """Put a table and its models on the shelf in one transaction."""
        with self.engine.begin() as connection:
            _replace(connection, schema.shelf, asdict(entry))
            for model in models:
                _replace(connection, schema.models, asdict(model))

    def forget(self, entry: ShelfEntry) -> None:
        """Take a table off the shelf."""
        t = schema.shelf
        with self.engine.begin() as connection:
            connection.execute(sa.delete(t).where(t.c.name == entry.name, t.c.as_of == entry.as_of))

    def days(self, name: str | None = None) -> Sequence[DayEntry]:
        """The pieces of a table that is kept by day, or of all such tables."""
        t = schema.days
        query = sa.select(t).order_by(t.c.name, t.c.day, t.c.end_at)
        if name is not None:
            query = query.where(t.c.name == name)
        with self.engine.connect() as connection:
            return [DayEntry(**row) for row in connection.execute(query).mappings()]

    def keep_days(self, entries: Iterable[DayEntry]) -> None:
        """Name pieces in one transaction, each in place of what was there."""
        rows = [asdict(entry) for entry in entries]
        with self.engine.begin() as connection:
            _drop_days(connection, rows)
            if rows:
                connection.execute(sa.insert(schema.days), rows)

    def forget_days(self, entries: Iterable[DayEntry]) -> None:
        """Name these pieces no longer, in one transaction."""
        with self.engine.begin() as connection:
            _drop_days(connection, [asdict(entry) for entry in entries])

    def model(self, name: str, as_of: datetime) -> ModelEntry | None:
        """A model, or None."""
        t = schema.models
        with self.engine.connect() as connection:
            row = (
                connection.execute(sa.select(t).where(t.c.name == name, t.c.as_of == as_of))
                .mappings()
                .first()
            )
        return ModelEntry(**row) if row else None

    def models(self) -> Sequence[ModelEntry]:
        """Every model in the vault."""
        query = sa.select(schema.models).order_by(schema.models.c.name, schema.models.c.as_of)
        with self.engine.connect() as connection:
            return [ModelEntry(**row) for row in connection.execute(query).mappings()]

    def as_of(self) -> datetime | None:
        """The as-of time of the last complete run."""
        query = sa.select(schema.runs.c.as_of).order_by(schema.runs.c.id.desc()).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def complete(self, as_of: datetime) -> None:
        """Record that a run is complete; models leave the vault but for those of this run and the last."""
        kept = [moment for moment in (as_of, self.as_of()) if moment is not None]
        with self.engine.begin() as connection:
            connection.execute(sa.insert(schema.runs), {"as_of": as_of, "completed_at": now()})
            connection.execute(sa.delete(schema.models).where(schema.models.c.as_of.not_in(kept)))


def _replace(connection: sa.Connection, table: sa.Table, row: dict[str, object]) -> None:
    same = [table.c.name == row["name"], table.c.as_of == row["as_of"]]
    connection.execute(sa.delete(table).where(*same))
    connection.execute(sa.insert(table), row)


def _drop_days(connection: sa.Connection, rows: list[dict[str, object]]) -> None:
    t = schema.days
    if rows:
        same = [t.c[name] == sa.bindparam(f"that_{name}") for name in ("name", "day", "end_at")]
        these = [{f"that_{name}": row[name] for name in ("name", "day", "end_at")} for row in rows]
        connection.execute(sa.delete(t).where(*same), these)
