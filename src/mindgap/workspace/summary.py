"""What a run found out, in the figures a manager asks for; every section is there or says why not."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.workspace.answers import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from mindgap.workspace.desk import Desk

_TOP = 5
_TOP_FIFTH = 0.2


def summary(workspace: "Desk") -> dict[str, Any]:
    """The sections by name; one that cannot be said is ``{"reason": {"code", "params"}}``."""
    return {name: _section(make, workspace) for name, make in _SECTIONS.items()}


def _section(make: "Callable[[Desk], Any]", workspace: "Desk") -> Any:
    try:
        return make(workspace)
    except CannotSay as answer:
        return {"reason": {"code": answer.code, "params": dict(answer.params)}}


def _customers(workspace: "Desk") -> dict[str, Any]:
    table = workspace.table("customer_features", columns=["orders", "lines", "spend"])
    purchases = _rows_of(workspace, "purchases")
    lines = _total(table, "lines")
    return {
        "known": table.num_rows,
        "orders": int(_total(table, "orders")),
        "lines": int(purchases),
        "spend": _total(table, "spend") or None,
        "lines_without_customer": int(purchases - lines),
        "currency": workspace.settings.currency,
    }


def _rows_of(workspace: "Desk", name: str) -> int:
    as_of = workspace.as_of
    entry = workspace.stores.manifest.entry(name, as_of) if as_of else None
    if entry is None:
        raise UnknownError(f"Table {name!r} has not been built yet.", hint="Run `mindgap run`.")
    return entry.rows


def _gap(workspace: "Desk") -> dict[str, Any]:
    row = workspace.table("gap").to_pylist()[0]
    wanted = (
        "outcome",
        "market_bits",
        "remaining_bits",
        "advantage_bits",
        "advantage_low",
        "advantage_high",
        "pays",
        "potential_bits",
        "n_outcomes",
        "n_customers",
    )
    return {name: row.get(name) for name in wanted}


def _segments(workspace: "Desk") -> list[dict[str, Any]]:
    rows = workspace.table("segment_profiles").to_pylist()
    wanted = ("segment", "name_code", "name_params", "customers", "share", "spend_share")
    return [
        {name: row.get(name) for name in wanted} for row in sorted(rows, key=lambda row: -row["customers"])
    ]


def _inactivity(workspace: "Desk") -> dict[str, Any]:
    table = workspace.table("inactivity_risk", columns=["risk", "band", "horizon_days"])
    bands = table["band"].to_pylist()
    return {
        "horizon_days": table["horizon_days"][0].as_py() if table.num_rows else None,
        "customers": table.num_rows,
        "high": bands.count("high"),
        "medium": bands.count("medium"),
        "low": bands.count("low"),
        "mean_risk": _mean(table, "risk"),
    }


def _value(workspace: "Desk") -> dict[str, Any]:
    columns = ["expected_revenue", "expected_profit", "expected_orders", "horizon_days", "method"]
    table = workspace.table("customer_value", columns=columns)
    known = [item for item in table["expected_revenue"].to_pylist() if item is not None]
    revenue = sorted(known, reverse=True)
    total = sum(revenue) if revenue else None
    top = sum(revenue[: max(1, round(len(revenue) * _TOP_FIFTH))])
    profit = [item for item in table["expected_profit"].to_pylist() if item is not None]
    return {
        "horizon_days": table["horizon_days"][0].as_py() if table.num_rows else None,
        "customers": table.num_rows,
        "expected_orders": _total(table, "expected_orders"),
        "expected_revenue": total,
        "expected_profit": sum(profit) if profit else None,
        "top_fifth_share": top / total if total else None,
        "method": table["method"][0].as_py() if table.num_rows else None,
        "currency": workspace.settings.currency,
    }


def _demand(workspace: "Desk") -> dict[str, Any]:
    table = workspace.table("demand_forecast")
    return {
        "categories": len(set(table["category"].to_pylist())),
        "weeks_ahead": len(set(table["week_ahead"].to_pylist())),
        "lines": _total(table, "lines"),
        "method": table["method"][0].as_py() if table.num_rows else None,
    }


def _rules(workspace: "Desk") -> dict[str, Any]:
    rows = workspace.table("rules").to_pylist()
    confirmed = [row for row in rows if row["confirmed"]]
    best: dict[str, dict[str, Any]] = {}
    for row in sorted(confirmed or rows, key=lambda row: -row["lift"]):
        best.setdefault(row["consequent"], row)
    wanted = ("antecedent", "consequent", "support", "confidence", "lift", "holdout_lift")
    return {
        "rules": len(rows),
        "confirmed": len(confirmed),
        "top": [{name: row[name] for name in wanted} for row in list(best.values())[:_TOP]],
    }


def _satisfaction(workspace: "Desk") -> list[dict[str, Any]]:
    return [row for row in workspace.table("satisfaction").to_pylist() if row["scope"] == "all"]


def _recommendations(workspace: "Desk") -> list[dict[str, Any]]:
    rows = workspace.table("evaluation_recommend").to_pylist()
    return [row for row in rows if row["metric"] == "ndcg@10"]


def _evaluations(workspace: "Desk") -> list[dict[str, Any]]:
    return evaluate(workspace, None)


def _total(table: "pa.Table", column: str) -> float:
    return float(np.nansum(_numbers(table, column)))


def _mean(table: "pa.Table", column: str) -> float | None:
    values = _numbers(table, column)
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


def _numbers(table: "pa.Table", column: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.array([np.nan if item is None else item for item in table[column].to_pylist()], dtype=float)


_SECTIONS: "dict[str, Callable[[Desk], Any]]" = {
    "customers": _customers,
    "gap": _gap,
    "segments": _segments,
    "inactivity": _inactivity,
    "value": _value,
    "demand": _demand,
    "rules": _rules,
    "satisfaction": _satisfaction,
    "recommendations": _recommendations,
    "evaluations": _evaluations,
}
