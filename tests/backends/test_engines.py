"""What every engine does alike: each test runs on DuckDB and, where there is Java, on Spark."""

import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from hashlib import md5
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.spark import PLACE, needs_spark, spark_engine
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.backends.spark_place import SparkPlace, missing
from mindgap.backends.spark_sql import spark_text
from mindgap.kernel.errors import MindgapError, SettingsError, StorageError
from mindgap.store.engine import Relation

ROWS = pa.table(
    {
        "customer_id": ["a", "b", None, "c"],
        "seen_at": pa.array(
            [datetime(1969, 12, 31, 23, 59, 59, 5), datetime(2026, 1, 1), None, datetime(2099, 1, 1)]
        ),
        "n": pa.array([1, 2, 3, None], pa.int64()),
        "purposes": ["analytics service", "service", None, "analytics"],
    }
)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[needs_spark, pytest.mark.slow])])
def engine(request, tmp_path):
    if request.param == "spark":
        return spark_engine(tmp_path)
    return DuckDBEngine(scratch=tmp_path / "scratch", memory_limit_mb=200, threads=1)


def numbers(engine, relation, order="n"):
    with engine.session({"t": relation}) as session:
        return session.table(f"select n from t order by {order}")["n"].to_pylist()


def test_results_have_the_same_types_on_every_engine(engine):
    sql = """select customer_id, seen_at, n, n / 2.0 as half, n > 1 as more,
        cast(sum(n) over () as bigint) as total,
        'a\\b' as words, count(*) over () as rows_n from t"""
    with engine.session({"t": Relation(rows=ROWS)}) as session:
        schema = session.table(sql).schema
    moment, whole = pa.timestamp("us"), pa.int64()
    expected = [pa.string(), moment, whole, pa.float64(), pa.bool_(), whole, pa.string(), whole]
    assert schema.types == expected
    assert schema.metadata is None


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ({}, [None, 1, 2, 3]),
        ({"withheld": ["a"]}, [None, 2, 3]),
        ({"suppressed": {"customer_id": ["a", "b"], "no_column": ["x"]}}, [None, 3]),
        ({"suppressed": {"customer_id": ["a"]}, "withheld": ["b"]}, [None, 3]),
        ({"time_column": "seen_at", "before": datetime(2026, 1, 1)}, [1]),
        ({"time_column": "seen_at", "since": datetime(2026, 1, 1)}, [None, 2]),
        ({"allowed_for": "analytics"}, [None, 1]),
    ],
)
@pytest.mark.parametrize("form", ["rows", "paths", "sql"])
def test_a_relation_shows_what_may_be_seen(engine, tmp_path, cut, expected, form):
    path = tmp_path / "it's [1] {a}*.parquet"
    pq.write_table(ROWS, path)
    source = {
        "rows": {"rows": ROWS},
        "paths": {"paths": [path]},
        "sql": {"sql": "-- a view\nselect * from inner_t", "inputs": {"inner_t": Relation(rows=ROWS)}},
    }[form]
    assert numbers(engine, Relation(**source, **cut)) == expected


def test_a_view_within_a_view_is_cut_on_its_own(engine):
    kept = Relation(sql="select * from raw", inputs={"raw": Relation(rows=ROWS, withheld=["a"])})
    counted = Relation(sql="select count(*) as n from kept as k", inputs={"kept": kept})
    assert numbers(engine, counted) == [3]


def test_files_are_read_by_name_and_an_empty_table_has_its_columns(engine, tmp_path):
    pq.write_table(ROWS.select(["n", "customer_id"]), tmp_path / "1.parquet")
    pq.write_table(ROWS.select(["seen_at", "n"]), tmp_path / "2.parquet")
    paths = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    relations = {"t": Relation(paths=paths), "none": Relation(schema=ROWS.schema)}
    with engine.session(relations) as session:
        found = session.table("select customer_id, n, seen_at from t where n = 1 order by customer_id")
        assert found.to_pylist() == [
            {"customer_id": None, "n": 1, "seen_at": ROWS["seen_at"][0].as_py()},
            {"customer_id": "a", "n": 1, "seen_at": None},
        ]
        assert session.table('select * from "none"').schema.names == ROWS.schema.names


def test_parameters_are_values(engine):
    given = {"n": 2, "moment": datetime(2026, 1, 1)}
    with engine.session({"t": Relation(rows=ROWS)}) as session:
        found = session.table(
            "select n, '$n' as w from t where seen_at = $moment and n = $n", parameters=given
        )
        assert found.to_pylist() == [{"n": 2, "w": "$n"}]
        sly = ["b' or 'x' = 'x", "b\\' or 'x' = 'x", "\\", 1.5, True, None, 'a"b']
        for value in sly:
            same = session.table("select $value as told", parameters={"value": value})
            assert same["told"].to_pylist() == [value]


