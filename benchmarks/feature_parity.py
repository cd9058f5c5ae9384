"""Features by the queries against features online, cell by cell, and how long one customer takes online.

    python -m benchmarks.feature_parity [CUSTOMER_MOMENTS]

Made-up customers with all that is hard: borders of days, days of 23 and 25 hours, a midnight that is skipped,
ties in time, events before sign-in, merged ids, late and repeated events, nulls (tests/kits/feature_shop.py).
"""

import sys
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks import report
from kits.feature_shop import Shop, moments
from kits.features import Online, batch, differences, table_rows
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.process.features.declared import BY_TABLE

PLACES = (
    ("Europe/Berlin", datetime(2024, 4, 20)),
    ("America/New_York", datetime(2024, 11, 20)),
    ("America/Sao_Paulo", datetime(2018, 11, 20)),
    ("Asia/Shanghai", datetime(2024, 6, 3)),
)
CUSTOMERS = 1_000
DAYS = 120
MICROSECONDS_BAR = 1_000


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    compared = cells = different = 0
    seconds: list[float] = []
    with TemporaryDirectory() as scratch:
        engine = DuckDBEngine(scratch=Path(scratch))
        for round_number in range(wanted):
            zone, end = PLACES[round_number % len(PLACES)]
            told = Shop(days=DAYS, end=end, seed=round_number, time_zone=zone).of(
                CUSTOMERS, bursts=6, orders=4
            )
            online = Online(told)
            for as_of in moments(round_number, count=4, end=end, days=DAYS, time_zone=zone):
                batched = batch(engine, told, as_of)
                found = {name: [] for name in BY_TABLE}
                for customer in online.customers:
                    began = time.thread_time()
                    fold = online.fold(customer, as_of)
                    rows = {name: table_rows(fold, customer, name) for name in BY_TABLE}
                    seconds.append(time.thread_time() - began)
                    for name in BY_TABLE:
                        found[name] += rows[name]
                different += len(differences(batched, found))
                cells += sum(len(rows) * len(BY_TABLE[name]) for name, rows in batched.items())
                compared += len(online.customers)
                if compared >= wanted:
                    break
            if compared >= wanted:
                break
    report("customer-moments compared", compared, "count", least=wanted)
    report("cells compared", cells, "count")
    report("cells that differ", different, "count", bar=0)
    seconds.sort()
    report(
        "one customer online, all tables, median",
        1e6 * seconds[len(seconds) // 2],
        "us",
        bar=MICROSECONDS_BAR,
    )
    report("one customer online, all tables, 99th of 100", 1e6 * seconds[len(seconds) * 99 // 100], "us")


if __name__ == "__main__":
    main()
