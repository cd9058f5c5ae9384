"""Spark on several machines: a worker is lost in mid-run, and a client without Java asks a server."""

import threading
import time
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.spark import needs_spark
from kits.spark_cluster import cluster, connect_server
from kits.twin import differences
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.spark import SparkEngine
from mindgap.backends.spark_place import SparkPlace, stop_spark
from mindgap.kernel.rng import generator
from mindgap.store.engine import Relation

pytestmark = [needs_spark, pytest.mark.slow]
ROWS, FILES = 60_000, 6
VISITS = """
with stepped as (
    select *, lag(unix_micros(occurred_at)) over (
        partition by customer_id order by occurred_at, row_id
    ) as before_us
    from events
),
counted as (
    select *, sum(
        case when before_us is null or unix_micros(occurred_at) - before_us > 1800000000 then 1 else 0 end
    ) over (partition by customer_id order by occurred_at, row_id) as visit
    from stepped
)
select customer_id, cast(visit as bigint) as visit, count(*) as events, min(occurred_at) as started_at,
    sum(price) / count(*) as mean_price
from counted
group by customer_id, visit
order by customer_id, visit
"""
HASHED = """
select e.row_id % 500 as part, count(*) as n, min(md5(concat(cast(e.row_id as string), ' ', t.word))) as least
from events as e
cross join times as t
group by e.row_id % 500
order by part
"""


@pytest.fixture(scope="module")
def relations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    rng = generator(1, "cluster")
    paths = []
    for nth in range(FILES):
        size = ROWS // FILES
        seconds = rng.integers(0, 90 * 86_400, size)
        table = pa.table(
            {
                "row_id": pa.array(np.arange(size) + nth * size),
                "customer_id": [f"c{number}" for number in rng.integers(0, 3000, size)],
                "occurred_at": pa.array(
                    [datetime(2026, 1, 1) + timedelta(seconds=int(second)) for second in seconds],
                    pa.timestamp("us"),
                ),
                "price": np.round(rng.uniform(0, 100, size), 2),
            }
        )
        paths.append(folder / f"{nth}.parquet")
        pq.write_table(table, paths[-1])
    times = pa.table({"word": [f"word {nth}" for nth in range(30)]})
    return {"events": Relation(paths=paths), "times": Relation(rows=times)}


@pytest.fixture(scope="module")
def expected(relations, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    with DuckDBEngine(scratch=scratch, threads=2).session(relations) as session:
        return {sql: session.table(sql) for sql in (VISITS, HASHED)}


def test_a_worker_that_is_lost_in_mid_run_changes_no_cell(relations, expected, tmp_path):
    with cluster(tmp_path / "cluster") as nodes:
        place = SparkPlace(
            address=nodes.address,
            scratch=tmp_path / "scratch",
            memory_limit_mb=700,
            settings={"spark.sql.shuffle.partitions": "4"},
        )
        lost, found = [], []

        def lose():
            time.sleep(2.0)
            lost.extend(nodes.kill(nodes.workers[0]))

        try:
            with SparkEngine(place=place).session(relations) as session:
                assert differences(expected[VISITS], session.table(VISITS), ordered=True) == []
                thread = threading.Thread(target=lose)
                thread.start()
                while thread.is_alive() or not found:  # one query is under way when the worker dies
                    found.append(session.table(HASHED))
                thread.join()
                again = session.save(VISITS, tmp_path / "visits.parquet")
        finally:
            stop_spark()
    assert lost, "it had work"
    assert all(differences(expected[HASHED], hashed, ordered=True) == [] for hashed in found)
    assert again == expected[VISITS].num_rows
    assert differences(expected[VISITS], pq.read_table(tmp_path / "visits.parquet"), ordered=True) == []


def test_a_client_without_java_asks_a_server(relations, expected, tmp_path):
    pytest.importorskip("grpc")
    with connect_server(tmp_path / "server") as address:
        place = SparkPlace(
            address=address,
            scratch=tmp_path / "scratch",
            memory_limit_mb=700,
            settings={"spark.sql.shuffle.partitions": "4"},
        )
        empty = Relation(schema=pa.schema({"n": pa.int64(), "customer_id": pa.string()}))
        with SparkEngine(place=place).session({**relations, "none": empty}) as session:
            found = session.table(VISITS)
            rows = session.save(VISITS, tmp_path / "visits.parquet")
            none = session.table('select * from "none"')
            day = session.table(
                "select $at as told, lower('ΑΣ') as w", parameters={"at": datetime(2026, 1, 1)}
            )
        left = SparkEngine(place=place).missing()
    assert differences(expected[VISITS], found, ordered=True) == []
    assert rows == expected[VISITS].num_rows
    assert differences(expected[VISITS], pq.read_table(tmp_path / "visits.parquet"), ordered=True) == []
    assert day.to_pylist() == [{"told": datetime(2026, 1, 1), "w": "ασ"}]
    assert none.schema.equals(pa.schema({"n": pa.int64(), "customer_id": pa.string()}))
    assert left == ()