def test_a_column_that_came_after_all_files_were_written_is_null(engine, tmp_path):
    pq.write_table(ROWS.select(["n", "seen_at"]), tmp_path / "old.parquet")
    relation = Relation(paths=[tmp_path / "old.parquet"], schema=ROWS.schema)
    with engine.session({"t": relation}) as session:
        found = session.table("select customer_id, purposes, n from t order by n nulls last")
    assert found.schema.types == [pa.string(), pa.string(), pa.int64()]
    assert found["n"].to_pylist() == [1, 2, 3, None]
    assert set(found["customer_id"].to_pylist()) == {None}


def test_a_saved_table_is_one_file_in_the_order_of_the_query(engine, tmp_path):
    rows = pa.table({"n": [(nth * 7919) % 5000 for nth in range(5000)]})
    target = tmp_path / "table.parquet"
    with engine.session({"t": Relation(rows=rows)}) as session:
        assert session.save("select n, null is null as yes from t order by n desc", target) == 5000
        assert session.save("select n from t where n < 0", tmp_path / "none.parquet") == 0
    saved = pq.ParquetFile(target)
    assert saved.read()["n"].to_pylist() == sorted(range(5000), reverse=True)
    assert saved.metadata.row_group(0).column(0).compression == "ZSTD"
    assert pq.read_schema(tmp_path / "none.parquet").names == ["n"]
    assert {path.name for path in tmp_path.iterdir()} <= {"table.parquet", "none.parquet", "scratch", "spark"}


@needs_spark
@pytest.mark.slow
def test_a_workspace_may_lie_in_a_folder_of_any_name(tmp_path):
    folder = tmp_path / "my shop 100% [é] {茶}"
    folder.mkdir()
    pq.write_table(ROWS, folder / "t*.parquet")
    with spark_engine(folder).session({"t": Relation(paths=[folder / "t*.parquet"])}) as session:
        assert session.save("select n from t", folder / "saved it.parquet") == 4
    assert pq.read_table(folder / "saved it.parquet").num_rows == 4


def test_a_table_by_day_is_a_file_for_each_day(engine, tmp_path):
    rows = pa.table({"day": pa.array([2, -1, 2, -1, 2], pa.int64()), "n": [1, 2, 3, 4, 5]})
    with engine.session({"t": Relation(rows=rows)}) as session:
        found = session.save_days("select * from t order by n desc", tmp_path / "days")
        assert session.save_days("select * from t where n > 9", tmp_path / "no-days") == {}
    assert {day: rows for day, (_, rows) in found.items()} == {2: 3, -1: 2}
    read = {day: pq.ParquetFile(path).read() for day, (path, _) in found.items()}
    assert read[2].to_pydict() == {"day": [2, 2, 2], "n": [5, 3, 1]}
    assert read[-1].to_pydict() == {"day": [-1, -1], "n": [4, 2]}


@pytest.mark.parametrize("content", [None, b"", b"PAR1 cut off"])
def test_a_table_that_is_gone_or_damaged_is_told(engine, tmp_path, content):
    if content is not None:
        (tmp_path / "t.parquet").write_bytes(content)
    with (
        pytest.raises(StorageError, match="files"),
        engine.session({"t": Relation(paths=[tmp_path / "t.parquet"])}) as session,
    ):
        session.table("select * from t")


KINDS = {
    "whole numbers": [1],
    "numbers": [1.5],
    "text": ["1"],
    "one place": pa.array([Decimal("1.5")], pa.decimal128(9, 1)),
    "two places": pa.array([Decimal("1.25")], pa.decimal128(9, 2)),
    "microseconds": pa.array([datetime(2026, 1, 1)], pa.timestamp("us")),
    "nanoseconds": pa.array([datetime(2026, 1, 1)], pa.timestamp("ns")),
    "a list": [[1]],
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("whole numbers", "numbers"),
        ("numbers", "text"),
        ("whole numbers", "text"),
        ("one place", "two places"),
        ("microseconds", "nanoseconds"),
        ("microseconds", "text"),
        ("whole numbers", "a list"),
    ],
)
def test_a_column_of_another_type_in_another_file_is_told_with_the_file(engine, tmp_path, one, other):
    paths = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    for path, kind in zip(paths, (one, other), strict=True):
        pq.write_table(pa.table({"n": KINDS[kind]}), path)
    with (
        pytest.raises(
            StorageError, match=r"files .* column 'n' is .* in first.parquet and .* in second.parquet"
        ),
        engine.session({"t": Relation(paths=paths)}),
    ):
        pass


