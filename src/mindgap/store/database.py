"""The Database port: tables of somebody else's database, read in bounded memory and never changed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import pyarrow as pa

CursorValue = int | float | str | date | datetime
"""What a cursor column holds: a number that grows, a text that sorts, or a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is, without what opens it.

    Attributes:
        url: An SQLAlchemy URL without a password.
        password_env: Name of the environment variable that holds the password; empty without one.
    """

    url: str
    password_env: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Which rows are wanted.

    Attributes:
        table: The table, with its schema before a point where it has one; empty for a `select`.
        select: A query in the database's own words, in place of a table.
        cursor: The column by which rows are ordered and by which reading goes on; empty for all rows.
        since: Only rows at or after this value of the cursor column; None for all.
        key: A column that tells rows of one cursor value apart; rows are ordered by it, too.
        among: Only rows whose key is one of these; empty for any.
        limit: At most so many rows; None for all.
    """

    table: str = ""
    select: str = ""
    cursor: str = ""
    since: CursorValue | None = None
    key: str = ""
    among: Sequence[str] = ()
    limit: int | None = None


class Database(Protocol):
    """One database, opened for reading."""

    def tables(self, schema: str = "") -> Sequence[str]:
        """Names of the tables and views of a schema, the usual one by default."""
        ...

    def columns(self, rows: Rows, /) -> Sequence[str]:
        """Names of the columns that these rows have.

        Raises:
            SourceError: There is no such table, or the select is wrong.
        """
        ...

    def read(self, rows: Rows, /) -> Iterator[pa.RecordBatch]:
        """The rows, some thousands at a time, in the order of cursor and key.

        Raises:
            SourceError: They cannot be read; the message holds nothing of them, nor of the password.
        """
        ...


OpenDatabase = Callable[[Address], AbstractContextManager[Database]]
"""Opens a database; raises SourceError when it cannot be reached or refuses us."""
