"""The tables of inactivity: the risk of each customer with its reasons, and how good it was held out."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
from scipy.special import expit
from scipy.stats import rankdata

from mindgap.analyze.models.activity import Activity, Theme, activity_at
from mindgap.analyze.models.inactivity_model import (
    BASE_DAYS,
    HORIZON_DAYS,
    MIN_PURCHASES,
    InactivityModel,
    active_base,
    became_inactive,
    fit_inactivity,
    log_loss,
)
from mindgap.analyze.models.order_history import (
    EVALUATED_CUSTOMERS,
    ORDER_COLUMNS,
    OrderHistory,
    end_day,
    order_history,
    period,
)
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation, Trial, bootstrap_statistic, evaluation_table
from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

Band = Literal["low", "medium", "high"]

MEDIUM_RISK = 0.10
HIGH_RISK = 0.30
_REASONS = 3
_CALIBRATION_BINS = 10
_SHOWN: dict[Theme, str] = {
    "recency": "recency_days",
    "frequency": "purchases_84d",
    "rhythm": "mean_gap_days",
    "trend": "purchases_28d",
    "spend": "spend_28d",
    "tenure": "tenure_days",
}
_ORDERS = {"customer_orders": At(table="customer_orders", columns=ORDER_COLUMNS)}


def band_of(risk: float) -> Band:
    """The band of a risk: high from 30 %, medium from 10 %.

    >>> [band_of(risk) for risk in (0.05, 0.1, 0.3)]
    ['low', 'medium', 'high']
    """
    if risk >= HIGH_RISK:
        return "high"
    return "medium" if risk >= MEDIUM_RISK else "low"


@derivation(
    "inactivity_risk",
    grain="one row per active customer: two or more purchase days, one of them in the last 84 days",
    purpose=Purpose.ANALYTICS,
    inputs=_ORDERS,
    customer_level=True,
    weight=2.0,
)
def inactivity_risk(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """P(no purchase in the next 56 days) for each active customer, with its reasons.

    Others have no row: who has not bought for 84 days is inactive already, and a single purchase tells
    when someone bought, but not how often they do.
    """
    history = _history(tables, moment)
    end = end_day(moment.as_of, moment.time_zone)
    model = fit_inactivity(history, end, seed=moment.seed)
    activity = activity_at(history, end)
    base = active_base(activity)
    risk = model.risk(activity, base)
    table = pa.table(
        {
            "customer_id": history.customer_ids.filter(pa.array(base)),
            "horizon_days": pa.array(np.full(len(risk), HORIZON_DAYS)),
            "risk": pa.array(risk),
            "band": pa.array([band_of(value) for value in risk]),
            "reasons": pa.array([json.dumps(why) for why in _reasons(model, activity, base)]),
        }
    )
    return Built(table=table, models=(_kept(model, activity, moment),))


def _history(tables: Mapping[str, pa.Table], moment: Moment) -> OrderHistory:
    orders = tables["customer_orders"]
    if not orders.num_rows:
        raise CannotSay("analyze-no-known-customers")
    return order_history(orders, moment.time_zone)


def _reasons(model: InactivityModel, activity: Activity, base: "Booleans") -> list[list[dict[str, Any]]]:
    """The three themes that move each risk most, with the figure to show and the log-odds they add."""
    effects = model.effects(activity, base)[:, :-1]
    themes = list(_SHOWN)
    member = np.array([[theme == own for theme in themes] for own in activity.themes], dtype=np.float64)
    by_theme = effects @ member
    shown = np.column_stack([activity.column(_SHOWN[theme])[base] for theme in themes])
    before = (activity.column("purchases_56d") - activity.column("purchases_28d"))[base]
    top = np.argsort(-abs(by_theme), axis=1, kind="stable")[:, :_REASONS]

    def reason(row: int, at: int) -> dict[str, Any]:
        figures = {"value": shown[row, at], **({"before": before[row]} if themes[at] == "trend" else {})}
        params = {name: round(float(figure), 1) for name, figure in figures.items()}
        effect = round(float(by_theme[row, at]), 3)
        return {"code": f"analyze-reason-{themes[at]}", "params": {**params, "effect": effect}}

    return [[reason(row, at) for at in order if by_theme[row, at] != 0.0] for row, order in enumerate(top)]


def _kept(model: InactivityModel, activity: Activity, moment: Moment) -> FittedModel:
    """The model and its card."""
    return FittedModel(
        name="inactivity",
        card={
            "intended_use": "Whom to look after before they stay away; not a judgement of a person.",
            "outcome": f"no purchase in the next {HORIZON_DAYS} days",
            "active_base": f"a purchase in the last {BASE_DAYS} days and {MIN_PURCHASES}+ purchase days",
            "as_of": moment.as_of.isoformat(),
            "kind": model.kind,
            "validation_log_loss": dict(model.validation_log_loss),
            "training_examples": model.examples,
            "training_inactive_share": model.inactive_share,
            "features": list(activity.names),
            "limits": "Tells who will stay away, not whom a message would bring back.",
        },
        arrays={"calibration": np.array([model.slope, model.shift]), **model.scorer.arrays()},
        text=model.scorer.text(),
    )


@derivation(
    "evaluation_inactivity",
    grain="one row per metric of inactivity risk on the last 56 days",
    purpose=Purpose.ANALYTICS,
    inputs=_ORDERS,
    weight=2.0,
)
def evaluation_inactivity(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How well the risk stated 56 days ago foretold what happened since, beside recency alone."""
    history = _history(tables, moment).sample(EVALUATED_CUSTOMERS, seed=moment.seed)
    cut = end_day(as_of_lag(moment.as_of, HORIZON_DAYS, moment.time_zone), moment.time_zone)
    activity = activity_at(history, cut)
    base = active_base(activity)
    inactive = became_inactive(history, cut)[base]
    model = fit_inactivity(history, cut, seed=moment.seed)
    baseline = fit_inactivity(history, cut, seed=moment.seed, kinds=("recency",))
    if len(np.unique(inactive)) == 1:
        raise CannotSay("analyze-inactivity-one-outcome", days=HORIZON_DAYS)
    return evaluation_table(
        _figures(
            np.column_stack([one.log_odds(activity, base) for one in (model, baseline)]),
            inactive,
            moment=moment,
            days=period(cut, cut + HORIZON_DAYS),
        )
    )


