"""The tables of customer value: what each customer is expected to bring, by which model, how well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.analyze.models.bgnbd import FrequencyModel
from mindgap.analyze.models.formula_value import mean_discount_factor
from mindgap.analyze.models.order_history import (
    EVALUATED_CUSTOMERS,
    ORDER_COLUMNS,
    OrderHistory,
    end_day,
    order_history,
    period,
)
from mindgap.analyze.models.value_model import (
    SpendForecast,
    customer_counts,
    fit_purchases,
    fit_spending,
    notes,
)
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation, Trial, bootstrap_means, evaluation_table
from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HORIZON_DAYS = 365
HELD_OUT_DAYS = 35
MIN_EVIDENCE_DAYS = 84
_RETURN_PRIOR_ORDERS = 5.0  # a personal return rate counts fully only well above so many mean orders
_ORDERS = At(table="customer_orders", columns=ORDER_COLUMNS)
_RETURNS = At(table="clean_orders", columns=("customer_id", "kind", "amount"), optional=True)


@derivation(
    "customer_value",
    grain="one row per customer with a purchase",
    purpose=Purpose.ANALYTICS,
    inputs={"customer_orders": _ORDERS, "orders": _RETURNS},
    customer_level=True,
    weight=0.5,
)
def customer_value(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Expected purchases, revenue and discounted profit of each customer over the next 365 days."""
    history, end = _history(tables, moment), end_day(moment.as_of, moment.time_zone)
    frequency, spend = fit_purchases(history, end), fit_spending(history, end)
    orders = frequency.purchases(HORIZON_DAYS)
    revenue = orders * spend.expected * kept_share(history, tables.get("orders"))
    size = len(orders)
    return pa.table(
        {
            "customer_id": history.customer_ids,
            "horizon_days": pa.array(np.full(size, HORIZON_DAYS)),
            "expected_orders": pa.array(orders),
            "expected_revenue": pa.array(revenue, from_pandas=True),
            "expected_profit": pa.array(_profit(revenue, moment), from_pandas=True),
            "p_alive": pa.array(frequency.alive(), from_pandas=True),
            "method": pa.array(np.full(size, frequency.method)),
            "spend_method": pa.array(np.full(size, spend.method)),
        }
    )


def _profit(revenue: "Floats", moment: Moment) -> "Floats":
    """Revenue x margin, discounted as if it arrived evenly over the horizon; NaN without a margin."""
    if moment.margin_rate is None:
        return np.full(len(revenue), np.nan)
    return revenue * moment.margin_rate * mean_discount_factor(moment.discount_rate, HORIZON_DAYS)


def kept_share(history: OrderHistory, orders: pa.Table | None) -> "Floats":
    """The share of spend that a customer does not send back; a thin record is drawn to the population's.

    Args:
        history: Purchase days.
        orders: Order lines with customer_id, kind and amount; None when there are none to see.
    """
    ones = np.ones(len(history.customer_ids))
    if orders is None or not history.priced:
        return ones
    returned = orders.filter(pc.field("kind") == "return").drop_null()
    lookup = pc.SetLookupOptions(value_set=history.customer_ids)
    owners = returned["customer_id"].cast(history.customer_ids.type)
    place = np.asarray(pc.fill_null(pc.call_function("index_in", [owners], lookup), -1))
    known = place >= 0
    amounts = abs(np.asarray(returned["amount"]))[known]
    sent_back = np.bincount(place[known], weights=amounts, minlength=len(ones))
    spent = history.total(history.spend)
    overall = sent_back.sum() / spent.sum()
    prior = _RETURN_PRIOR_ORDERS * float(history.spend.mean())
    return 1.0 - np.clip((sent_back + overall * prior) / (spent + prior), 0.0, 1.0)