def test_a_column_that_its_writer_held_otherwise_is_the_same(engine, tmp_path):
    paths = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    kinds = (pa.string(), pa.dictionary(pa.int32(), pa.string()))
    for path, kind in zip(paths, kinds, strict=True):
        words = pa.array(["a"]).cast(kind)
        pq.write_table(
            pa.table({"w": words, "many": pa.array([["b"]], pa.large_list(pa.large_string()))}), path
        )
    with engine.session({"t": Relation(paths=paths)}) as session:
        assert session.table("select w, many from t").to_pylist() == [{"w": "a", "many": ["b"]}] * 2


def test_a_file_that_is_damaged_within_is_told_by_its_name(engine, tmp_path):
    path = tmp_path / "rotten.parquet"
    pq.write_table(pa.table({"w": ["tea" * nth for nth in range(2_000)]}), path, compression="zstd")
    start = pq.ParquetFile(path).metadata.row_group(0).column(0).dictionary_page_offset or 4
    with path.open("r+b") as file:
        file.seek(start + 20)
        file.write(b"\xff" * 2_000)
    with (
        pytest.raises(StorageError, match=r"files.*rotten\.parquet"),
        engine.session({"t": Relation(paths=[path])}) as session,
    ):
        session.table("select max(w) as w from t")


def test_what_is_kept_aside_is_gone_afterwards(engine, tmp_path):
    with engine.session({"t": Relation(rows=ROWS)}) as session:
        session.save("select * from t", tmp_path / "t.parquet")
    left = [path for folder in ("scratch", "spark") for path in (tmp_path / folder).glob("*")]
    assert [path.name for path in left if not path.name.endswith("-spark")] == []


def test_orders_put_nulls_where_the_other_engine_does(engine):
    assert numbers(engine, Relation(rows=ROWS), order="n") == [None, 1, 2, 3]
    assert numbers(engine, Relation(rows=ROWS), order="n desc") == [3, 2, 1, None]


def test_text_is_read_alike(engine):
    words = pa.table(
        {"w": ["1d", "0x1p3", "1_0", "inf", " 1e5 ", "5.", ".5", "+2", "1e400", "", None, "ΑΣ İ\u3000"]}
    )
    sql = "select number_in(w) as n, lower(trim(w)) as w, row_hash(w) as h from words order by w"
    with engine.session({"words": Relation(rows=words)}) as session:
        found = session.table(sql).to_pylist()
    assert sorted(row["n"] for row in found if row["n"] is not None) == [0.5, 2.0, 5.0, 1e5, float("inf")]
    assert "ασ i" in {row["w"] for row in found}
    assert (
        next(row["h"] for row in found if row["w"] == "")
        == int.from_bytes(md5(b"", usedforsecurity=False).digest()[:8], "little") >> 1
    )
    assert all(row["h"] >= 0 for row in found if row["h"] is not None)


@pytest.mark.parametrize("address", ["", "local[x]", "http://h", "spark://", "sc:/h", "yarn"])
def test_an_address_that_is_none_is_told(address):
    place = SparkPlace(address=address, scratch=Path(), memory_limit_mb=800)
    (error,) = missing(place)
    assert isinstance(error, SettingsError)


def test_nobody_at_the_address_is_told_with_the_address(tmp_path):
    place = SparkPlace(address="spark://127.0.0.1:9", scratch=tmp_path, memory_limit_mb=800)
    assert "127.0.0.1:9" in [*missing(place)][-1].message
    engine = spark_engine(tmp_path, address="spark://127.0.0.1:9")
    with pytest.raises(MindgapError), engine.session({}):
        pass


def test_the_doctor_says_that_there_is_no_java(tmp_path):
    (tmp_path / "mindgap.toml").write_text('[workspace]\nengine = "spark"\n')
    (tmp_path / ".mindgap").mkdir()
    command = [sys.executable, "-m", "mindgap.cli", "doctor", "--dir", str(tmp_path)]
    env = {**os.environ, "JAVA_HOME": str(tmp_path / "nowhere"), "COLUMNS": "200"}
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "Spark needs Java" in found.stdout
    assert "Install Java 17" in found.stdout


def test_what_stands_in_texts_and_comments_stays():
    sql = "select '$a 0.5 lower(x)', \"lower(\" -- trim(it's $b)\nfrom t where 0.5 < $c"
    assert (
        spark_text(sql, {"c": 1})
        == "select '$a 0.5 lower(x)', \"lower(\" -- trim(it's $b)\nfrom t where 0.5d < 1"
    )
    assert PLACE.hosts == ()
