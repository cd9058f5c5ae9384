"""The Engine port: turns a query over named tables into a table."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.kernel.errors import MindgapError
    from mindgap.kernel.large_models import LargeModels


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What an engine sees under a table's name.

    Attributes:
        rows: A small table in memory, in place of files.
        paths: Parquet files; none means an empty table of `schema`.
        schema: The columns where there are no files; None when there always are.
        time_column: With `before`: rows at or after that moment are invisible.
        before: The as-of time, naive UTC.
        withheld: Customers whose rows are invisible (they withdrew the purpose of this read).
        suppressed: People who are being forgotten, by column: rows that hold one of these texts in that
            column are invisible, whatever they are read for. A column that the table has not is passed over,
            a null is visible; of `sql` the result is cut. Usually empty, never long.
        allowed_for: Only rows whose column `purposes` names this purpose are visible; empty for all rows.
        since: With `time_column`: rows before that moment are invisible, naive UTC.
        sql: In place of rows and files: the query that gives the rows, over `inputs`.
        inputs: What that query sees, by name; its own `withheld` cuts the result once more.
    """

    rows: "pa.Table | None" = None
    paths: Sequence[Path] = ()
    schema: "pa.Schema | None" = None
    time_column: str | None = None
    before: datetime | None = None
    withheld: Sequence[str] = ()
    suppressed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allowed_for: str = ""
    since: datetime | None = None
    sql: str = ""
    inputs: Mapping[str, "Relation"] = field(default_factory=dict)


class Session(Protocol):
    """Tables bound to their names, ready for queries."""

    def bind(self, relations: Mapping[str, Relation]) -> None:
        """See these tables too; a name that was bound before means the new one from now on."""
        ...

    def hold(self, name: str, relation: Relation, *, rows: int) -> Relation:
        """Work a table out once, for as long as the session lasts.

        Args:
            name: Held under it before is let go.
            relation: The table.
            rows: How many it has at most, to see whether memory is the place for them.

        Returns:
            What stands for it in this session.
        """
        ...

    def table(self, sql: str, *, parameters: Mapping[str, object] | None = None) -> "pa.Table":
        """The result of a query as Arrow; `$name` in the query stands for a parameter."""
        ...

    def save(self, sql: str, path: Path) -> int:
        """Write the result of a query to one zstd Parquet file; returns its number of rows."""
        ...

    def save_days(self, sql: str, folder: Path) -> "Mapping[int, tuple[Path, int]]":
        """Write the result of a query to one zstd Parquet file for each value of its column `day`.

        Returns:
            By day: the file, which lies in `folder`, and its number of rows.
        """
        ...


@runtime_checkable
class LargeSession(Session, Protocol):
    """A session of an engine that also trains models where the data is."""

    @property
    def rows_in_memory(self) -> int:
        """How many rows an input may have at most to be read into memory for a model."""
        ...

    @property
    def models(self) -> "LargeModels":
        """What trains them."""
        ...


class Engine(Protocol):
    """An analytics engine."""

    @property
    def name(self) -> str:
        """The engine's name, as mindgap.toml writes it."""
        ...

    @property
    def rows_at_once(self) -> int:
        """How many rows of events one query should work on, roughly: more gain no speed, and take memory."""
        ...

    def side_by_side(self, wanted: int) -> "Sequence[Engine]":
        """Engines for work in parts that need nothing of each other.

        Args:
            wanted: How many parts there are, at least one.

        Returns:
            As many as should work at once, each of them with its share of threads and memory.
        """
        ...

    def session(self, relations: Mapping[str, Relation]) -> AbstractContextManager[Session]:
        """Open a session that sees these tables, and nothing else."""
        ...

    def missing(self) -> "Sequence[MindgapError]":
        """What keeps it from working here, each with what to do about it."""
        ...
