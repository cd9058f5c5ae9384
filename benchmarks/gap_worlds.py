"""The information gap in simulated businesses whose joint distribution is known.

Prints how often the 95 % interval of the advantage covers the exact mutual information, how far each figure
is from its exact value, and, where all customers are alike, how often personalization is said to pay and
how many customers are called different.

python benchmarks/gap_worlds.py [WORLDS]    200 by default
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time

import numpy as np

from mindgap.insight.customers import customer_gap
from mindgap.insight.gap import gap
from mindgap.insight.simulation import AS_OF, Business, distinct_kinds
from mindgap.kernel.derivation import Moment
from mindgap.kernel.rng import generator

MOMENT = Moment(as_of=AS_OF)
WORLDS = 200


def different(seed: int) -> tuple[float, ...]:
    """Interval covers, and how far H0, A and I(C; Y) are off, in one world of four kinds of customers."""
    rng = generator(seed, "benchmark", "different")
    business = Business(
        shares=distinct_kinds(4, 8, rng), n_customers=200, n_weeks=32, baskets_per_week=2, lines_per_basket=4
    )
    row = gap.build({"purchases": business.purchases(business.kinds(rng), rng)}, MOMENT).table.to_pylist()[0]
    exact = business.mutual_information_bits
    return (
        row["advantage_low"] <= exact <= row["advantage_high"],
        row["market_bits"] - business.market_bits,
        row["advantage_bits"] - exact,
        row["potential_bits"] - exact,
    )


def alike(seed: int) -> tuple[float, ...]:
    """Whether it is said to pay, the potential, and the share called different, where all are alike."""
    rng = generator(seed, "benchmark", "alike")
    business = Business(shares=distinct_kinds(1, 8, rng), n_customers=200, n_weeks=32, baskets_per_week=2)
    purchases = business.purchases(np.zeros(200, dtype=np.int64), rng)
    row = gap.build({"purchases": purchases}, MOMENT).table.to_pylist()[0]
    customers = customer_gap.build({"purchases": purchases}, MOMENT)
    return row["pays"], row["potential_bits"], np.mean(customers["significant"].to_pylist())


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS
    began = time.process_time()
    found = np.array([different(seed) for seed in range(worlds)], dtype=float)
    null = np.array([alike(seed) for seed in range(worlds)], dtype=float)
    print(f"{worlds} worlds of each sort, {time.process_time() - began:.0f} CPU-s")
    print(f"interval of A covers I(C;Y): {found[:, 0].mean():.1%}")
    for name, column in (("H0", 1), ("A", 2), ("I(C;Y)", 3)):
        off = found[:, column]
        print(f"{name} - exact: mean {off.mean():+.4f}, standard deviation {off.std():.4f} bits")
    print(f"all alike: pays {null[:, 0].mean():.1%}, potential {null[:, 1].mean():+.5f} bits")
    print(f"all alike: called different {null[:, 2].mean():.2%} of customers")


if __name__ == "__main__":
    main()
