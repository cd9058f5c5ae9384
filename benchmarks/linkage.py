"""Linking two files of customers without a shared key, against people who are known (tests/kits/crm.py).

`python -m benchmarks.linkage [PEOPLE] [SEED...]`; needs the extra [linkage]. Beside it: joining what is
exactly alike (an identifier in common, or the same year of birth, gender, postal area and habits). Intervals
are 95 %.
"""

import sys
import time
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks import report
from kits.crm import Crm, crm_pair, exactly_alike, rates
from mindgap.backends.linkage import SplinkLinkage
from mindgap.process.identity.alike import records
from mindgap.process.identity.likeness import choose, mutual

_PEOPLE, _SEEDS = 2_000, (1, 2, 3)


def tell(name: str, found: frozenset[frozenset[str]], crm: Crm) -> None:
    for what, (share, low, high) in zip(("precision", "recall"), rates(found, crm.truth), strict=True):
        report(f"{name}: {what}, {low:.3f} to {high:.3f}", share, "")


def main() -> None:
    people = int(sys.argv[1]) if sys.argv[1:] else _PEOPLE
    for seed in [int(one) for one in sys.argv[2:]] or _SEEDS:
        crm = crm_pair(people, seed=seed)
        rows, compared = records(pa.Table.from_pylist(crm.rows))
        began = time.perf_counter()
        scored = SplinkLinkage().score(rows, compared, seed=seed)
        seconds = time.perf_counter() - began
        pairs = mutual(scored.pairs)
        chosen = choose(pairs, {})
        linked = [one for one in pairs if one.probability >= chosen.probability]
        name = f"{len(crm.rows):,} records, {len(crm.truth):,} people in both, seed {seed}"
        tell(f"{name}: ours", frozenset(frozenset((one.first, one.second)) for one in linked), crm)
        tell(f"{name}: exactly alike", exactly_alike(crm.rows), crm)
        report(f"{name}: expected share of wrong pairs", chosen.false_rate, "", bar=0.01)
        report(f"{name}: comparing", seconds, "s")


if __name__ == "__main__":
    main()
