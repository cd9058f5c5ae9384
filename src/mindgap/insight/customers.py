"""The information gap of each customer: the table `customer_gap`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mindgap.insight.cells import chunks
from mindgap.insight.difference import best_free_lines, divergence, null_threshold
from mindgap.insight.evidence import read_world
from mindgap.insight.forecast import PURCHASES as PURCHASES_SOURCE
from mindgap.insight.forecast import Forecaster, forecaster
from mindgap.insight.gap import CUSTOMERS, EXPOSURES, PURCHASES
from mindgap.insight.keeping import unpack
from mindgap.insight.learning import SAMPLE_SIZE
from mindgap.insight.market import popularity
from mindgap.insight.outcomes import read_lines
from mindgap.insight.scoring import CHUNK_ROWS, expected_advantage
from mindgap.insight.world import World
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells
    from mindgap.insight.outcomes import Lines

#: Terms kept per customer.
MOST_TERMS = 8
#: The well-known customers of a kind are those above this quantile of evidence, at least so many.
WELL_KNOWN_QUANTILE = 0.75
FEWEST_WELL_KNOWN = 10

SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("n_outcomes", pa.int64()),
        ("difference_bits", pa.float64()),
        ("significant", pa.bool_()),
        ("advantage_bits", pa.float64()),
        ("reducible_bits", pa.float64()),
        ("terms", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """Figures on how customers differ from the market over the same weeks, one entry per customer."""

    lines: "NDArray[np.float64]"
    bits: "NDArray[np.float64]"
    significant: "NDArray[np.bool_]"
    terms: list[str]


@derivation(
    "customer_gap",
    grain="one row per customer with a purchase: difference from the market, and what is left to learn",
    purpose=Purpose.ANALYTICS,
    inputs={
        "purchases": PURCHASES,
        "customers": CUSTOMERS,
        "exposures": EXPOSURES,
        "gap": At(table="gap", optional=True, columns=("calibration", "model")),
        "segments": At(table="segments", optional=True, columns=("customer_id", "segment")),
    },
    customer_level=True,
    weight=3.0,
)
def customer_gap(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Measure every customer on all that is known at the as-of time.

    Differences need purchases only. The expected advantage needs the forecast learned in `gap`, and is
    null without it.
    """
    lines = read_lines(tables["purchases"], moment.as_of)
    world = read_world(lines, tables, moment.as_of)
    rng = generator(moment.seed, "insight", "customer_gap")
    found = _differences(world.cells, lines, rng)
    advantage = _advantage(world, lines, tables=tables, rng=rng)
    reducible = None
    if advantage is not None:
        frontier = _frontier(advantage, found.lines, _kinds(tables.get("segments"), lines.customers))
        reducible = pa.array(np.maximum(frontier - advantage, 0))
    blank = pa.nulls(len(lines.customers), pa.float64())
    columns = [
        pa.array(lines.customers, pa.string()),
        pa.array(found.lines.astype(np.int64)),
        pa.array(found.bits),
        pa.array(found.significant),
        blank if advantage is None else pa.array(advantage),
        blank if reducible is None else reducible,
        pa.array(found.terms, pa.string()),
    ]
    return pa.table(columns, schema=SCHEMA)


def _differences(cells: "Cells", lines: "Lines", rng: np.random.Generator) -> _Difference:
    """D of each customer, its significance and its terms.

    The market is that of the same weeks as the customer's lines, all weighing alike: against the recent
    market, the season would pass for a difference between customers.
    """
    market = popularity(cells, 0, float("inf"))
    learned_rows = np.arange(cells.n_customers)
    if cells.n_customers > SAMPLE_SIZE:
        learned_rows = np.sort(rng.choice(cells.n_customers, SAMPLE_SIZE, replace=False))
    some = cells.take(learned_rows)
    free = best_free_lines(some.decayed(slice(0, some.n_customers), 0, float("inf")), market)
    totals: list[NDArray[np.float64]] = []
    bits: list[NDArray[np.float64]] = []
    terms: list[str] = []
    for rows in chunks(cells.n_customers, CHUNK_ROWS):
        bought = cells.decayed(rows, 0, float("inf")).astype(np.float64)
        totals.append(bought.sum(axis=1))
        bits.append(divergence(bought, market, free))
        terms.extend(_terms(bought, market, free=free, values=lines.values))
    total, difference = np.concatenate(totals), np.concatenate(bits)
    threshold = null_threshold(total, market, free=free, rng=rng)
    return _Difference(lines=total, bits=difference, significant=difference > threshold, terms=terms)


