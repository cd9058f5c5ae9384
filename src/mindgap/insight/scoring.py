"""What each forecast costs on held-out outcomes, customer by customer, in bits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mindgap.insight.cells import chunks
from mindgap.insight.learning import subsets
from mindgap.kernel.evaluation import bootstrap_means
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells, Matrix
    from mindgap.insight.forecast import Forecaster, Learned

#: Customers forecast at once.
CHUNK_ROWS = 2048
#: Customers are dealt into at most this many groups before the bootstrap, so that it stays quick.
MOST_GROUPS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Costs of forecasts on held-out outcomes.

    Attributes:
        sources: The sources, in order.
        sets: The sets of sources; the first is empty (the market forecast), the last has them all.
        customer: The customers with outcomes, ascending.
        n_outcomes: Their outcomes, shape (customers,).
        bits: Their cost under each set of sources, shape (customers, sets). The cost of the empty set is
            that of the market forecast itself.
        expected_bits: The advantage per outcome that the full forecast expected; shape (customers,).
        evidence: Lines known of each of them before the cut.
        by_week: Outcomes, market bits and remaining bits of each held-out week, first week first; shape
            (weeks, 3).
    """

    sources: tuple[str, ...]
    sets: "tuple[frozenset[str], ...]"
    customer: "NDArray[np.int64]"
    n_outcomes: "NDArray[np.float64]"
    bits: "NDArray[np.float64]"
    expected_bits: "NDArray[np.float64]"
    evidence: "NDArray[np.float64]"
    by_week: "NDArray[np.float64]"

    @property
    def market_bits(self) -> float:
        """H0: mean cost per outcome of the market forecast."""
        return float(self.bits[:, 0].sum() / self.n_outcomes.sum())

    @property
    def remaining_bits(self) -> float:
        """G: mean cost per outcome of the personal forecast from all sources."""
        return float(self.bits[:, -1].sum() / self.n_outcomes.sum())

    def resampled_bits(self, seed: int) -> "NDArray[np.float64]":
        """Mean cost of each set of sources under resamples of the customers; shape (resamples, sets)."""
        table = np.column_stack([self.bits, self.n_outcomes])
        if len(table) > MOST_GROUPS:
            dealt = generator(seed, "insight", "groups").permutation(len(table)) % MOST_GROUPS
            table = _by(dealt, table, MOST_GROUPS)
        draws = bootstrap_means(table, seed=seed, name="gap")
        return draws[:, :-1] / draws[:, -1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldOut:
    """Outcome cells of a chunk of customers; `row` counts from the chunk's first customer."""

    row: "NDArray[np.int64]"
    value: "NDArray[np.int64]"
    lines: "Matrix"
    week: "NDArray[np.int64]"


def score(cells: "Cells", learned: "Learned", now: "Forecaster") -> Scores:
    """Score the outcomes after the cut of customers with evidence before it.

    Customers first seen after the cut are left out: their forecast is the market's, and says nothing
    about what personal evidence is worth.
    """
    sources = tuple(dict.fromkeys(source for source in now.sources if source))
    sets = tuple(subsets(sources))
    weight = np.array([learned.weights[chosen] for chosen in sets]).T
    weight[:, 0] = np.eye(len(weight))[0]
    is_evidence = cells.age >= 0
    known = np.bincount(cells.customer[is_evidence], cells.count[is_evidence], cells.n_customers)
    evidence = known.astype(np.float64)
    n_weeks = -min(int(cells.age.min(initial=0)), 0)
    tables: list[NDArray[np.float64]] = []
    by_week = np.zeros((n_weeks, 3))
    for rows in chunks(cells.n_customers, CHUNK_ROWS):
        held_out = _held_out(cells, rows, evidence)
        parts = now.components(cells, rows)
        cost = _cost(parts, weight, held_out)
        expected = expected_advantage(parts, weight[:, -1], now.market.share)
        tables.append(np.column_stack([_by(held_out.row, cost, rows.stop - rows.start), expected]))
        by_week += _by(held_out.week, cost[:, [0, 1, -1]], n_weeks)
    table = np.concatenate(tables)
    some = np.flatnonzero(table[:, 0] > 0)
    return Scores(
        sources=sources,
        sets=sets,
        customer=some,
        n_outcomes=table[some, 0],
        bits=table[some, 1:-1],
        expected_bits=table[some, -1],
        evidence=evidence[some],
        by_week=by_week,
    )


def expected_advantage(
    parts: "Sequence[Matrix]", weight: "NDArray[np.float64]", market: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """Bits per outcome that each customer's forecast expects to win over the market: KL(q || q0)."""
    share = np.zeros(parts[0].shape, dtype=np.float32)
    for part, portion in zip(parts, weight, strict=True):
        if portion > 0:
            share += np.float32(portion) * part
    return np.einsum("cv,cv->c", share, np.log2(share / market.astype(np.float32))).astype(np.float64)


def _held_out(cells: "Cells", rows: slice, evidence: "NDArray[np.float64]") -> _HeldOut:
    part = slice(cells.start[rows.start], cells.start[rows.stop])
    chosen = np.flatnonzero((cells.age[part] < 0) & (evidence[cells.customer[part]] > 0)) + part.start
    return _HeldOut(
        row=cells.customer[chosen] - rows.start,
        value=cells.value[chosen],
        lines=cells.count[chosen],
        week=-1 - cells.age[chosen],
    )


def _cost(
    parts: "Sequence[Matrix]", weight: "NDArray[np.float64]", held_out: _HeldOut
) -> "NDArray[np.float64]":
    """Lines of each outcome cell, then its cost under each set of sources."""
    share = np.column_stack([part[held_out.row, held_out.value] for part in parts]) @ weight
    lines = held_out.lines.astype(np.float64)[:, None]
    return np.hstack([lines, -np.log2(share) * lines])


def _by(group: "NDArray[np.int64]", table: "NDArray[np.float64]", n_groups: int) -> "NDArray[np.float64]":
    return np.column_stack([np.bincount(group, column, n_groups) for column in table.T]).astype(np.float64)
