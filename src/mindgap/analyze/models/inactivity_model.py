"""The risk that an active customer buys nothing in the next eight weeks.

Active means a purchase in the last 84 days and at least two purchase days in all. Training cut-offs lie
in the past and their label windows end before the day of the forecast. The kind of model is chosen at the
latest such cut-off, among models trained on earlier ones only; its calibration comes from forecasts for
customers whom the model did not see. A random split of rows would put overlapping windows of one customer
on both sides (AUC .943 instead of .861 on Complete Journey) and is never used.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import lightgbm as lgb
import numpy as np
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

from mindgap.analyze.models.activity import Activity, activity_at
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.analyze.models.order_history import OrderHistory

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

Kind = Literal["boosted", "rfm-logistic", "recency"]
KINDS: tuple[Kind, ...] = ("boosted", "rfm-logistic", "recency")

HORIZON_DAYS = 56
BASE_DAYS = 84
MIN_PURCHASES = 2
MIN_CUSTOMERS = 200
MIN_HISTORY_DAYS = 168
_CUT_STEP_DAYS = 28
_CUTS = 5
_WARM_UP_DAYS = 56
_TRAINING_CUSTOMERS = 20_000
_FOLDS = 3

# Chosen on validation cut-offs at lags 112 to 168 days of Complete Journey; the figures are flat around
# it (AUC +- .002), stronger trees lose.
_BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 4,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_ROUNDS = 300
_LINEAR_FEATURES: dict[Kind, tuple[str, ...]] = {
    "rfm-logistic": ("recency_days", "purchases", "purchases_84d", "spend"),
    "recency": ("recency_days",),
}


class _Scorer(Protocol):
    """A model over the feature matrix."""

    def contributions(self, matrix: "Floats") -> "Floats":
        """Log-odds per feature, and the base value in the last column; a row's sum is its log-odds."""
        ...

    def log_odds(self, matrix: "Floats") -> "Floats":
        """Log-odds of each row."""
        ...

    def arrays(self) -> dict[str, "Floats"]:
        """What to keep of it in numbers."""
        ...

    def text(self) -> dict[str, str]:
        """What to keep of it in text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Boosted:
    booster: lgb.Booster

    def contributions(self, matrix: "Floats") -> "Floats":
        return np.asarray(self.booster.predict(matrix, pred_contrib=True), dtype=np.float64)

    def log_odds(self, matrix: "Floats") -> "Floats":
        return np.asarray(self.booster.predict(matrix, raw_score=True), dtype=np.float64)

    def arrays(self) -> dict[str, "Floats"]:
        return {}

    def text(self) -> dict[str, str]:
        return {"booster": self.booster.model_to_string()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    """A logistic regression on standardised logarithms of a few features."""

    columns: "NDArray[np.int64]"
    mean: "Floats"
    scale: "Floats"
    weights: "Floats"
    intercept: float

    def contributions(self, matrix: "Floats") -> "Floats":
        out = np.zeros((len(matrix), matrix.shape[1] + 1))
        values = np.log1p(np.maximum(matrix[:, self.columns], 0.0))
        out[:, self.columns] = (values - self.mean) / self.scale * self.weights
        out[:, -1] = self.intercept
        return out

    def log_odds(self, matrix: "Floats") -> "Floats":
        return self.contributions(matrix).sum(axis=1)

    def arrays(self) -> dict[str, "Floats"]:
        return {
            "columns": self.columns.astype(np.float64),
            "mean": self.mean,
            "scale": self.scale,
            "weights": np.append(self.weights, self.intercept),
        }

    def text(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InactivityModel:
    """A trained and calibrated model.

    Attributes:
        kind: Which kind was chosen.
        scorer: Gives log-odds by feature.
        slope: Calibration: log-odds are multiplied by it ...
        shift: ... and this is added.
        validation_log_loss: Of each kind at the validation cut-off, uncalibrated.
        examples: Number of training rows.
        inactive_share: Share of inactive customers among them.
    """

    kind: Kind
    scorer: _Scorer
    slope: float
    shift: float
    validation_log_loss: dict[Kind, float]
    examples: int
    inactive_share: float

    def risk(self, activity: Activity, rows: "Booleans") -> "Floats":
        """P(no purchase in the next HORIZON_DAYS days) of the chosen rows."""
        return expit(self.log_odds(activity, rows))

    def log_odds(self, activity: Activity, rows: "Booleans") -> "Floats":
        """Calibrated log-odds of the chosen rows."""
        return self.slope * self.scorer.log_odds(activity.matrix[rows]) + self.shift

    def effects(self, activity: Activity, rows: "Booleans") -> "Floats":
        """Calibrated log-odds by feature, the base value last."""
        effects = self.slope * self.scorer.contributions(activity.matrix[rows])
        effects[:, -1] += self.shift
        return effects


def active_base(activity: Activity) -> "Booleans":
    """Which customers a risk can be stated for."""
    recent = activity.column("recency_days") <= BASE_DAYS
    return recent & (activity.column("purchases") >= MIN_PURCHASES)


def became_inactive(history: "OrderHistory", cut: int) -> "Booleans":
    """Which customers bought nothing on the HORIZON_DAYS days from the day `cut` on."""
    return history.between(cut, cut + HORIZON_DAYS).total() == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examples:
    names: tuple[str, ...]
    customer: "NDArray[np.int64]"
    matrix: "Floats"
    inactive: "Booleans"

    def where(self, rows: "Booleans") -> "_Examples":
        return _Examples(
            names=self.names,
            customer=self.customer[rows],
            matrix=self.matrix[rows],
            inactive=self.inactive[rows],
        )


def _examples(history: "OrderHistory", cuts: list[int]) -> _Examples:
    activities = [activity_at(history, cut) for cut in cuts]
    bases = [active_base(activity) for activity in activities]
    labels = [became_inactive(history, cut)[base] for cut, base in zip(cuts, bases, strict=True)]
    matrices = [activity.matrix[base] for activity, base in zip(activities, bases, strict=True)]
    return _Examples(
        names=activities[0].names,
        customer=np.concatenate([np.flatnonzero(base) for base in bases]),
        matrix=np.concatenate(matrices),
        inactive=np.concatenate(labels),
    )


def _cuts(history: "OrderHistory", end: int) -> list[int]:
    """Training cut-offs whose label windows end by `end`, latest first."""
    latest = end - HORIZON_DAYS
    cuts = [latest - _CUT_STEP_DAYS * step for step in range(_CUTS)]
    return [cut for cut in cuts if cut - history.first_day >= _WARM_UP_DAYS]


def fit_inactivity(
    history: "OrderHistory", end: int, *, seed: int, kinds: tuple[Kind, ...] = KINDS
) -> InactivityModel:
    """Train, choose and calibrate a model on what is known before the day `end`.

    Args:
        history: Purchase days; those from `end` on are not looked at.
        end: The day of the forecast.
        seed: The workspace's seed.
        kinds: The kinds of model to choose from.

    Raises:
        CannotSay: Too few customers, too short a history, or nobody (or everybody) became inactive.
    """
    _check(history, end)
    sample = history.sample(_TRAINING_CUSTOMERS, seed=seed)
    validation = _examples(sample, [end - HORIZON_DAYS])
    earlier = _examples(sample, _cuts(sample, end - HORIZON_DAYS))
    for examples in (validation, earlier):
        if len(np.unique(examples.inactive)) == 1:
            raise CannotSay("analyze-inactivity-one-outcome", days=HORIZON_DAYS)
    losses: dict[Kind, float] = {}
    for kind in kinds:
        scores = _fit(kind, earlier, seed=seed).log_odds(validation.matrix)
        losses[kind] = float(log_loss(scores, validation.inactive).mean())
    chosen = min(losses, key=losses.__getitem__)
    training = _examples(sample, _cuts(sample, end))
    slope, shift = _calibrate(chosen, training, seed=seed)
    return InactivityModel(
        kind=chosen,
        scorer=_fit(chosen, training, seed=seed),
        slope=slope,
        shift=shift,
        validation_log_loss=losses,
        examples=len(training.inactive),
        inactive_share=float(training.inactive.mean()),
    )


def _check(history: "OrderHistory", end: int) -> None:
    days = end - history.first_day
    if days < MIN_HISTORY_DAYS:
        raise CannotSay(
            "analyze-inactivity-short-history", weeks=max(days // 7, 0), needed=MIN_HISTORY_DAYS // 7
        )
    customers = int(active_base(activity_at(history, end)).sum())
    if customers < MIN_CUSTOMERS:
        raise CannotSay("analyze-inactivity-few-customers", customers=customers, needed=MIN_CUSTOMERS)


def _fit(kind: Kind, examples: _Examples, *, seed: int) -> _Scorer:
    if kind == "boosted":
        data = lgb.Dataset(examples.matrix, examples.inactive.astype(np.float64))
        return _Boosted(booster=lgb.train({**_BOOSTING, "seed": seed}, data, _ROUNDS))
    columns = np.array([examples.names.index(name) for name in _LINEAR_FEATURES[kind]])
    values = np.log1p(np.maximum(examples.matrix[:, columns], 0.0))
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
    fitted = LogisticRegression().fit((values - mean) / scale, examples.inactive)
    return _Linear(
        columns=columns,
        mean=mean,
        scale=scale,
        weights=np.asarray(fitted.coef_[0], dtype=np.float64),
        intercept=float(fitted.intercept_[0]),
    )


def _calibrate(kind: Kind, examples: _Examples, *, seed: int) -> tuple[float, float]:
    """Platt's slope and shift, from forecasts for customers left out of the training in turn.

    Calibrating on the validation cut-off alone was tried and is worse: it learns that one period's rate.
    """
    fold = examples.customer % _FOLDS
    scores = np.zeros(len(fold))
    for left_out in range(_FOLDS):
        rows = fold == left_out
        if len(np.unique(examples.inactive[~rows])) == 1:
            return 1.0, 0.0
        scores[rows] = _fit(kind, examples.where(~rows), seed=seed).log_odds(examples.matrix[rows])
    fitted = LogisticRegression(C=100.0).fit(scores[:, None], examples.inactive)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)


def log_loss(log_odds: "Floats", outcome: "Booleans") -> "Floats":
    """-ln of the probability given to what happened, per customer, in nats."""
    return -log_expit(np.where(outcome, log_odds, -log_odds))
