"""A made-up shop: orders, customers, mailings and a survey as CSV files, the same on every call.

    python examples/made_up_shop.py FOLDER

330 customers, 40 weeks. Each customer has a pace and a favourite category; some stop buying; pasta and sauce
go together. It is about nobody.
"""

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from mindgap.kernel.rng import generator

CUSTOMERS = 330
WEEKS = 40
END = datetime(2024, 6, 3)
CATEGORIES = ("bread", "coffee", "fruit", "pasta", "sauce", "soap", "tea", "wine")
PASTA, SAUCE = 3, 4
FILES = ("orders.csv", "customers.csv", "campaigns.csv", "survey.csv")

Row = dict[str, Any]


def write(folder: Path) -> tuple[Path, ...]:
    """Write the four files into a folder, which is made; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = generator(7, "examples", "shop")
    people = [_customer(number) for number in range(CUSTOMERS)]
    orders = [row for number in range(CUSTOMERS) for row in _orders(number, rng)]
    answers = [_answer(number, rng) for number in range(0, CUSTOMERS, 4)]
    mailings = [_mailing(number) for number in range(0, CUSTOMERS, 3)]
    paths = tuple(folder / name for name in FILES)
    for path, rows in zip(paths, (orders, people, mailings, answers), strict=True):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return paths


def _customer(number: int) -> Row:
    favourite = number % len(CATEGORIES)
    return {
        "customer_id": 1000 + number,
        "gender": "fm"[number % 2],
        "city": "north" if favourite % 2 else "south",
        "joined": f"{END - timedelta(weeks=WEEKS):%Y-%m-%d}",
    }


def _orders(number: int, rng: np.random.Generator) -> list[Row]:
    """The order lines of one customer."""
    gap_days = float(rng.uniform(4, 25))
    last_day = 7 * WEEKS if rng.random() < 0.75 else float(rng.uniform(100, 7 * WEEKS))  # noqa: PLR2004 - a quarter stop
    day, orders, rows = float(rng.uniform(0, 100)), 0, list[Row]()
    while day < last_day:
        orders += 1
        when = END - timedelta(days=7 * WEEKS - day)
        for category in _basket(number % len(CATEGORIES), rng):
            product = 10 * category + int(rng.integers(0, 10))
            rows.append(
                {
                    "order_id": f"{number}-{orders}",
                    "order_date": f"{when:%Y-%m-%d %H:%M:%S}",
                    "customer_id": 1000 + number,
                    "product_id": f"P{product:02}",
                    "product_name": f"{CATEGORIES[category]} no. {product % 10}",
                    "category": CATEGORIES[category],
                    "quantity": int(rng.integers(1, 4)),
                    "amount": round(float(rng.uniform(1, 20)), 2),
                }
            )
        day += float(rng.exponential(gap_days))
    return rows


def _basket(favourite: int, rng: np.random.Generator) -> list[int]:
    """The categories of one basket."""
    size = int(rng.integers(1, 4))
    others = rng.integers(0, len(CATEGORIES), size)
    chosen = [favourite if rng.random() < 0.6 else int(other) for other in others]  # noqa: PLR2004 - loyal
    if PASTA in chosen and rng.random() < 0.7:  # noqa: PLR2004 - what goes together
        chosen.append(SAUCE)
    return chosen


def _mailing(number: int) -> Row:
    sent = END - timedelta(days=90 + number % 60)
    return {"customer_id": 1000 + number, "campaign_id": f"K{number % 4}", "sent_at": f"{sent:%Y-%m-%d}"}


def _answer(number: int, rng: np.random.Generator) -> Row:
    given = END - timedelta(days=number % 60)
    score = 10 - int(rng.integers(0, 11)) * int(rng.integers(0, 2))
    return {"customer_id": 1000 + number, "answered_at": f"{given:%Y-%m-%d}", "nps_score": score}


if __name__ == "__main__":
    for written in write(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
