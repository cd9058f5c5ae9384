"""The figures of the information gap, from the scores: means, intervals, attribution, reasons."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mindgap.insight.attribution import shapley_matrix
from mindgap.kernel.evaluation import interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mindgap.insight.scoring import Scores

#: Customers with outcomes below which no interval is given.
FEWEST_CUSTOMERS = 20
#: A source worth less than this (bits per outcome) is listed under "collect less".
COLLECT_LESS_BITS = 0.005
#: Groups of the learning curve.
CURVE_STEPS = 8

Interval = tuple[float | None, float | None]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the scores say.

    Attributes:
        advantage: 95 % interval of A, over customers.
        remaining: 95 % interval of G.
        pays: Whether the interval of A lies above 0; None when there are too few customers to say.
        sources: Shapley value of each source with its interval; the values add up to A.
        collect_less: Sources worth less than COLLECT_LESS_BITS.
        curve: The learning curve: advantage by lines known, fewest first.
        calibration: Advantage won per bit of advantage expected, at least 0.
    """

    advantage: Interval
    remaining: Interval
    pays: bool | None
    sources: list[Json]
    collect_less: list[Json]
    curve: list[Json]
    calibration: float


def figures(scores: "Scores", seed: int) -> Figures:
    """Work out all figures; intervals are over customers, resampled together for all figures."""
    enough = len(scores.customer) >= FEWEST_CUSTOMERS
    draws = scores.resampled_bits(seed) if enough else None
    means = scores.bits.sum(axis=0) / scores.n_outcomes.sum()
    advantage = (None, None) if draws is None else interval(draws[:, 0] - draws[:, -1])
    sources = _sources(scores, means, draws)
    return Figures(
        advantage=advantage,
        remaining=(None, None) if draws is None else interval(draws[:, -1]),
        pays=None if advantage[0] is None else advantage[0] > 0,
        sources=sources,
        collect_less=[
            {"source": item["source"], "bits": item["bits"], "epsilon_bits": COLLECT_LESS_BITS}
            for item in sources
            if item["bits"] < COLLECT_LESS_BITS
        ],
        curve=_curve(scores),
        calibration=_calibration(scores),
    )


def reason(code: str, **params: Any) -> Json:
    """A reason for people: a code of the message catalogue and its figures."""
    return {"code": code, "params": params}


def reasons(
    scores: "Scores", found: Figures, *, outcome: str, potential_bits: float, absent: "Sequence[str]"
) -> list[Json]:
    """Why a figure is missing or not what one would expect.

    Args:
        scores: The scores.
        found: What they say.
        outcome: What was forecast.
        potential_bits: The personalization potential.
        absent: Sources that the workspace does not have.
    """
    why = [reason(f"insight-no-{source}") for source in absent]
    if outcome != "category":
        why.append(reason("insight-outcome-product"))
    if found.pays is None:
        why.append(reason("insight-few-customers", customers=len(scores.customer), needed=FEWEST_CUSTOMERS))
    elif not found.pays:
        why.append(reason("insight-does-not-pay"))
    if found.pays and potential_bits < scores.market_bits - scores.remaining_bits:
        why.append(reason("insight-potential-understated"))
    return why


def _sources(
    scores: "Scores", means: "NDArray[np.float64]", draws: "NDArray[np.float64] | None"
) -> list[Json]:
    matrix = shapley_matrix(scores.sources, scores.sets)
    found: list[Json] = []
    for source, row in zip(scores.sources, matrix, strict=True):
        low, high = (None, None) if draws is None else interval(draws @ -row)
        found.append({"source": source, "bits": float(-row @ means), "low": low, "high": high})
    return found


def _curve(scores: "Scores") -> list[Json]:
    """Advantage per outcome in groups of customers with about as much evidence."""
    ranked = np.argsort(scores.evidence, kind="stable")
    steps = []
    for group in np.array_split(ranked, min(CURVE_STEPS, len(ranked))):
        n = scores.n_outcomes[group].sum()
        won = (scores.bits[group, 0] - scores.bits[group, -1]).sum() / n
        steps.append(
            {
                "evidence_lines": float(np.median(scores.evidence[group])),
                "advantage_bits": float(won),
                "n_customers": len(group),
            }
        )
    return steps


def _calibration(scores: "Scores") -> float:
    """Advantage won per bit expected; 0 where none was expected or won."""
    expected = float(scores.expected_bits @ scores.n_outcomes)
    won = float((scores.bits[:, 0] - scores.bits[:, -1]).sum())
    return max(won / expected, 0.0) if expected > 0 else 0.0
