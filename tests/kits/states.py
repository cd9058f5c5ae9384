"""Whole workspaces compared, and files to fill them."""

import csv
import math

from mindgap.kernel.errors import CannotSay

COLUMNS = ["order_id", "customer_id", "product_id", "category", "ordered_at", "quantity", "amount"]


def write_orders(path, orders, *, times=1):
    """Canonical order lines as a CSV file; more than once under other order numbers to make it longer."""
    lines = orders.to_pylist()
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for nth in range(times):
            for row in lines:
                out.writerow(
                    [
                        f"{row['order_id']}-{nth}" if nth else row["order_id"],
                        *(row[name] for name in COLUMNS[1:4]),
                        f"{row['ordered_at']:%Y-%m-%d %H:%M:%S}",
                        int(row["quantity"]),
                        row["amount"],
                    ]
                )
    return path


def contents(workspace):
    """Every table's rows in a fixed order, figures to six places; or the reason why there are none."""
    found = {}
    for name in ["orders", *workspace.tables()]:
        try:
            found[name] = sorted(repr(_rounded(row)) for row in workspace.table(name).to_pylist())
        except CannotSay as answer:
            found[name] = answer.code
    return found


def _rounded(value):
    match value:
        case float():
            return f"{value:.6g}" if math.isfinite(value) else str(value)
        case list():
            return [_rounded(item) for item in value]
        case dict():
            return {key: _rounded(item) for key, item in value.items()}
        case _:
            return value


def dangling(workspace):
    """Files that the state names and that are not there, and files that it does not name."""
    stores, data = workspace.stores, workspace.folder / ".mindgap"
    named = {path for path in stores.named_files() if path}
    missing = {path for path in named if not (data / path).exists()}
    kinds = ("ledger", "shelf", "vault", "quarantine")
    there = {str(item.relative_to(data)) for kind in kinds for item in (data / kind).glob("*/*")}
    left = {
        str(item.relative_to(data)) for kind in ("staging", "scratch") for item in (data / kind).glob("*")
    }
    return missing, (there - named) | left
