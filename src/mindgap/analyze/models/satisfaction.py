"""How satisfied customers say they are: CSAT, NPS, CES and reviews, each with a 95 % interval.

Scores of different scales are compared as shares of the best score of their scale. Answers are taken as
independent; a customer who answers often counts as often.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from scipy.stats import norm, t

from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Ends = tuple[Numbers, Numbers]

Scope = Literal["all", "week", "product", "aspect"]

_LEAST_ANSWERS = 5
_TOP_BOX = 0.9
_PROMOTER, _DETRACTOR = 0.9, 0.6
_USUAL_SCALES = (1.0, 5.0, 7.0, 10.0, 100.0)
_DEFAULT_SCALE = {"nps": 10.0}
_NORMAL = float(norm.ppf(0.975))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums over the answers of each group.

    Attributes:
        n: Number of answers.
        mean: Their mean.
        square: The mean of their squares.
    """

    n: "Numbers"
    mean: "Numbers"
    square: "Numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure of satisfaction.

    Attributes:
        name: Its name.
        kind: The kind of feedback that it is made from.
        value: What one answer counts for, from its share of the best score.
        ends: The 95 % interval of the mean.
        unit: What the mean is multiplied by in the table: 100 for NPS, which runs from -100 to 100.
    """

    name: str
    kind: str
    value: Callable[["Numbers"], "Numbers"]
    ends: Callable[[Moments], "Ends"]
    unit: float = 1.0


def wilson(of: Moments) -> "Ends":
    """Wilson's (1927) score interval of a share.

    >>> low, high = wilson(Moments(n=np.array([10.0]), mean=np.array([1.0]), square=np.array([1.0])))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.7225], [1.0])
    """
    spread = _NORMAL**2 / of.n
    middle = (of.mean + spread / 2) / (1 + spread)
    half = _NORMAL * np.sqrt(of.mean * (1 - of.mean) / of.n + spread / (4 * of.n)) / (1 + spread)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def student(of: Moments) -> "Ends":
    """Student's interval of a mean between 0 and 1; Wilson's where all answers are the same.

    A mean of equal answers has no variance to go by. A share has the highest variance that numbers between
    0 and 1 can have, so that its interval is safe.
    """
    variance = np.maximum(of.square - of.mean**2, 0.0) * of.n / np.maximum(of.n - 1, 1)
    half = t.ppf(0.975, np.maximum(of.n - 1, 1)) * np.sqrt(variance / of.n)
    low, high = wilson(of)
    alike = variance < 1e-12  # noqa: PLR2004 - rounding of floats
    return np.where(alike, low, np.maximum(of.mean - half, 0.0)), np.where(
        alike, high, np.minimum(of.mean + half, 1.0)
    )


def promoter_interval(of: Moments) -> "Ends":
    """The adjusted Wald interval of promoters minus detractors (Rocks 2016, The American Statistician 70).

    Three answers are added, three quarters of one to each extreme and the rest to the middle. The variance of
    one answer of -1, 0 or 1 is the share of extremes minus the squared mean.
    """
    n = of.n + 3
    mean = of.mean * of.n / n
    half = _NORMAL * np.sqrt(((of.square * of.n + 1.5) / n - mean**2) / n)
    return np.maximum(mean - half, -1.0), np.minimum(mean + half, 1.0)


def _as_given(share: "Numbers") -> "Numbers":
    return share


def _top_box(share: "Numbers") -> "Numbers":
    return (share >= _TOP_BOX).astype(np.float64)


def _promotion(share: "Numbers") -> "Numbers":
    return (share >= _PROMOTER).astype(np.float64) - (share <= _DETRACTOR)


METRICS = (
    Metric(name="csat", kind="csat", value=_as_given, ends=student),
    Metric(name="csat_top_box", kind="csat", value=_top_box, ends=wilson),
    Metric(name="nps", kind="nps", value=_promotion, ends=promoter_interval, unit=100.0),
    Metric(name="ces", kind="ces", value=_as_given, ends=student),
    Metric(name="review", kind="review", value=_as_given, ends=student),
)


@derivation(
    "satisfaction",
    grain="one row per metric, scope and key with five answers or more",
    purpose=Purpose.ANALYTICS,
    inputs={
        "feedback": At(
            table="clean_feedback",
            optional=True,
            columns=("product_id", "given_at", "kind", "score", "scale_max", "aspect"),
        )
    },
    weight=0.3,
)
def satisfaction(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Each metric for the whole, per week (key: its local Monday), per product and per aspect.

    csat, ces and review are mean shares of the best score (0-1); csat_top_box is the share (0-1) of answers
    of at least 0.9 of the best score (5 of 5, 7 of 7, 9 and 10 of 10); nps is promoters (9 and 10 of 10)
    minus detractors (6 or less), from -100 to 100.

    Raises:
        CannotSay: There is no feedback, or fewer than five scores of each kind.
    """
    feedback = tables.get("feedback")
    if feedback is None or not feedback.num_rows:
        raise CannotSay("no-feedback")
    scored = feedback.filter(feedback["score"].is_valid())
    parts = [part for metric in METRICS for part in _of_metric(metric, scored, moment)]
    if not parts:
        raise CannotSay("analyze-few-answers", answers=scored.num_rows, needed=_LEAST_ANSWERS)
    return pa.concat_tables(parts)


