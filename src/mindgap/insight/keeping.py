"""What was learned, as JSON: kept in the table `gap` so that other builds can use it."""

import json
from typing import TYPE_CHECKING

import numpy as np

from mindgap.insight.forecast import Learned

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Decimals kept of a number of free lines.
DECIMALS = 3
#: Stands for an endless half-life, which JSON has no number for.
ENDLESS = None


def pack(learned: Learned, values: "Sequence[str]", sources: "Sequence[str]") -> str:
    """What was learned for the full set of sources, as JSON."""
    half_life = learned.half_life_weeks
    return json.dumps(
        {
            "half_life_weeks": half_life if np.isfinite(half_life) else ENDLESS,
            "free": {
                value: [round(float(lines), DECIMALS) for lines in column]
                for value, column in zip(values, learned.free.T, strict=True)
            },
            "strength": dict(learned.strength),
            "pull": learned.pull,
            "sources": list(sources),
            "weights": [float(weight) for weight in learned.weights[frozenset(sources)]],
        },
        ensure_ascii=False,
    )


def unpack(text: str, values: "Sequence[str]") -> tuple[Learned, tuple[str, ...]]:
    """What was learned, lined up with a vocabulary that may have grown, and the sources it uses.

    A value that is new since then takes the geometric mean of the free lines of the others.
    """
    kept = json.loads(text)
    known = {value: np.log(column) for value, column in kept["free"].items()}
    typical = np.mean(list(known.values()), axis=0)
    free = np.exp(np.array([known.get(value, typical) for value in values]).T).astype(np.float32)
    sources = tuple(kept["sources"])
    half_life = kept["half_life_weeks"]
    learned = Learned(
        half_life_weeks=float("inf") if half_life is ENDLESS else float(half_life),
        free=free,
        strength=kept["strength"],
        pull=kept["pull"],
        weights={frozenset(sources): np.array(kept["weights"])},
    )
    return learned, sources
