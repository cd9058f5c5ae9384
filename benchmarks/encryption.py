"""What keys cost: sealing a value, a token, a key; and files that are encrypted, written and read.

`python -m benchmarks.encryption`; `--rows 200000` is a short look. Processor time, threads bound to one core.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import report
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.kernel.rng import generator
from mindgap.store.engine import Relation
from mindgap.store.parquet import ParquetCipher
from mindgap.trust.identifiers import normalise, token
from mindgap.trust.keys import MasterKey, new_key, opened, sealed

TIMES = 5
QUERIES = {
    "a sum over all rows": "select bucket, count(*) as n, sum(value) as total from t group by bucket",
    "one customer's rows": "select * from t where customer_id = 'c17'",
}


def best(do: Callable[[], object], *, times: int = TIMES) -> float:
    """The least processor time of some calls, in seconds."""
    found: list[float] = []
    for _ in range(times):
        began = time.process_time()
        do()
        found.append(time.process_time() - began)
    return min(found)


def values(count: int) -> None:
    key, master = new_key(), MasterKey(new_key())
    texts = [f"person{n}@example.com" for n in range(count)]
    boxes = [sealed(text, key, "customer/1") for text in texts]
    wrapped = master.wrap(key, "customer/1")
    for name, do in {
        "values sealed": lambda: [sealed(text, key, "customer/1") for text in texts],
        "values opened": lambda: [opened(box, {"customer/1": key}) for box in boxes],
        "addresses made tokens": lambda: [
            token("email", normalise("email", text, "US") or "", key) for text in texts
        ],
        "keys unwrapped": lambda: [master.unwrap(wrapped, "customer/1") for _ in texts],
    }.items():
        report(name, round(count / best(do)), "1/s")


def files(folder: Path, rows: int) -> None:
    rng = generator(7, "encryption")
    table = pa.table(
        {
            "customer_id": [f"c{n}" for n in rng.integers(0, rows // 40 + 18, rows)],
            "bucket": rng.integers(0, 64, rows),
            "value": rng.normal(size=rows),
            "properties": [f'{{"product_id": "p{n}"}}' for n in rng.integers(0, 5_000, rows)],
        }
    )
    plain, hidden = folder / "plain.parquet", folder / "hidden.parquet"
    key = new_key()
    cipher = ParquetCipher(key=lambda: key, is_on=True)
    pq.write_table(table, plain, compression="zstd")

    def hide() -> None:
        hidden.write_bytes(plain.read_bytes())
        cipher.encrypt(hidden)

    written = best(lambda: pq.write_table(table, plain, compression="zstd"), times=3)
    report("writing a file", written, "s")
    report("encrypting it when it is finished", best(hide, times=3), "s")
    report("how much larger it is", hidden.stat().st_size / plain.stat().st_size - 1, "share")
    engine = DuckDBEngine(scratch=folder, threads=1, cipher=cipher)
    for name, sql in QUERIES.items():
        for how, path in (("in the clear", plain), ("encrypted", hidden)):
            with engine.session({"t": Relation(paths=[path])}) as session:
                report(f"{name}, {how}", best(lambda s=session, q=sql: s.table(q)), "s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    rows = parser.parse_args().rows
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    values(min(rows, 100_000))
    with tempfile.TemporaryDirectory() as folder:
        files(Path(folder), rows)


if __name__ == "__main__":
    main()
