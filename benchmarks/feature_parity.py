"""Features by the queries against features online, cell by cell, and how long one customer takes online.

    python -m benchmarks.feature_parity [CUSTOMER_MOMENTS]

Made-up customers with all that is hard: borders of days, days of 23 and 25 hours, a midnight that is skipped,
ties in time, events before sign-in, merged ids, late and repeated events, nulls (tests/kits/feature_shop.py).
How far it is stands on the error output; 100,000 take some minutes of one processor.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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
CUSTOMERS = 4_000
DAYS = 120
MICROSECONDS_BAR = 1_000


@dataclass
class Compared:
    """What was compared so far.

    Attributes:
        figures: How many moments of customers, cells, and cells that differ.
        seconds: Processor time of each customer online.
    """

    figures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, engine: DuckDBEngine, online: Online, as_of: datetime) -> None:
        """Compare all customers as of a moment."""
        batched = batch(engine, online.told, as_of)
        found = {name: [] for name in BY_TABLE}
        for customer in online.customers:
            began = time.thread_time()
            fold = online.fold(customer, as_of)
            rows = {name: table_rows(fold, customer, name) for name in BY_TABLE}
            self.seconds.append(time.thread_time() - began)
            for name in BY_TABLE:
                found[name] += rows[name]
        self.figures["differ"] += len(differences(batched, found))
        self.figures["cells"] += sum(len(rows) * len(BY_TABLE[name]) for name, rows in batched.items())
        self.figures["moments"] += len(online.customers)


def shops(customers: int) -> Iterator[tuple[Online, datetime]]:
    """Shops without end, each at four moments."""
    seed = 0
    while True:
        zone, end = PLACES[seed % len(PLACES)]
        online = Online(Shop(days=DAYS, end=end, seed=seed, time_zone=zone).of(customers, bursts=6, orders=4))
        for as_of in moments(seed, count=4, end=end, days=DAYS, time_zone=zone):
            yield online, as_of
        seed += 1


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    compared = Compared()
    began, worked = time.perf_counter(), time.process_time()
    with TemporaryDirectory() as scratch:
        engine = DuckDBEngine(scratch=Path(scratch))
        for online, as_of in shops(min(CUSTOMERS, max(wanted // 8, 100))):
            compared.add(engine, online, as_of)
            done = compared.figures["moments"]
            print(f"{done:,} of {wanted:,}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            if done >= wanted:
                break
    report("customer-moments compared", compared.figures["moments"], "count", least=wanted)
    report("cells compared", compared.figures["cells"], "count")
    report("cells that differ", compared.figures["differ"], "count", bar=0)
    seconds = sorted(compared.seconds)
    median, slow = (1e6 * seconds[len(seconds) * part // 100] for part in (50, 99))
    report("one customer online, all tables, median", median, "us", bar=MICROSECONDS_BAR)
    report("one customer online, all tables, 99th of 100", slow, "us")
    report("all of it", time.perf_counter() - began, "s")
    report("all of it, of processor time", time.process_time() - worked, "s")


if __name__ == "__main__":
    main()
