"""Rules from more baskets than memory holds: the same rules, from the same counts, counted where they are.

FP-growth gives the item sets with exact counts; the later weeks are counted batch by batch and added up.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mindgap.analyze.models.baskets import LEAST_BASKETS, MOST_ITEMS, held_weeks
from mindgap.analyze.models.eclat import Itemsets, bitsets, itemsets
from mindgap.analyze.models.rule_significance import LONGEST_SET
from mindgap.analyze.models.rule_table import (
    MOST_SETS,
    Confirmation,
    at_lowest_support,
    confirmation,
    joint_counts,
    rule_table,
)
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.large_models import LargeBuilt, LargeModels, Mapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]

_COUNTS = pa.schema([("rule", pa.int64()), ("of", pa.int64()), ("baskets", pa.int64())])


def large_rules(models: LargeModels, moment: Moment) -> LargeBuilt:
    """What the table `rules` is, worked out where the baskets are.

    Raises:
        CannotSay: Too few baskets, or no rule that holds beyond chance.
    """
    del moment
    lines = _lines(models)
    names = models.table(f"select name from ({lines.names}) as n order by item")["name"].to_pylist()
    held = _held(models, lines)
    earlier = f"select order_id as basket, item from ({lines.dated}) as d where week >= {held}"
    count = _number(models, f"select count(distinct basket) as n from ({earlier}) as e")
    sets = at_lowest_support(partial(_found, models, earlier, baskets=count), baskets=count)
    later = f"select order_id, item from ({lines.dated}) as d where week < {held}"
    seen = partial(_confirm, models, later, items=len(names))
    return LargeBuilt(table=rule_table(sets, names=names, confirm=seen))


@dataclass(frozen=True, slots=True)
class _Lines:
    """Queries of what was bought together, from one input.

    Attributes:
        table: The input.
        column: Its column of items.
    """

    table: str
    column: str

    @property
    def plain(self) -> str:
        """One row per order and item."""
        return f"""select order_id, {self.column} as name, week from {self.table}
            where order_id is not null and {self.column} is not null and week is not null"""

    @property
    def names(self) -> str:
        """The most bought items under numbers, in the order in which orders name them first."""
        return f"""
            select name, cast(row_number() over (order by first_order, name) - 1 as bigint) as item from (
            select name, count(*) as lines, min(order_id) as first_order from ({self.plain}) as p
            group by name order by lines desc, first_order, name limit {MOST_ITEMS}) as top"""

    @property
    def numbered(self) -> str:
        """One row per order and item number."""
        return f"""select p.order_id, p.name, p.week, n.item
            from ({self.plain}) as p join ({self.names}) as n on p.name = n.name"""

    @property
    def dated(self) -> str:
        """The same, each order with one week: that of its last name."""
        return f"""select l.order_id, l.item, w.week from ({self.numbered}) as l join (
            select order_id, max_by(week, name) as week from ({self.numbered}) as o group by order_id
        ) as w on l.order_id = w.order_id"""


def _lines(models: LargeModels) -> _Lines:
    """Lines of categories, or of products when no category is known."""
    for lines in (_Lines("baskets", "category"), _Lines("purchases", "product_id")):
        if _number(models, f"select count(*) as n from ({lines.plain}) as p"):
            return lines
    raise CannotSay("analyze-few-baskets", baskets=0, needed=LEAST_BASKETS)


def _held(models: LargeModels, lines: _Lines) -> int:
    """How many weeks are held out."""
    many = f"select order_id from ({lines.numbered}) as l group by order_id having count(*) > 1"
    baskets = _number(models, f"select count(*) as n from ({many}) as m")
    if baskets < LEAST_BASKETS:
        raise CannotSay("analyze-few-baskets", baskets=baskets, needed=LEAST_BASKETS)
    return held_weeks(_number(models, f"select max(week) as n from ({lines.dated}) as d") + 1)


def _number(models: LargeModels, sql: str) -> int:
    return int(models.table(sql)["n"][0].as_py() or 0)


def _found(models: LargeModels, earlier: str, least: int, *, baskets: int) -> Itemsets | None:
    table = models.frequent_sets(earlier, min_count=least, max_length=LONGEST_SET, most_sets=MOST_SETS)
    if table is None:
        return None
    return itemsets(_matrix(table["items"]), table["baskets"].to_numpy(), baskets=baskets)


def _matrix(lists: pa.ChunkedArray) -> "Indices":
    """Lists as the rows of a matrix, -1 behind short ones."""
    row, item = _flat(lists)
    start = np.searchsorted(row, np.arange(len(lists)))
    out = np.full((len(lists), LONGEST_SET), -1, dtype=np.int64)
    out[row, np.arange(len(row)) - start[row]] = item
    return out


def _flat(lists: pa.ChunkedArray) -> "tuple[Indices, Indices]":
    """Row and value of every entry."""
    values: Any = pa.chunked_array([lists.combine_chunks()]).chunk(0)
    lengths = np.diff(values.offsets.to_numpy())
    return np.repeat(np.arange(len(lists)), lengths), values.flatten().to_numpy().astype(np.int64)


def counted(baskets: pa.Table, *, rules: "tuple[Indices, ...]", items: int) -> pa.Table:
    """How many of some baskets hold antecedent (0), consequent (1) and both (2) of each rule."""
    row, item = _flat(baskets["items"])
    bits = bitsets(row, item, baskets=baskets.num_rows, items=items)
    counts = joint_counts(bits, rules[0], rules[1])
    of, rule = np.nonzero(counts)
    return pa.table({"rule": rule, "of": of, "baskets": counts[of, rule]})


def _confirm(models: LargeModels, later: str, *rules: "Indices", items: int) -> Confirmation:
    baskets = _number(models, f"select count(distinct order_id) as n from ({later}) as l")
    counts = np.zeros((3, len(rules[1])), dtype=np.int64)
    if baskets:
        count = partial(counted, rules=rules, items=items)
        sql = f"select array_agg(item) as items from ({later}) as l group by order_id"
        found = models.mapped(Mapped(sql=sql, function=count, schema=_COUNTS))
        np.add.at(counts, (found["of"].to_numpy(), found["rule"].to_numpy()), found["baskets"].to_numpy())
    return confirmation(counts, baskets=baskets)
