"""Kinds of columns that every state database keeps and refuses alike.

SQLite takes a text of any length, NUL and NaN in JSON, sorts by code points, and counts keys in 64 bits.
PostgreSQL refuses the first three, sorts as its locale does, and counts in 32 bits unless told otherwise.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from mindgap.kernel.errors import UsageError

NAME_LENGTH = 400
"""Of names and ids, in characters: with them an entry of PostgreSQL's indexes stays below 2.7 kB."""


class Words(TypeDecorator[str]):
    """Text, sorted by code points.

    Attributes:
        length: Characters that it may have; None where there is no limit.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Sorted alike everywhere; `C` needs no index to be built anew when the system's locales change."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sa.String(self.length, collation=collation))

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - its form
        """Refuse what some database would not keep."""
        if value is None:
            return None
        if self.length is not None and len(value) > self.length:
            raise UsageError(f"A text for the state is longer than {self.length} characters.")
        if not is_text(value):
            raise UsageError("A text for the state holds NUL or half a character.", hint="Take them out.")
        return value


def is_text(value: str) -> bool:
    """Whether every database keeps it: without NUL and half characters."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


class Json(TypeDecorator[Any]):
    """Plain values; a figure that is no number becomes null, as everywhere in JSON."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - its form
        """Keep only what JSON has."""
        return finite(value)


def finite(value: Any) -> Any:
    """A plain value with null in place of figures that are none."""
    match value:
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {key: finite(item) for key, item in value.items()}
        case list() | tuple():
            return [finite(item) for item in value]
        case _:
            return value


def counted_key() -> sa.Column[int]:
    """A key `id` that the database counts up, of 64 bits."""
    # SQLite counts up only INTEGER, which has 64 bits there
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, sa.Identity(), primary_key=True)