def _of_metric(metric: Metric, scored: pa.Table, moment: Moment) -> Iterator[pa.Table]:
    """The rows of one metric, scope by scope.

    Answers about an aspect count for the whole only where nobody was asked about the whole.
    """
    answers = scored.filter(pa.array(np.array(scored["kind"].to_pylist(), dtype=object) == metric.kind))
    if not answers.num_rows:
        return
    value = metric.value(_share_of_best(answers, metric.kind))
    aspect = _keys(answers["aspect"].to_pylist())
    whole = aspect == ""
    whole = whole if whole.any() else np.ones(len(whole), dtype=np.bool_)
    weeks = _keys([_monday(given, moment) for given in answers["given_at"].to_pylist()])
    scopes: dict[Scope, tuple[NDArray[np.str_], NDArray[np.bool_]]] = {
        "all": (np.full(len(value), ""), whole),
        "week": (weeks, whole & (weeks != "")),
        "product": (_keys(answers["product_id"].to_pylist()), whole),
        "aspect": (aspect, aspect != ""),
    }
    for scope, (key, rows) in scopes.items():
        chosen = rows if scope == "all" else rows & (key != "")
        part = _grouped(metric, value[chosen], key[chosen], scope=scope)
        if part.num_rows:
            yield part


def _grouped(metric: Metric, value: "Numbers", key: "NDArray[np.str_]", *, scope: Scope) -> pa.Table:
    """One row for each key with enough answers."""
    names, group = np.unique(key, return_inverse=True)
    count = np.bincount(group, minlength=len(names))
    enough = count >= _LEAST_ANSWERS
    n = np.maximum(count, 1).astype(np.float64)
    moments = Moments(
        n=n[enough],
        mean=(np.bincount(group, weights=value, minlength=len(names)) / n)[enough],
        square=(np.bincount(group, weights=value**2, minlength=len(names)) / n)[enough],
    )
    low, high = metric.ends(moments)
    size = int(enough.sum())
    return pa.table(
        {
            "metric": pa.array([metric.name] * size, pa.string()),
            "scope": pa.array([scope] * size, pa.string()),
            "key": pa.array(names[enough].tolist(), pa.string()),
            "value": moments.mean * metric.unit,
            "low": low * metric.unit,
            "high": high * metric.unit,
            "n": pa.array(count[enough], pa.int64()),
        }
    )


def _share_of_best(answers: pa.Table, kind: str) -> "Numbers":
    """Scores as shares (0-1) of the best score; a scale that is not given is the usual one that holds all."""
    score = answers["score"].to_numpy().astype(np.float64)
    best = answers["scale_max"].to_numpy().astype(np.float64)
    unknown = ~(best > 0)
    if unknown.any():
        highest = max(float(score[unknown].max()), _DEFAULT_SCALE.get(kind, 0.0))
        best[unknown] = next((scale for scale in _USUAL_SCALES if scale >= highest), highest)
    # a decimal such as 9 / 10 must reach 0.9 whatever its rounding
    return np.clip(np.round(score / best, 9), 0.0, 1.0)


def _monday(given: "datetime | None", moment: Moment) -> str:
    if given is None:
        return ""
    day = given.replace(tzinfo=UTC).astimezone(ZoneInfo(moment.time_zone)).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def _keys(values: list[str | None]) -> "NDArray[np.str_]":
    return np.array([value or "" for value in values], dtype=np.str_)