def _figures(log_odds: "Floats", inactive: "Booleans", *, moment: Moment, days: str) -> list[Evaluation]:
    metrics = (auc, _mean_log_loss, calibration_error)

    def both(rows: "NDArray[np.int64]") -> tuple[float, ...]:
        return tuple(metric(log_odds[rows, model], inactive[rows]) for metric in metrics for model in (0, 1))

    draws = bootstrap_statistic(len(inactive), both, seed=moment.seed, name="inactivity")
    values = both(np.arange(len(inactive)))
    trial = Trial(task="inactivity", data=moment.workspace, baseline="recency", n=len(inactive), period=days)
    return [
        trial.figure("auc", values[:2], draws[:, :2]),
        trial.figure("log-loss", values[2:4], draws[:, 2:4], better="lower"),
        trial.figure("ece", values[4:], draws[:, 4:], better="lower"),
    ]


def auc(scores: "Floats", outcome: "Booleans") -> float:
    """The chance that a customer with the outcome scores above one without; ties count half.

    >>> auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    positives = int(outcome.sum())
    pairs = positives * (len(outcome) - positives)
    if not pairs:
        return float("nan")
    ranks = np.asarray(rankdata(scores), dtype=np.float64)
    return float((ranks[outcome].sum() - positives * (positives + 1) / 2) / pairs)


def calibration_error(log_odds: "Floats", outcome: "Booleans") -> float:
    """Expected calibration error: mean gap between forecast and rate over ten bins of equal size."""
    order = np.argsort(log_odds, kind="stable")
    risk = expit(log_odds)
    gaps = [
        abs(float(risk[rows].sum()) - float(outcome[rows].sum()))
        for rows in np.array_split(order, _CALIBRATION_BINS)
    ]
    return sum(gaps) / len(order)


def _mean_log_loss(log_odds: "Floats", outcome: "Booleans") -> float:
    return float(log_loss(log_odds, outcome).mean())
