"""Names and words for customer segments: codes of the message catalogue with their figures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from mindgap.analyze.models.segment_features import DESCRIBED_BY, Traits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_MOST_WORDS = 3
_NOTABLE = 0.3
_RATIOS = ("frequency", "basket")
_TYPICAL_SCORE = 0.35
_IMPOSSIBLE = -100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of customers that has a name.

    Attributes:
        code: The name's message code.
        lead: The figure that makes it; its weight's sign says in which direction.
        weights: How much each figure speaks for it, per unit of scaled difference from typical.
    """

    code: str
    lead: str
    weights: dict[str, float]


KINDS = (
    Kind(
        code="analyze-segment-loyal",
        lead="frequency",
        weights={"frequency": 1.0, "recency": -0.6, "tenure": 0.3},
    ),
    Kind(code="analyze-segment-lapsed", lead="recency", weights={"recency": 1.0, "pace": -0.7}),
    Kind(code="analyze-segment-new", lead="tenure", weights={"tenure": -1.0}),
    Kind(code="analyze-segment-occasional", lead="frequency", weights={"frequency": -1.0, "recency": 0.2}),
    Kind(code="analyze-segment-big-baskets", lead="basket", weights={"basket": 1.0}),
    Kind(code="analyze-segment-small-baskets", lead="basket", weights={"basket": -1.0}),
    Kind(code="analyze-segment-bargains", lead="discount", weights={"discount": 1.0}),
    Kind(code="analyze-segment-full-price", lead="discount", weights={"discount": -1.0}),
    Kind(code="analyze-segment-rising", lead="pace", weights={"pace": 1.0, "recency": -0.3}),
    Kind(code="analyze-segment-fading", lead="pace", weights={"pace": -1.0, "recency": 0.3}),
)
TYPICAL, OTHER = "analyze-segment-typical", "analyze-segment-other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a segment is called and what sets it apart.

    Attributes:
        name_code: Message code of the name.
        name_params: Its figures.
        words: Up to three codes with figures, the most distinctive first.
    """

    name_code: str
    name_params: dict[str, Any]
    words: list[dict[str, Any]]


def describe(traits: Traits, group: "NDArray[np.int64]") -> list[Words]:
    """Names and words of the segments 0, 1, ...; no two have the same name."""
    count = int(group.max()) + 1
    middles = {
        name: np.array([np.median(values[group == g]) for g in range(count)])
        for name, values in traits.scaled.items()
    }
    names = _names(middles, count)
    return [
        Words(
            name_code=code, name_params=params, words=_words(traits, group == g, middles=middles, segment=g)
        )
        for g, (code, params) in enumerate(names)
    ]


def _names(middles: dict[str, "Numbers"], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The assignment of distinct names that fits best over all segments together."""
    scores = np.full((count, len(KINDS) + 1 + count), _IMPOSSIBLE)
    for k, kind in enumerate(KINDS):
        if kind.lead not in middles:
            continue
        length = sum(weight**2 for weight in kind.weights.values()) ** 0.5
        whole = (
            sum(weight * middles[name] for name, weight in kind.weights.items() if name in middles) / length
        )
        leads = middles[kind.lead] * np.sign(kind.weights[kind.lead]) >= _NOTABLE
        scores[leads, k] = np.asarray(whole)[leads]
    scores[:, len(KINDS)] = _TYPICAL_SCORE
    scores[np.arange(count), len(KINDS) + 1 + np.arange(count)] = 0.0
    row, column = linear_sum_assignment(-scores)
    codes = [*(kind.code for kind in KINDS), TYPICAL, *[OTHER] * count]
    chosen = dict(zip(row.tolist(), column.tolist(), strict=True))
    return [(codes[chosen[g]], {"number": g + 1} if codes[chosen[g]] == OTHER else {}) for g in range(count)]


def _words(
    traits: Traits, inside: "NDArray[np.bool_]", *, middles: dict[str, "Numbers"], segment: int
) -> list[dict[str, Any]]:
    """The figures in which the segment's middle customer differs most from the middle customer of all."""
    listed = sorted(
        (name for name in DESCRIBED_BY if name in middles),
        key=lambda name: -abs(float(middles[name][segment])),
    )
    words: list[dict[str, Any]] = []
    for name in listed[:_MOST_WORDS]:
        difference = float(middles[name][segment])
        value, typical = (_middle(traits.plain[name][rows]) for rows in (inside, slice(None)))
        if abs(difference) < _NOTABLE or (name in _RATIOS and typical <= 0):
            continue
        ratio = value / typical if typical > 0 else 1.0
        params = {
            "value": float(round(value)) if name == "recency" else value,
            "typical": typical,
            "percent": 100.0 * value,
            "typical_percent": 100.0 * typical,
            "ratio": ratio,
            "change_percent": 100.0 * abs(ratio - 1.0),
        }
        words.append(
            {"code": f"analyze-word-{name}-{'more' if difference > 0 else 'less'}", "params": params}
        )
    return words


def _middle(values: "Numbers") -> float:
    known = values[np.isfinite(values)]
    return round(float(np.median(known)), 4) if len(known) else 0.0
