"""What is expected of each customer: purchases from BG/NBD or a shrunk rate, spend from gamma-gamma."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mindgap.analyze.models.bgnbd import (
    FrequencyModel,
    PurchaseCounts,
    compress,
    expected_purchases,
    fit_frequency,
    probability_alive,
)
from mindgap.analyze.models.spend import SpendModel, expected_spend, fit_spend
from mindgap.kernel.errors import CannotSay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mindgap.analyze.models.order_history import OrderHistory

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

FrequencyMethod = Literal["bg-nbd", "mbg-nbd", "shrunk-rate"]
SpendMethod = Literal["gamma-gamma", "population-mean", "no-amounts"]

MIN_REPEATERS = 30
VALIDATION_DAYS = 35
_WEEK = 7.0
_RATE_WINDOWS_DAYS = (84, 168, 10_000)
_DEPENDENT = 0.2  # above this the gamma-gamma model's independence is in doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCounts:
    """The sufficient figures of each customer at one day; customers unseen until then have no purchase.

    Attributes:
        purchases: Purchase days.
        repeats: x, purchase days after the first.
        last_days: t_x in days.
        observed_days: T in days.
        repeat_spend: z, mean spend of the repeat purchases; 0 without one.
    """

    purchases: "Integers"
    repeats: "Integers"
    last_days: "Integers"
    observed_days: "Integers"
    repeat_spend: "Floats"


def customer_counts(history: "OrderHistory", end: int, *, window_days: int = 10_000) -> CustomerCounts:
    """(x, t_x, T, z) of each customer at the day `end`; the last day observed is the one before.

    Args:
        history: Purchase days.
        end: The day of the forecast.
        window_days: Count purchases and time of the last so many days only.
    """
    past = history.between(history.first_day, end)
    size = len(history.customer_ids)
    first, last = np.full(size, end - 1), np.zeros(size, dtype=np.int64)
    np.minimum.at(first, past.customer, past.day)
    np.maximum.at(last, past.customer, past.day)
    repeat = (past.day > first[past.customer]) & (past.day >= end - window_days)
    start = np.maximum(first, end - 1 - window_days)
    repeats = np.bincount(past.customer[repeat], minlength=size)
    spent = np.bincount(past.customer[repeat], weights=past.spend[repeat], minlength=size)
    return CustomerCounts(
        purchases=past.total().astype(np.int64),
        repeats=repeats.astype(np.int64),
        last_days=np.where(repeats > 0, last - start, 0),
        observed_days=end - 1 - start,
        repeat_spend=spent / np.maximum(repeats, 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyForecast:
    """A fitted model of purchases and what it says of each customer.

    Attributes:
        method: Which model was used in the end.
        model: Its parameters, times in weeks.
        candidates: Every model that was tried.
        window_days: The time that the shrunk rate looks back on; None for the others.
        cells: Distinct figures, in weeks.
        position: For each customer its cell.
    """

    method: FrequencyMethod
    model: FrequencyModel
    candidates: tuple[FrequencyModel, ...]
    window_days: int | None
    cells: PurchaseCounts
    position: "Integers"

    def purchases(self, days: float) -> "Floats":
        """Expected purchase days of each customer over the next days."""
        return expected_purchases(self.model, self.cells, days / _WEEK)[self.position]

    def alive(self) -> "Floats":
        """P(still a customer); NaN where it cannot be said."""
        return probability_alive(self.model, self.cells)[self.position]


def fit_purchases(history: "OrderHistory", end: int) -> FrequencyForecast:
    """The likelier of BG/NBD and MBG/NBD; a shrunk personal rate when neither is identified.

    Args:
        history: Purchase days; those from `end` on are not looked at.
        end: The day of the forecast.

    Raises:
        CannotSay: Too few customers came back.
    """
    counts = customer_counts(history, end)
    repeaters = int((counts.repeats > 0).sum())
    if repeaters < MIN_REPEATERS:
        raise CannotSay("analyze-value-few-repeaters", repeaters=repeaters, needed=MIN_REPEATERS)
    cells, position = _cells(counts)
    known = _without_unseen(counts)
    candidates = tuple(fit_frequency(known, variant) for variant in ("bg-nbd", "mbg-nbd"))
    identified = [model for model in candidates if not model.boundary]
    if not identified:
        return _shrunk_rate(history, end, candidates=candidates)
    best = max(identified, key=lambda model: model.log_likelihood)
    method: FrequencyMethod = "mbg-nbd" if best.variant == "mbg-nbd" else "bg-nbd"
    return FrequencyForecast(
        method=method, model=best, candidates=candidates, window_days=None, cells=cells, position=position
    )


def _cells(counts: CustomerCounts) -> tuple[PurchaseCounts, "Integers"]:
    cells, position = compress(counts.repeats, counts.last_days, counts.observed_days)
    weeks = PurchaseCounts(
        repeats=cells.repeats,
        last=cells.last / _WEEK,
        observed=cells.observed / _WEEK,
        customers=cells.customers,
    )
    return weeks, position


def _without_unseen(counts: CustomerCounts) -> PurchaseCounts:
    """Cells of the customers with a purchase; the others belong to the time after."""
    seen = counts.purchases > 0
    return _cells(
        CustomerCounts(
            purchases=counts.purchases[seen],
            repeats=counts.repeats[seen],
            last_days=counts.last_days[seen],
            observed_days=counts.observed_days[seen],
            repeat_spend=counts.repeat_spend[seen],
        )
    )[0]


def _shrunk_rate(
    history: "OrderHistory", end: int, *, candidates: tuple[FrequencyModel, ...]
) -> FrequencyForecast:
    """The personal rate of a recent window, drawn towards the population's (gamma-Poisson, NBD).

    The window is the one that foretold the last five weeks best. Nobody is assumed to leave.
    """

    def fitted(day: int, window: int) -> FrequencyForecast:
        counts = customer_counts(history, day, window_days=window)
        cells, position = _cells(counts)
        return FrequencyForecast(
            method="shrunk-rate",
            model=fit_frequency(_without_unseen(counts), "nbd"),
            candidates=candidates,
            window_days=window,
            cells=cells,
            position=position,
        )

    cut = end - VALIDATION_DAYS
    seen = history.between(history.first_day, cut).total() > 0
    actual = history.between(cut, end).total()
    windows = [days for days in _RATE_WINDOWS_DAYS if days < cut - history.first_day] or [
        _RATE_WINDOWS_DAYS[-1]
    ]
    errors = {
        window: float(abs(fitted(cut, window).purchases(VALIDATION_DAYS) - actual)[seen].mean())
        for window in (windows if seen.any() else windows[-1:])
        if seen.any()
    }
    return fitted(end, min(errors, key=errors.__getitem__) if errors else windows[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendForecast:
    """What a customer's next purchase is expected to be worth.

    Attributes:
        method: How it was found.
        model: The gamma-gamma model; None where it was not used.
        expected: Per customer, in the currency; NaN when no amounts are known.
        correlation: Between number and mean value of repeat purchases, over customers with one; None when
            it cannot be said. The model takes the two for independent.
    """

    method: SpendMethod
    model: SpendModel | None
    expected: "Floats"
    correlation: float | None


def fit_spending(history: "OrderHistory", end: int) -> SpendForecast:
    """Expected spend per purchase; one-time buyers get the population's."""
    past = history.between(history.first_day, end)
    size = len(history.customer_ids)
    if not past.priced:
        return SpendForecast(
            method="no-amounts", model=None, expected=np.full(size, np.nan), correlation=None
        )
    counts = customer_counts(history, end)
    repeats = counts.repeats.astype(np.float64)
    used = (counts.repeats > 0) & (counts.repeat_spend > 0)
    model = fit_spend(repeats[used], counts.repeat_spend[used]) if used.sum() >= MIN_REPEATERS else None
    correlation = _correlation(repeats[used], counts.repeat_spend[used])
    if model is None or model.boundary:
        mean = float(past.spend.mean())
        return SpendForecast(
            method="population-mean", model=None, expected=np.full(size, mean), correlation=correlation
        )
    expected = expected_spend(model, np.where(used, repeats, 0.0), counts.repeat_spend)
    return SpendForecast(method="gamma-gamma", model=model, expected=expected, correlation=correlation)


def _correlation(repeats: "Floats", spend: "Floats") -> float | None:
    if len(repeats) <= 1 or not repeats.std() or not spend.std():
        return None
    return float(np.corrcoef(repeats, spend)[0, 1])


def notes(frequency: FrequencyForecast, spend: SpendForecast) -> list[dict[str, Any]]:
    """What a reader of the values must know, as codes and figures."""
    out: list[dict[str, Any]] = []
    if frequency.method == "shrunk-rate":
        out.append({"code": "analyze-value-not-identified", "params": {}})
        days = frequency.window_days or 0
        recent = days < _RATE_WINDOWS_DAYS[-1]
        code = "analyze-value-recent-rate" if recent else "analyze-value-whole-rate"
        out.append({"code": code, "params": {"days": days} if recent else {}})
    if frequency.method == "bg-nbd":
        out.append({"code": "analyze-value-one-time-buyers", "params": {}})
    if spend.method != "gamma-gamma":
        out.append({"code": f"analyze-value-spend-{spend.method}", "params": {}})
    if spend.correlation is not None and abs(spend.correlation) > _DEPENDENT:
        params = {"correlation": round(spend.correlation, 3)}
        out.append({"code": "analyze-value-spend-depends", "params": params})
    return out
