"""From how likely pairs are of one person to what is proposed, and the error to expect of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mindgap.store.linkage import ScoredPair

MOST_FALSE = 0.01
"""Expected share of pairs above the threshold that are two people, by default."""
_LEAST_DECIDED = 30
"""From so many decisions of people on pairs above a threshold on, what they found counts."""
Pair = frozenset[str]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From which probability on pairs are proposed.

    Attributes:
        probability: The lowest one that is proposed.
        pairs: How many pairs there are from it on.
        false_rate: Share of them expected to be two people; 0 where there are none.
        chosen_by: people (enough pairs were decided), model (its probabilities alone) or hand (it was given).
        decided: How many pairs from it on people decided.
    """

    probability: float
    pairs: int
    false_rate: float
    chosen_by: Literal["people", "model", "hand"]
    decided: int = 0


def choose(
    pairs: Sequence[ScoredPair],
    decided: Mapping[Pair, bool],
    *,
    most_false: float = MOST_FALSE,
    given: float | None = None,
) -> Threshold:
    """The lowest threshold at which the expected share of wrong pairs is small enough.

    A pair is wrong with what the model leaves open of it; where people decided, with what they said. Where
    they decided on enough pairs, their share of wrong ones counts if it is the larger.

    Args:
        pairs: The scored pairs.
        decided: What people decided: whether the two are one person.
        most_false: The share that is small enough.
        given: A threshold given by hand, instead.
    """
    ordered = sorted(pairs, key=lambda one: -one.probability)
    probability = np.array([one.probability for one in ordered])
    rate, judged = _expected(ordered, decided)
    if given is not None:
        fits = np.flatnonzero(probability >= given)
    else:
        is_last = np.r_[probability[1:] != probability[:-1], True][: len(pairs)]
        fits = np.flatnonzero((rate <= most_false) & is_last)
    by_people: Literal["people", "model"] = "people" if judged[fits[-1:]].sum() >= _LEAST_DECIDED else "model"
    if not len(fits):
        return Threshold(
            probability=given or 1.0, pairs=0, false_rate=0.0, chosen_by="hand" if given else "model"
        )
    last = int(fits[-1])
    return Threshold(
        probability=float(probability[last]) if given is None else given,
        pairs=last + 1,
        false_rate=float(rate[last]),
        chosen_by=by_people if given is None else "hand",
        decided=int(judged[last]),
    )


def _expected(pairs: Sequence[ScoredPair], decided: Mapping[Pair, bool]) -> tuple[Floats, Floats]:
    """By pair, of all up to it: the expected share of wrong ones, and on how many people decided."""
    said = [decided.get(frozenset((one.first, one.second))) for one in pairs]
    open_share = np.array([1.0 - one.probability for one in pairs])
    is_known = np.array([one is not None for one in said], np.bool_)
    is_wrong = np.array([one is False for one in said], np.bool_)
    judged = np.cumsum(is_known).astype(np.float64)
    rate = np.cumsum(np.where(is_known, is_wrong, open_share)) / np.arange(1, len(pairs) + 1)
    seen = np.cumsum(is_wrong) / np.maximum(judged, 1.0)
    return np.where(judged >= _LEAST_DECIDED, np.maximum(rate, seen), rate), judged


def mutual(pairs: Sequence[ScoredPair]) -> list[ScoredPair]:
    """Pairs of which each is the likeliest of both its records: of a family only who fits best.

    A third record of a person waits for the next linkage, when the first two are one.
    """
    best: dict[str, float] = {}
    for one in pairs:
        for end in (one.first, one.second):
            best[end] = max(best.get(end, 0.0), one.probability)
    return [one for one in pairs if one.probability == best[one.first] == best[one.second]]