def _terms(
    bought: "NDArray[np.float64]", market: "NDArray[np.float64]", *, free: float, values: tuple[str, ...]
) -> Iterator[str]:
    """The values that make each customer different, those bought more than the market first."""
    share = (bought + free * market) / (bought.sum(axis=1, keepdims=True) + free)
    bits = share * np.log2(share / market)
    kept = min(MOST_TERMS, bits.shape[1])
    best = np.argpartition(-bits, kept - 1, axis=1)[:, :kept]
    for row, places in enumerate(best):
        ranked = sorted((int(place) for place in places), key=lambda place: -bits[row, place])
        yield json.dumps(
            [
                {
                    "value": values[place],
                    "share": round(float(share[row, place]), 6),
                    "market_share": round(float(market[place]), 6),
                    "ratio": round(float(share[row, place] / market[place]), 3),
                    "bits": round(float(bits[row, place]), 6),
                }
                for place in ranked
                if bits[row, place] > 0
            ],
            ensure_ascii=False,
        )


def _advantage(
    world: World, lines: "Lines", *, tables: Mapping[str, pa.Table], rng: np.random.Generator
) -> "NDArray[np.float64] | None":
    """Bits per outcome that each customer's forecast is expected to win; None when that was not learned.

    The forecast's own expectation, times what an expected bit turned out to be worth on held-out weeks.
    """
    if "gap" not in tables or tables["gap"].num_rows == 0:
        return None
    row = tables["gap"].to_pylist()[0]
    learned, sources = unpack(row["model"], lines.values)
    families = {source: ages for source, ages in world.families.items() if source in sources}
    known = World(cells=world.cells, families=families)
    now = forecaster(known, learned, age=0, rng=rng)
    weight = _present(learned.weights[frozenset(sources)], now, sources)
    expected = [
        expected_advantage(now.components(world.cells, rows), weight, now.market.share)
        for rows in chunks(world.cells.n_customers, CHUNK_ROWS)
    ]
    return np.concatenate(expected) * row["calibration"]


def _present(
    weight: "NDArray[np.float64]", now: Forecaster, sources: tuple[str, ...]
) -> "NDArray[np.float64]":
    """The learned weights of the components that are there now; the others' share goes to them."""
    traits = [source for source in sources if source != PURCHASES_SOURCE]
    n_before = len(weight) - len(traits)
    kept = [*weight[:n_before], *(weight[n_before + traits.index(source)] for source in now.families)]
    return np.array(kept) / np.sum(kept)


def _kinds(segments: pa.Table | None, customers: "NDArray[Any]") -> "NDArray[np.int64]":
    """The kind of each customer: the segment, or one kind for all where there are no segments."""
    if segments is None:
        return np.zeros(len(customers), dtype=np.int64)
    kind = dict(zip(segments["customer_id"].to_pylist(), segments["segment"].to_pylist(), strict=True))
    return np.array([kind.get(customer, -1) for customer in customers], dtype=np.int64)


def _frontier(
    advantage: "NDArray[np.float64]", evidence: "NDArray[np.float64]", kinds: "NDArray[np.int64]"
) -> "NDArray[np.float64]":
    """Mean expected advantage of the well-known customers of each customer's kind.

    A kind with too few customers takes the frontier of all.
    """
    frontier = np.full(len(advantage), _well_known_mean(advantage, evidence))
    for kind in np.unique(kinds):
        own = kinds == kind
        if own.sum() * (1 - WELL_KNOWN_QUANTILE) >= FEWEST_WELL_KNOWN:
            frontier[own] = _well_known_mean(advantage[own], evidence[own])
    return frontier


def _well_known_mean(advantage: "NDArray[np.float64]", evidence: "NDArray[np.float64]") -> float:
    return float(advantage[evidence >= np.quantile(evidence, WELL_KNOWN_QUANTILE)].mean())
