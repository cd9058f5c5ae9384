"""How every model reports how good it is: on held-out time, with an interval, beside a baseline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

import numpy as np

from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One figure of one model on held-out time.

    Attributes:
        task: What was predicted, e.g. ``recommend-next``.
        data: On which data.
        metric: The figure's name, e.g. ``ndcg@10``.
        value: The figure.
        low: Lower end of its 95 % interval; None when it cannot be said.
        high: Upper end.
        baseline: The name of the simple method it is held against.
        baseline_value: The baseline's figure on the same outcomes.
        n: Number of held-out units (customers, series, outcomes).
        better: Whether higher or lower is better.
        beats_baseline: True when the 95 % interval of the paired difference excludes zero in our favour,
            False when it does not, None when that cannot be said.
        period: The held-out period, ISO dates, ``from/to``.
    """

    task: str
    data: str
    metric: str
    value: float
    low: float | None
    high: float | None
    baseline: str
    baseline_value: float
    n: int
    better: Literal["higher", "lower"]
    beats_baseline: bool | None
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A model beside a simple method, on the same held-out units.

    Attributes:
        task: What was predicted.
        data: On which data.
        baseline: The name of the simple method.
        n: Number of held-out units.
        period: The held-out period, ISO dates, ``from/to``.
    """

    task: str
    data: str
    baseline: str
    n: int
    period: str

    def figure(
        self,
        metric: str,
        values: "Sequence[float] | NDArray[np.float64]",
        draws: "NDArray[np.float64]",
        *,
        better: Literal["higher", "lower"] = "higher",
    ) -> Evaluation:
        """One metric.

        Args:
            metric: Its name.
            values: The model's and the baseline's.
            draws: Both on resamples of the units, shape (draws, 2).
            better: Whether higher or lower is better.
        """
        low, high = interval(draws[:, 0])
        gain = draws[:, 0] - draws[:, 1] if better == "higher" else draws[:, 1] - draws[:, 0]
        return Evaluation(
            task=self.task,
            data=self.data,
            metric=metric,
            value=float(values[0]),
            low=low,
            high=high,
            baseline=self.baseline,
            baseline_value=float(values[1]),
            n=self.n,
            better=better,
            beats_baseline=interval(gain)[0] > 0,
            period=self.period,
        )


def evaluation_table(rows: Iterable[Evaluation]) -> "pa.Table":
    """Evaluations as an Arrow table, one row per task, metric and data."""
    import pyarrow as pa  # noqa: PLC0415 - keeps `import mindgap` fast

    kinds = {"n": pa.int64(), "beats_baseline": pa.bool_()}
    numbers = {"value", "low", "high", "baseline_value"}
    schema = pa.schema(
        [
            (f.name, kinds.get(f.name, pa.float64() if f.name in numbers else pa.string()))
            for f in fields(Evaluation)
        ]
    )
    listed = list(rows)
    return pa.table(
        {f.name: [getattr(row, f.name) for row in listed] for f in fields(Evaluation)}, schema=schema
    )


def bootstrap_means(
    values: "NDArray[np.float64]", *, seed: int, name: str, draws: int = 1000
) -> "NDArray[np.float64]":
    """Means of `draws` resamples of the units, shape (draws, columns).

    Units are the rows; columns are resampled together, so that differences between columns are paired.
    A multinomial count per unit stands for drawing units with replacement.

    Args:
        values: One row per unit; one-dimensional input counts as a single column.
        seed: The workspace's seed.
        name: What it is for.
        draws: Number of resamples.
    """
    table = np.atleast_2d(values.T).T
    rng = generator(seed, "bootstrap", name)
    n = len(table)
    out = np.empty((draws, table.shape[1]))
    for start in range(0, draws, 100):
        stop = min(start + 100, draws)
        counts = rng.multinomial(n, np.full(n, 1.0 / n), size=stop - start)
        out[start:stop] = counts @ table / n
    return out


def interval(draws: "NDArray[np.float64]") -> tuple[float, float]:
    """The 95 % percentile interval of bootstrap draws."""
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def bootstrap_statistic(
    n: int, statistic: "Callable[[NDArray[np.int64]], tuple[float, ...]]", *, seed: int, name: str
) -> "NDArray[np.float64]":
    """A statistic over 200 resamples of unit indices, shape (200, figures); for figures that are no means."""
    rng = generator(seed, "bootstrap", name)
    return np.array([statistic(rng.integers(0, n, n)) for _ in range(200)])
