"""Transactions that read before they write, and so must see what others wrote."""

import sqlalchemy as sa


def in_turn(connection: sa.Connection, table: sa.Table) -> None:
    """Wait until no other transaction writes a table, and let none do so before this one ends; all may read.

    SQLite lets one transaction write at a time by itself. On PostgreSQL the isolation level `serializable`
    would do it too, for every transaction, by failing some: each caller would have to try again.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'lock table "{table.name}" in share row exclusive mode')
