"""Small purchase tables for the tests of recommendations."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from mindgap.kernel.rng import generator

AS_OF = datetime(2024, 7, 1)


def table(rows: list[tuple[str | None, str, str | None, float]]) -> pa.Table:
    """Purchases from (customer, order, product, age in days)."""
    customers, orders, products, ages = zip(*rows, strict=True)
    return pa.table(
        {
            "customer_id": pa.array(customers, pa.string()),
            "order_id": pa.array(orders, pa.string()),
            "product_id": pa.array(products, pa.string()),
            "ordered_at": pa.array([AS_OF - timedelta(days=age) for age in ages], pa.timestamp("us")),
        }
    )


def two_tastes(*, customers: int = 120, seed: int = 3) -> pa.Table:
    """Half of the customers buy among products A.., half among B..; each has three favourites."""
    rng = generator(seed, "two-tastes")
    rows: list[tuple[str | None, str, str | None, float]] = []
    for number in range(customers):
        taste = "AB"[number % 2]
        shelf = np.array([f"{taste}{i:02d}" for i in range(30)])
        favourites = rng.choice(shelf, 3, replace=False)
        for order in range(int(rng.integers(8, 16))):
            age = float(rng.uniform(0.5, 180))
            basket = {*favourites[rng.random(3) < 0.6], *rng.choice(shelf, 2), "milk"}
            rows += [
                (f"c{number:03d}", f"o{number}-{order}", str(product), age) for product in sorted(basket)
            ]
    return table(rows)