@derivation(
    "value_model",
    grain="one row",
    purpose=Purpose.ANALYTICS,
    inputs={"customer_orders": _ORDERS},
    weight=0.3,
)
def value_model(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """Which models stand behind customer_value, their parameters, and what to know before using them."""
    history, end = _history(tables, moment), end_day(moment.as_of, moment.time_zone)
    frequency, spend = fit_purchases(history, end), fit_spending(history, end)
    said = notes(frequency, spend)
    if moment.margin_rate is None:
        said.append({"code": "analyze-value-no-margin", "params": {}})
    parameters = {
        "frequency": _described(frequency.model),
        "window_days": frequency.window_days,
        "tried": [_described(model) for model in frequency.candidates],
        "spend": None if spend.model is None else _spend_described(spend),
    }
    table = pa.table(
        {
            "method": [frequency.method],
            "spend_method": [spend.method],
            "parameters": [json.dumps(parameters)],
            "log_likelihood": [frequency.model.log_likelihood],
            "boundary": [all(model.boundary for model in frequency.candidates)],
            "spend_frequency_correlation": pa.array([spend.correlation], pa.float64()),
            "notes": [json.dumps(said)],
        }
    )
    card = {
        "intended_use": "Expected purchases and revenue over a year; for plans, not for personal prices.",
        "as_of": moment.as_of.isoformat(),
        "customers": len(history.customer_ids),
        "method": frequency.method,
        "parameters": parameters,
        "limits": "Assumes that a customer's pace stays, and that spend does not depend on it.",
    }
    return Built(table=table, models=(FittedModel(name="value", card=card),))


def _described(model: FrequencyModel) -> dict[str, Any]:
    """A model's parameters by name; alpha is in weeks."""
    names = ("r", "alpha_weeks") if model.variant == "nbd" else ("r", "alpha_weeks", "a", "b")
    values = (model.r, model.alpha, model.a, model.b)
    errors = model.standard_errors
    return {
        "model": model.variant,
        **dict(zip(names, values, strict=False)),
        "standard_errors": None if errors is None else dict(zip(names, errors, strict=True)),
        "log_likelihood": model.log_likelihood,
        "boundary": model.boundary,
    }


def _spend_described(spend: SpendForecast) -> dict[str, Any]:
    model = spend.model
    if model is None:
        return {}
    return {"p": model.p, "q": model.q, "v": model.v, "log_likelihood": model.log_likelihood}


def _history(tables: Mapping[str, pa.Table], moment: Moment) -> OrderHistory:
    orders = tables["customer_orders"]
    if not orders.num_rows:
        raise CannotSay("analyze-no-known-customers")
    return order_history(orders, moment.time_zone)


@derivation(
    "evaluation_value",
    grain="one row per metric of expected purchases and revenue on the last 35 days",
    purpose=Purpose.ANALYTICS,
    inputs={"customer_orders": _ORDERS},
    weight=0.5,
)
def evaluation_value(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How well purchases foretold 35 days ago came true, beside each customer's average pace before."""
    history = _history(tables, moment).sample(EVALUATED_CUSTOMERS, seed=moment.seed)
    held_out = as_of_lag(moment.as_of, HELD_OUT_DAYS, moment.time_zone)
    cut, end = end_day(held_out, moment.time_zone), end_day(moment.as_of, moment.time_zone)
    if cut - history.first_day < MIN_EVIDENCE_DAYS:
        needed = (MIN_EVIDENCE_DAYS + HELD_OUT_DAYS) // 7
        raise CannotSay("analyze-value-short-history", weeks=(end - history.first_day) // 7, needed=needed)
    outcomes = _outcomes(history, cut, end)
    known = customer_counts(history, cut).purchases > 0
    errors = np.column_stack(
        [forecast - one.actual for one in outcomes for forecast in (one.ours, one.baseline)]
    )[known]
    draws = bootstrap_means(np.column_stack([abs(errors), errors]), seed=moment.seed, name="value")
    size = errors.shape[1]
    trial = Trial(
        task="value",
        data=moment.workspace,
        baseline="same-rate",
        n=len(errors),
        period=period(cut, end),
    )
    rows: list[Evaluation] = []
    for at, one in enumerate(outcomes):
        pair = slice(2 * at, 2 * at + 2)
        absolute, signed = draws[:, :size][:, pair], abs(draws[:, size:][:, pair])
        for metric, means, drawn in (
            ("mae", abs(errors[:, pair]).mean(axis=0), absolute),
            ("abs-bias", abs(errors[:, pair].mean(axis=0)), signed),
        ):
            rows.append(trial.figure(f"{one.name}-{metric}", means, drawn, better="lower"))
    return evaluation_table(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """A figure per customer over the held-out days: foretold, foretold by the baseline, and what came."""

    name: str
    ours: "Floats"
    baseline: "Floats"
    actual: "Floats"


def _outcomes(history: OrderHistory, cut: int, end: int) -> list[_Outcome]:
    """Purchases, and revenue where amounts are known; the baseline is each customer's average pace."""
    before, after = history.between(history.first_day, cut), history.between(cut, end)
    days = end - cut
    pace = days / (customer_counts(history, cut).observed_days + 1.0)
    expected, spend = fit_purchases(history, cut).purchases(days), fit_spending(history, cut)
    orders = _Outcome(name="orders", ours=expected, baseline=before.total() * pace, actual=after.total())
    if spend.method == "no-amounts":
        return [orders]
    revenue = _Outcome(
        name="revenue",
        ours=expected * spend.expected,
        baseline=before.total(before.spend) * pace,
        actual=after.total(after.spend),
    )
    return [orders, revenue]
