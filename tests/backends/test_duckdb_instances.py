"""Sessions of the embedded engine share a database one after the other, and nothing else."""

import gc
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.duckdb_instances import Instances
from mindgap.store.engine import Relation


@pytest.fixture
def engine(tmp_path):
    return DuckDBEngine(scratch=tmp_path / "scratch")


def rows(*values):
    return Relation(rows=pa.table({"n": pa.array(values, pa.int64())}))


def test_a_session_sees_nothing_of_the_one_before(engine):
    over = Relation(sql="select n + 1 as n from one", inputs={"one": rows(1)})
    with engine.session({"a": rows(1), "b": over}) as session:
        session.hold("whole", over, rows=1)
        assert session.table("select n from b").to_pylist() == [{"n": 2}]
    with engine.session({"b": rows(5)}) as session:
        assert session.table("select n from b").to_pylist() == [{"n": 5}]
        for gone in ("a", "a__rows", "held__whole", "whole__whole", '"b__query".one'):
            with pytest.raises(duckdb.CatalogException):
                session.table(f"select * from {gone}")


@pytest.mark.parametrize("size", [3, 2_000_000])
def test_what_is_held_is_worked_out_once_and_let_go_for_the_next(engine, size):
    with engine.session({"a": rows(1, 2, 3)}) as session:
        drawn = Relation(sql="select n, random() as drawn from a", inputs={"a": rows(1, 2, 3)})
        for _ in range(2):
            session.bind({"held": session.hold("some", drawn, rows=size)})
            seen = [session.table("select * from held order by n").to_pylist() for _ in range(2)]
            assert seen[0] == seen[1]
            assert [row["n"] for row in seen[0]] == [1, 2, 3]


def test_sessions_at_the_same_time_are_strangers(engine):
    def asked(n):
        with engine.session({"a": rows(n)}) as session, engine.session({"a": rows(-n)}) as other:
            return [one.table("select n from a")["n"][0].as_py() for one in (session, other)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, range(40))) == [[n, -n] for n in range(40)]


def test_after_a_session_that_broke_the_next_one_works(engine):
    with pytest.raises(duckdb.CatalogException), engine.session({"a": rows(1)}) as session:
        session.table("select * from nowhere")
    with engine.session({"a": rows(2)}) as session:
        assert session.table("select n, unix_micros(timestamp '1970-01-01') as t from a").to_pylist() == [
            {"n": 2, "t": 0}
        ]


def test_a_database_that_cannot_be_tidied_up_is_not_kept(tmp_path):
    instances = Instances()
    with instances.lend({}, scratch=tmp_path, functions=()) as first:
        first.execute("use memory; detach own__")
    with instances.lend({}, scratch=tmp_path, functions=()) as second:
        assert second.execute("select 1").fetchall() == [(1,)]


def test_a_file_that_changed_between_sessions_is_read_anew(engine, tmp_path):
    path = tmp_path / "a.parquet"
    seen = []
    for size in (1, 1_000):
        pq.write_table(pa.table({"n": list(range(size))}), path)
        with engine.session({"a": Relation(paths=[path])}) as session:
            seen.append(session.table("select count(*) as n, max(n) as most from a").to_pylist()[0])
    assert seen == [{"n": 1, "most": 0}, {"n": 1_000, "most": 999}]


def test_what_a_session_spilled_goes_with_it(tmp_path):
    engine = DuckDBEngine(scratch=tmp_path / "scratch", memory_limit_mb=60)
    with engine.session({}) as session:
        many = "select range as n, md5(range::varchar) as words from range(1000000) order by words"
        session.hold("many", Relation(sql=many), rows=2_000_000)
        assert list((tmp_path / "scratch").iterdir()) != []
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_opens_a_database_of_its_own(engine):
    def asked():
        for n in range(3):
            with engine.session({"a": rows(n)}) as session:
                assert session.table("select sum(n + range) as n from a, range(10)").num_rows == 1

    asked()
    fork = multiprocessing.get_context("fork").Process(target=asked)
    fork.start()
    fork.join(30)
    assert fork.exitcode == 0


def test_nothing_that_was_bound_is_kept(engine):
    before = pa.total_allocated_bytes()
    with engine.session({"a": rows(*range(100_000))}) as session:
        assert session.table("select count(*) as n from a").to_pylist() == [{"n": 100_000}]
    del session
    gc.collect()
    assert pa.total_allocated_bytes() - before < 1_000


def test_a_database_that_has_served_for_long_is_not_kept(engine):
    def opened():
        with engine.session({}) as session:
            return session.table("select current_setting('temp_directory') as own")["own"][0].as_py()

    assert any(opened() == opened() for _ in range(20))
    first = opened()
    with engine.session({}):
        time.sleep(1)
    assert opened() != first
