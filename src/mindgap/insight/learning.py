"""Learning the personal forecast from weeks before the cut only."""

from dataclasses import replace
from itertools import combinations
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from mindgap.insight.forecast import (
    STICKY_HALF_LIVES,
    Learned,
    choose_panel,
    drift,
    forecaster,
    pulled,
    within,
)
from mindgap.insight.market import best_half_life, market_forecast
from mindgap.insight.mixture import mixture_weights
from mindgap.insight.neighbours import HALF_LIFE_WEEKS, as_prior, gather_panel
from mindgap.insight.stickiness import GRID, free_lines, likelihood
from mindgap.insight.traits import STRENGTHS, pool
from mindgap.insight.world import FOLD_WEEKS
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells
    from mindgap.insight.world import World

    Weights = dict[frozenset[str], NDArray[np.float64]]

#: Customers to learn from, at most; a random sample beyond that.
SAMPLE_SIZE = 4000
#: Folds that teach how sticky each value is, and folds that choose the market's half-life.
STICKY_FOLDS = 3
MARKET_FOLDS = 8
#: Weeks of history before the cut without which nothing can be learned.
FEWEST_WEEKS = 2 * FOLD_WEEKS
#: Pulls to the market of the day that are tried.
PULLS = (0.0, 0.25, 0.5, 0.75, 1.0)


def learn(world: "World", rng: np.random.Generator) -> Learned:
    """Learn all weights from the evidence; entries after the cut are not looked at.

    The last fold before the cut teaches the mixture weights, with every component built from what was
    known before that fold. Then the components move on to the cut.

    Raises:
        CannotSay: The history is shorter than two folds.
    """
    if world.cells.oldest + 1 < FEWEST_WEEKS:
        raise CannotSay("insight-short-history", weeks=world.cells.oldest + 1, needed=FEWEST_WEEKS)
    if world.cells.n_customers > SAMPLE_SIZE:
        world = world.take(np.sort(rng.choice(world.cells.n_customers, SAMPLE_SIZE, replace=False)))
    half_life = best_half_life(world.cells, horizon=FOLD_WEEKS, folds=MARKET_FOLDS)
    tables = _stickiness_tables(world.cells, half_life, rng)
    strength = {source: _strength(world, source, half_life) for source in world.families}
    before = Learned(
        half_life_weeks=half_life, free=_free(tables[1:]), strength=strength, pull=0.0, weights={}
    )
    pull, weights = _weigh(world, before, rng)
    return replace(before, free=_free(tables[:STICKY_FOLDS]), pull=pull, weights=weights)


def subsets(sources: tuple[str, ...]) -> list[frozenset[str]]:
    """Every set of sources, the empty one first and the full one last."""
    return [frozenset(some) for size in range(len(sources) + 1) for some in combinations(sources, size)]


def outcome_cells(
    cells: "Cells", youngest: int, oldest: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]":
    """Customer, value and lines of what happened in weeks of age `youngest` to `oldest`."""
    chosen = (cells.age >= youngest) & (cells.age <= oldest)
    return cells.customer[chosen], cells.value[chosen], cells.count[chosen]


def _stickiness_tables(
    cells: "Cells", half_life: float, rng: np.random.Generator
) -> "list[NDArray[np.float64]]":
    """Likelihood tables, one per fold back in time; each of shape (sticky half-lives, GRID, values)."""
    rows = slice(0, cells.n_customers)
    tables: list[NDArray[np.float64]] = []
    for fold in range(STICKY_FOLDS + 1):
        age = (fold + 1) * FOLD_WEEKS
        if cells.oldest < age + FOLD_WEEKS - 1:
            break
        market = market_forecast(cells, age, half_life).share
        panel = gather_panel(cells, choose_panel(cells, age, rng), age=age, market=market)
        alike = panel.forecast(cells.decayed(rows, age, HALF_LIFE_WEEKS), rows)
        prior = as_prior(alike, panel.market)
        outcomes = cells.between(rows, age - FOLD_WEEKS, age - 1)
        tables.append(
            np.array(
                [likelihood(cells.decayed(rows, age, life), prior, outcomes) for life in STICKY_HALF_LIVES]
            )
        )
    return tables or [np.zeros((len(STICKY_HALF_LIVES), len(GRID), cells.n_values))]


def _free(tables: "list[NDArray[np.float64]]") -> "NDArray[np.float32]":
    """Free lines from several folds; the middle of the grid where there is none."""
    if not tables:
        return np.full((len(STICKY_HALF_LIVES), 1), GRID[len(GRID) // 2], dtype=np.float32)
    return np.array([free_lines(table) for table in np.sum(tables, axis=0)])


def _strength(world: "World", source: str, half_life: float) -> float:
    """The damping of a trait forecast under which the last fold was most likely."""
    customer, value, lines = outcome_cells(world.cells, 0, FOLD_WEEKS - 1)
    market = market_forecast(world.cells, FOLD_WEEKS, half_life).share
    traits = world.families[source][FOLD_WEEKS]
    pooled = pool(traits, world.cells, age=FOLD_WEEKS, market=market, strength=0.0)
    gains = []
    for strength in STRENGTHS:
        share = replace(pooled, strength=strength).forecast(slice(0, world.cells.n_customers))
        gains.append(float(lines @ np.log(share[customer, value])))
    return STRENGTHS[int(np.argmax(gains))]


def _weigh(world: "World", before: Learned, rng: np.random.Generator) -> "tuple[float, Weights]":
    """The pull to the market of the day and the mixture weights, from the last fold before the cut.

    The pull is the one under which the fold was most likely, with weights fitted to each.
    """
    then = forecaster(world, before, age=FOLD_WEEKS, rng=rng)
    lagging = then.lagging(world.cells, slice(0, world.cells.n_customers))
    ratio = drift(world.cells, then, lagging)
    customer, value, lines = outcome_cells(world.cells, 0, FOLD_WEEKS - 1)
    tried: list[tuple[float, float, NDArray[np.float64]]] = []
    for pull in PULLS:
        parts = pulled(lagging, ratio ** np.float32(pull))
        table = np.column_stack([part[customer, value] for part in parts]).astype(np.float64)
        full = mixture_weights(table, lines)
        tried.append((float(lines @ np.log(table @ full)), pull, table))
    _, pull, table = max(tried, key=itemgetter(0))
    weights: Weights = {}
    for chosen in subsets(tuple(dict.fromkeys(source for source in then.sources if source))):
        used = within(then.sources, chosen)
        weight = np.zeros(len(used))
        weight[used] = mixture_weights(table[:, used], lines)
        weights[chosen] = weight
    return pull, weights
