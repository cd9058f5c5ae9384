"""k-means groups, their number chosen by how separate and how repeatable they are."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

_FEWEST_GROUPS, _MOST_GROUPS = 3, 8
_LEAST_GROUP = 10
_STARTS = 4
_HALVES = 6
_FIT_ROWS = 20_000
_JUDGED_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """Groups of rows.

    Attributes:
        group: The group of each row, numbers from 0.
        fit: How clearly each row belongs: 1 - distance to its own centre over that to the next one (0-1).
        centers: Shape (groups, columns).
        silhouette: Mean silhouette, on a sample (-1 to 1).
        stability: Adjusted Rand index of pairs of groupings, each learnt from another half of the rows.
    """

    group: "Indices"
    fit: "Numbers"
    centers: "Numbers"
    silhouette: float
    stability: "Numbers"


def cluster(rows: "Numbers", *, seed: int) -> Clustering:
    """The finest grouping into three to eight groups that is about as good as the best.

    Good is the silhouette times the stability: silhouette alone prefers few groups, or one far-away handful,
    and a grouping that other customers would not have given is of no use. About as good is within one
    standard error of the stability (the rule of Breiman et al. 1984), since finer groups say more.

    Args:
        rows: Shape (rows, columns), on comparable scales; at least 30 rows.
        seed: The workspace's seed.
    """
    distinct = len(np.unique(rows, axis=0))
    most = min(_MOST_GROUPS, max(_FEWEST_GROUPS, min(distinct, len(rows) // _LEAST_GROUP)))
    with threadpool_limits(limits=1):
        tried = [_grouping(rows, groups, seed=seed) for groups in range(_FEWEST_GROUPS, most + 1)]
    best = max(tried, key=_quality)
    error = best.silhouette * float(best.stability.std(ddof=1)) / len(best.stability) ** 0.5
    return max(
        (made for made in tried if _quality(made) >= _quality(best) - error),
        key=lambda made: len(made.centers),
    )


def _quality(made: Clustering) -> float:
    return made.silhouette * max(float(made.stability.mean()), 0.0)


def _grouping(rows: "Numbers", groups: int, *, seed: int) -> Clustering:
    """One grouping with its two marks; learnt on a sample where there are many rows."""
    rng = generator(seed, "segments", str(groups))
    fitted = _fit(_sample(rows, _FIT_ROWS, rng), groups, rng)
    judged = _sample(rows, _JUDGED_ROWS, rng)
    labels = fitted.predict(judged)
    separate = float(silhouette_score(judged, labels)) if len(np.unique(labels)) > 1 else -1.0
    stability: list[float] = []
    for _ in range(_HALVES):
        order = rng.permutation(len(judged))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        first, second = (_fit(judged[half], groups, rng).predict(judged) for half in halves)
        stability.append(float(adjusted_rand_score(first, second)))
    distance = np.sort(fitted.transform(rows), axis=1)
    return Clustering(
        group=np.asarray(fitted.predict(rows), dtype=np.int64),
        fit=1.0 - distance[:, 0] / np.maximum(distance[:, 1], 1e-12),
        centers=np.asarray(fitted.cluster_centers_, dtype=np.float64),
        silhouette=separate,
        stability=np.array(stability),
    )


def _fit(rows: "Numbers", groups: int, rng: np.random.Generator) -> KMeans:
    model = KMeans(
        n_clusters=groups,
        n_init=_STARTS,  # pyright: ignore[reportArgumentType] - the stubs know only "auto"
        random_state=int(rng.integers(2**31)),
    )
    with warnings.catch_warnings():
        # half of the customers may hold fewer distinct rows than groups; the stability then shows it
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows)


def _sample(rows: "Numbers", most: int, rng: np.random.Generator) -> "Numbers":
    if len(rows) <= most:
        return rows
    return rows[np.sort(rng.choice(len(rows), most, replace=False))]
