"""The scanner proves itself: it finds what was planted in each kind of file, and nothing where nothing is."""

import base64
import gzip
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from urllib.parse import quote

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindgap.backends.scanning import Scan
from mindgap.backends.scanning_needles import Needle

CANARY = "canary-Zoë+密码-4711"
OTHER = "somebody else"


def parquet(path, text, **options):
    rows = {"customer_id": [OTHER, text, None], "n": [1, 2, 3]}
    pq.write_table(pa.table(rows), path, compression="zstd", **options)


def nested(path, text):
    pq.write_table(pa.table({"lists": [[OTHER], [text]], "structs": [{"a": text}, {"a": OTHER}]}), path)


def by_duckdb(path, text):
    rows = f"select '{text}' || (i % 2) as who, i from range(5000) as t(i)"
    duckdb.sql(f"copy ({rows}) to '{path}' (format parquet, compression zstd)")


def metadata(path, text):
    table = pa.table({"n": [1]}).replace_schema_metadata({"note": text})
    pq.write_table(table, path)


def unused_dictionary(path, text):
    """A dictionary that holds a value which no row has."""
    values = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array([OTHER, text]))
    pq.write_table(pa.table({"who": values}), path, compression="zstd")


def sqlite(path, text):
    connection = sqlite3.connect(path)
    connection.execute("create table people (id text, other blob)")
    connection.execute("insert into people values (?, ?)", (text, text.encode()))
    connection.commit()
    connection.close()


def deleted(path, text):
    """A row that was deleted, and still lies in a free page."""
    sqlite(path, text)
    connection = sqlite3.connect(path)
    connection.execute("pragma secure_delete = off")
    connection.execute("delete from people")
    connection.commit()
    connection.close()


def write_ahead(path, text):
    """A row that is in the write-ahead log only."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table people (id text)")
    connection.execute("insert into people values (?)", (text,))
    connection.commit()
    for side in ("", "-wal"):
        copy = path.with_name(f"copy.db{side}")
        copy.write_bytes(path.with_name(path.name + side).read_bytes())
    connection.close()
    path.unlink()


def zipped(path, text):
    inner = path.with_name("inner.parquet")
    parquet(inner, text)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "lake/inner.parquet")
    inner.unlink()


def encoded(change):
    return lambda path, text: path.write_bytes(b"ab" + change(text) + b"cd")


KINDS = {
    "plain.log": encoded(str.encode),
    "escaped.json": lambda path, text: path.write_text(json.dumps({"id": text})),
    "utf16le.bin": encoded(lambda text: text.encode("utf-16-le")),
    "utf16be.bin": encoded(lambda text: text.encode("utf-16-be")),
    "hex.txt": encoded(lambda text: text.encode().hex().encode()),
    "upperhex.txt": encoded(lambda text: text.encode().hex().upper().encode()),
    "url.txt": encoded(lambda text: quote(text, safe="").encode()),
    **{
        f"base64-{shift}.txt": encoded(
            lambda text, shift=shift: base64.b64encode(b"x" * shift + text.encode() + b"yz")
        )
        for shift in range(3)
    },
    "gzip.gz": lambda path, text: path.write_bytes(gzip.compress(text.encode())),
    "zstd.zst": lambda path, text: path.write_bytes(pa.compress(text.encode(), "zstd", asbytes=True)),
    "backup.zip": zipped,
    "names.npy": lambda path, text: np.save(path, np.array([OTHER, text])),
    "blob.npy": lambda path, text: np.save(path, np.frombuffer(f"{OTHER}{text}".encode(), np.uint8)),
    "table.parquet": parquet,
    "plainpages.parquet": lambda path, text: parquet(path, text, use_dictionary=False),
    "nested.parquet": nested,
    "duckdb.parquet": by_duckdb,
    "metadata.parquet": metadata,
    "dictionary.parquet": unused_dictionary,
    "rows.db": sqlite,
    "free.db": deleted,
    "wal.db": write_ahead,
}


@pytest.mark.parametrize("kind", KINDS)
def test_finds_what_was_planted(tmp_path, kind):
    KINDS[kind](tmp_path / kind, CANARY)
    found = list(Scan(needles=[Needle(text=CANARY), Needle(text="never-planted-0815")]).folder(tmp_path))
    assert {one.text for one in found} == {CANARY}


@pytest.mark.parametrize("kind", KINDS)
def test_finds_nothing_where_nothing_is(tmp_path, kind):
    KINDS[kind](tmp_path / kind, "another text, quite long")
    assert not list(Scan(needles=[Needle(text=CANARY)]).folder(tmp_path))


def test_looks_behind_a_link_to_another_disk(tmp_path):
    (tmp_path / "disk/part").mkdir(parents=True)
    (tmp_path / "disk/part/a").write_text(CANARY, "utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/lake").symlink_to(tmp_path / "disk")
    assert [one.file for one in Scan(needles=[Needle(text=CANARY)]).folder(tmp_path / "data")] == [
        "lake/part/a"
    ]


def test_an_id_counts_only_where_it_stands_alone(tmp_path):
    (tmp_path / "log").write_text('{"userId":"cust-17"} and xcust-1 or cust-12')
    assert not list(Scan(needles=[Needle(text="cust-1", whole=True)]).folder(tmp_path))
    assert list(Scan(needles=[Needle(text="cust-17", whole=True)]).folder(tmp_path))


def test_a_short_id_counts_only_where_ids_stand(tmp_path):
    pq.write_table(pa.table({"customer_id": ["7", "8"], "label": ["x", "y"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"customer_id": ["8"], "label": ["7"]}), tmp_path / "b.parquet")
    scan = Scan(needles=[Needle(text="7", whole=True)], id_columns={"customer_id"})
    assert [(one.file, one.place) for one in scan.folder(tmp_path)] == [("a.parquet", "customer_id")]


def test_a_database_in_use_keeps_its_locks(tmp_path):
    """Whoever closes a file that SQLite has open gives up its locks, and the next process deletes its log."""
    file = tmp_path / "state.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        own.execute("pragma journal_mode = wal")
        own.execute("create table people (name text)")
        own.execute("insert into people values ('canary-0815')")
        assert list(Scan(needles=[Needle(text="canary-0815")]).folder(tmp_path))
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2])"
        subprocess.run([sys.executable, "-c", code, str(file), "delete from people"], check=True)
        assert own.execute("select count(*) from people").fetchone() == (0,)
        own.execute("insert into people values ('another')")
        with closing(sqlite3.connect(file)) as fresh:
            assert fresh.execute("select name from people").fetchall() == [("another",)]
