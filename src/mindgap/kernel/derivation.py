"""What a derived table is: its name, grain, purpose, inputs, and the pure function that builds it.

A room offers a derived table by a module-level tuple ``DERIVATIONS`` (or an SQL file, see process/sql).
The loop finds them, orders them by their inputs, and builds what is out of date. A build sees its inputs
as they stood at its as-of time: canonical tables are cut there before the build can read them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mindgap.kernel.large_models import LargeBuild
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import ColumnType

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """An input table, as it stood some days before the as-of time.

    Attributes:
        table: The table's name.
        lag_days: How long before the as-of time; a lag is taken at the start of its week (clock.as_of_lag).
        optional: True when the build can do without it; it is then missing from the mapping.
        columns: The columns wanted; empty for all. Ask for few: wide reads cost memory.
        by_source: Of a canonical table: whether rows say where they come from, in two more columns: `source`,
            and `source_nth`, which counts sources in the order in which they were read last, from 1.
    """

    table: str
    lag_days: int = 0
    optional: bool = False
    columns: tuple[str, ...] = ()
    by_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The circumstances of one build, all of them arguments.

    Attributes:
        as_of: Nothing at or after this moment (naive UTC) may reach the build.
        workspace: The workspace's name, for the `data` column of evaluations.
        seed: For kernel.rng.generator.
        time_zone: IANA name; days and weeks begin at its midnight.
        currency: ISO 4217 code of every amount.
        margin_rate: Profit per unit of revenue (0-1); None when the business has not said.
        discount_rate: Yearly discount rate of future profit (0-1).
    """

    as_of: datetime
    workspace: str = "workspace"
    seed: int = 7
    time_zone: str = "UTC"
    currency: str = "EUR"
    margin_rate: float | None = None
    discount_rate: float = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModel:
    """A trained model to be kept in the Vault.

    Attributes:
        name: Its name.
        card: The model card: intended use, training data, as-of, evaluation, limits. JSON values only.
        arrays: Its parameters, by name.
        text: Parameters that are text, such as a boosted model's own dump.
    """

    name: str
    card: Mapping[str, Any]
    arrays: Mapping[str, "np.ndarray[Any, Any]"] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A build's result when it is more than a table."""

    table: "pa.Table"
    models: tuple[FittedModel, ...] = ()


class Build(Protocol):
    """Builds one derived table. Pure: the same inputs and moment give the same table.

    Raises CannotSay with a reason when the data does not allow it.
    """

    def __call__(self, tables: Mapping[str, "pa.Table"], moment: Moment, /) -> "pa.Table | Built":
        """Build the table from its inputs, keyed as in `Derivation.inputs`."""
        ...


Form = Literal["table", "view", "days"]
"""How a derived table is kept: as a file for each as-of time; not at all, being worked out wherever it is
read; or in pieces by local day, of which a new day adds one and a late row renews one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A derived table.

    Attributes:
        name: The table's name; unique in the project.
        grain: What one row is, in words.
        purpose: Why customer data is read for it; customers who withdrew it are left out of its inputs.
        inputs: Its inputs by the name under which the build sees them.
        build: The function that builds it; None when `sql` is given.
        sql: The query that builds it, in the common subset of the engines.
        large: Builds the same where the data is; taken in place of `build` when an input is too large for
            memory and the engine can.
        customer_level: Whether a row is about one customer (has `customer_id`).
        weight: How long it takes compared with the others, for the progress bar before it ever ran.
        form: How it is kept. Views and days are queries. A query of the form `days` gives a column `day`
            (local days since 1970-01-01) and reads nothing but that day's rows, so that the piece of a day
            never depends on another day; it sees `tile`, one row with `first_day`, `start_at` and `days`.
        shared: Of a view: worked out once for all tables that are kept by day and ask for it, of the days
            that are worked on together.
        columns: Types of its columns, as kernel.tables writes them. Needed only of a table that a build
            function makes and that queries may do without: they then see it empty.
    """

    name: str
    grain: str
    purpose: Purpose
    inputs: Mapping[str, At]
    build: Build | None = None
    sql: str = ""
    large: LargeBuild | None = None
    customer_level: bool = False
    weight: float = 1.0
    form: Form = "table"
    shared: bool = False
    columns: Mapping[str, ColumnType] = field(default_factory=dict)


def derivation(
    name: str, *, grain: str, purpose: Purpose, inputs: Mapping[str, At | str], **options: Any
) -> Callable[[Build], Derivation]:
    """Turn a build function into a Derivation; a plain string input means the table of that name, now."""
    resolved = {key: At(table=value) if isinstance(value, str) else value for key, value in inputs.items()}

    def decorate(build: Build) -> Derivation:
        return Derivation(name=name, grain=grain, purpose=purpose, inputs=resolved, build=build, **options)

    return decorate
