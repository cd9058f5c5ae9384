"""What a build may ask of an engine that trains on more data than memory holds.

Queries and functions go to the data; only what is small comes back: centres, item sets, counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from mindgap.kernel.derivation import FittedModel, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """The rows of a query as a function makes them, some at a time.

    Attributes:
        sql: The query.
        function: Makes rows of rows. It runs wherever the data is, so it is picklable: a function of a module
            of ours, or a `functools.partial` of one. It is given any number of rows in any order, hence what
            it says of a row follows from that row alone (or what it gives is added up afterwards).
        schema: Names and types of what it gives.
    """

    sql: str
    function: "Callable[[pa.Table], pa.Table]"
    schema: "pa.Schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """k-means centres of all rows.

    Attributes:
        centers: Shape (groups, columns).
        rows: Number of rows of each group.
        totals: Sum of the totalled column in each group.
        inertia: Sum of the squared distances to the own centre.
    """

    centers: "NDArray[np.float64]"
    rows: "NDArray[np.int64]"
    totals: "NDArray[np.float64]"
    inertia: float


class LargeModels(Protocol):
    """Trains and scores where the data is; queries see the same tables as the engine's session."""

    def table(self, sql: str) -> "pa.Table":
        """The small result of a query."""
        ...

    def mapped(self, rows: Mapped) -> "pa.Table":
        """The small result of a function over the rows of a query."""
        ...

    def map_batches(self, rows: Mapped, path: "Path") -> int:
        """Write what a function makes of the rows of a query to one Parquet file; returns its rows."""
        ...

    def cluster(
        self, rows: Mapped, columns: Sequence[str], *, groups: int, seed: int, total: str
    ) -> Clusters:
        """k-means over all rows, the best of some starts.

        Args:
            rows: Has `columns`, on comparable scales and without nulls, and `total`.
            columns: What groups are formed by.
            groups: How many.
            seed: Of the starts.
            total: A column to add up in each group.
        """
        ...

    def frequent_sets(
        self, sql: str, *, min_count: int, max_length: int, most_sets: int
    ) -> "pa.Table | None":
        """All sets of items in at least so many baskets, counted exactly.

        Args:
            sql: One row for each basket and item, columns `basket` and `item` (bigint); repeats count once.
            min_count: Fewest baskets.
            max_length: Most items in a set.
            most_sets: Give up beyond so many.

        Returns:
            Columns `items` (list of int64) and `baskets` (int64), in no order; None when there are more.
        """
        ...

    def factors(
        self, sql: str, *, rank: int, rounds: int, shrinkage: float, seed: int
    ) -> "NDArray[np.float64]":
        """Factors of items from implicit feedback (Hu, Koren and Volinsky 2008), shape (items, rank).

        Args:
            sql: One row for each user and item: `user` (string), `item` (bigint, every number from 0 on, not
                many) and `weight` (double, above 0): how much surer than of any other it is that the user
                likes the item.
            rank: Number of factors.
            rounds: How often the factors of items and of users are worked out in turn.
            shrinkage: How much factors are held small, for each item of a user, and each user of an item.
            seed: Of the start.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeBuilt:
    """A large build's result.

    Attributes:
        table: The table, or what the engine shall make it of.
        models: Models for the Vault.
    """

    table: "pa.Table | Mapped"
    models: "tuple[FittedModel, ...]" = ()


class LargeBuild(Protocol):
    """Builds one derived table without its inputs ever being in memory.

    Raises CannotSay with a reason when the data does not allow it.
    """

    def __call__(self, models: LargeModels, moment: "Moment", /) -> LargeBuilt:
        """Build the table; queries see its inputs under the names in `Derivation.inputs`."""
        ...
