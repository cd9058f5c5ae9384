"""A table of a database: the audience's rows are replaced in one transaction, so that who left is gone."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from mindgap.backends.database import connected
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.store.audience import Audience, Sent
from mindgap.store.database import Address

_NAME_LENGTH = 100
_ID_LENGTH = 200
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlTable:
    """A table of one or more audiences, told apart by its column `audience`.

    Attributes:
        address: The database.
        table: The table, with its schema before a point where it has one; made when it is not there.
    """

    address: Address
    table: str

    def send(self, audience: Audience, /) -> Sent:
        """Replace the audience's rows; see `mindgap.store.audience.Target`."""
        table = _described(self.table, audience.customers.schema)
        with connected(self.address) as connection:
            try:
                with connection.begin():
                    self._refuse_foreign(connection, table)
                    table.create(connection, checkfirst=True)
                    return _replace(connection, table, audience)
            except SQLAlchemyError as error:
                raise SourceError(
                    f"The audience was not written to {self.table}: {type(error).__name__}.",
                    hint="Check the rights of the user; nothing was changed.",
                ) from None

    def _refuse_foreign(self, connection: sa.Connection, table: sa.Table) -> None:
        """A table that is not one of ours must not lose its rows."""
        inspector = sa.inspect(connection)
        if not inspector.has_table(table.name, schema=table.schema):
            return
        there = {str(column["name"]) for column in inspector.get_columns(table.name, schema=table.schema)}
        wanted = set(table.columns.keys())
        if there != wanted:
            raise SettingsError(
                f"The table {self.table} has other columns than this audience.",
                hint=f"Name a new table, or one with exactly: {', '.join(sorted(wanted))}.",
            )


def _described(name: str, schema: pa.Schema) -> sa.Table:
    within, _point, plain = name.rpartition(".")
    columns = [
        sa.Column("audience", sa.String(_NAME_LENGTH), primary_key=True),
        sa.Column("as_of", sa.DateTime, nullable=False),
        *(_column(field) for field in schema),
    ]
    return sa.Table(plain, sa.MetaData(), *columns, schema=within or None)


def _column(field: pa.Field) -> sa.Column[Any]:
    if field.name == "customer_id":
        return sa.Column(field.name, sa.String(_ID_LENGTH), primary_key=True)
    kinds: tuple[tuple[bool, Any], ...] = (
        (pa.types.is_boolean(field.type), sa.Boolean),
        (pa.types.is_integer(field.type), sa.BigInteger),
        (pa.types.is_floating(field.type), sa.Float(53)),
        (pa.types.is_timestamp(field.type), sa.DateTime),
    )
    return sa.Column(field.name, next((kind for holds, kind in kinds if holds), sa.Text))


def _replace(connection: sa.Connection, table: sa.Table, audience: Audience) -> Sent:
    own = table.c.audience == audience.name
    before = set(connection.scalars(sa.select(table.c.customer_id).where(own)))
    connection.execute(sa.delete(table).where(own))
    batches = audience.customers.to_batches(max_chunksize=_ROWS_AT_ONCE)
    fixed = {"audience": audience.name, "as_of": audience.as_of}
    for batch in batches:
        connection.execute(sa.insert(table), [{**fixed, **row} for row in batch.to_pylist()])
    now = set(audience.customers["customer_id"].to_pylist())
    return Sent(customers=len(now), batches=len(batches), removed=len(before - now))
