"""One suite for the State ports; it runs on every database that is there."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import mindgap.backends.accounts  # noqa: F401 - its tables belong to the schema
from mindgap.backends.consent import SqlAccessRecord, SqlConsent
from mindgap.backends.ledger import SqlLedger
from mindgap.backends.manifest import SqlManifest
from mindgap.backends.schema import metadata
from mindgap.backends.sqlite import open_sqlite
from mindgap.kernel.errors import StorageError
from mindgap.kernel.purposes import Purpose
from mindgap.store.state import Access, ModelEntry, Part, ShelfEntry, SourceRecord

T0 = datetime(2024, 1, 1)


def record(name="orders", **changes):
    values = {"rows_read": 5, "rows_used": 3, "rows_quarantined": 1, "rows_duplicate": 1} | changes
    return SourceRecord(
        name=name, table="orders", content="c", stat="s", reasons={"bad_date": 1}, read_at=T0, **values
    )


def part(key, source="orders"):
    return Part(
        key=key, table="orders", source=source, path=f"{key}.parquet", rows=3, min_time=T0, max_time=T0
    )


def entry(fingerprint="f", as_of=T0, **changes):
    values = {"path": "p", "rows": 1, "built_at": T0, "seconds": 0.5} | changes
    return ShelfEntry(name="features", as_of=as_of, fingerprint=fingerprint, **values)


def test_migrations_make_exactly_the_tables_that_the_code_uses(database):
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_newer_state_is_refused(tmp_path):
    engine = open_sqlite(tmp_path / "state.db")
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match="9999"):
        open_sqlite(tmp_path / "state.db")


def test_a_damaged_state_is_refused_with_a_hint(tmp_path):
    (tmp_path / "state.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError) as caught:
        open_sqlite(tmp_path / "state.db")
    assert caught.value.hint


def test_a_source_replaces_its_own_parts_and_no_others(database):
    ledger = SqlLedger(database)
    ledger.replace(record("a"), [part("a1", "a"), part("a2", "a")])
    ledger.replace(record("b"), [part("b1", "b")])
    ledger.replace(record("a"), [part("a3", "a")])
    assert [p.key for p in ledger.parts("orders")] == ["a3", "b1"]
    assert [s.name for s in ledger.sources()] == ["a", "b"]
    assert ledger.sources()[0].reasons == {"bad_date": 1}


def test_counts_that_do_not_add_up_are_refused_and_nothing_changes(database):
    ledger = SqlLedger(database)
    ledger.replace(record(), [part("k1")])
    with pytest.raises(sa.exc.IntegrityError):
        ledger.replace(record(rows_used=4), [part("k2")])
    assert [p.key for p in ledger.parts("orders")] == ["k1"]


def test_the_shelf_keeps_one_table_per_name_and_moment(database):
    manifest = SqlManifest(database)
    manifest.keep(entry("old"))
    manifest.keep(entry("new"))
    manifest.keep(entry("other", datetime(2024, 2, 1), reason={"code": "no-orders", "params": {}}))
    assert manifest.entry("features", T0).fingerprint == "new"
    assert len(manifest.entries()) == 2
    manifest.forget(manifest.entry("features", T0))
    assert manifest.entry("features", T0) is None


def test_only_models_of_the_latest_two_runs_stay(database):
    manifest = SqlManifest(database)
    middle, later = datetime(2024, 2, 1), datetime(2024, 3, 1)
    for moment in (T0, middle, later):
        model = ModelEntry(name="churn", as_of=moment, path="v", card={"use": "x"}, built_at=T0)
        manifest.keep(entry(as_of=moment), [model])
        manifest.complete(moment)
    assert manifest.as_of() == later
    assert manifest.model("churn", T0) is None
    assert manifest.model("churn", middle) is not None
    assert manifest.model("churn", later).card == {"use": "x"}


def test_models_come_in_the_order_of_their_names(database):
    manifest = SqlManifest(database)
    models = [
        ModelEntry(name=name, as_of=T0, path="v", card={}, built_at=T0) for name in ("value", "churn", "gap")
    ]
    manifest.keep(entry(as_of=T0), models)
    assert [model.name for model in manifest.models()] == ["churn", "gap", "value"]


def test_the_latest_decision_on_a_purpose_counts(database):
    consent = SqlConsent(database)
    for granted in (False, True, False):
        consent.record("c1", Purpose.ANALYTICS, granted=granted, at=T0, source="test")
    consent.record("c2", Purpose.ANALYTICS, granted=True, at=T0, source="test")
    assert consent.withdrawn(Purpose.ANALYTICS) == ["c1"]
    assert consent.withdrawn(Purpose.MARKETING) == []
    assert consent.of_customer("c1") == {Purpose.ANALYTICS: False}


def test_reads_are_recorded_newest_first(database):
    access = SqlAccessRecord(database)
    access.add(Access(at=T0, actor="a", purpose=Purpose.SERVICE, table=name, rows=1) for name in "xyz")
    assert [item.table for item in access.latest(2)] == ["z", "y"]


def test_a_migration_that_is_cut_off_leaves_nothing_and_the_next_one_is_whole(tmp_path, monkeypatch):
    def cut_off(connection):
        connection.exec_driver_sql("create table sources (name text)")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("mindgap.backends.migrate._upgrade", cut_off)
        with pytest.raises(KeyboardInterrupt):
            open_sqlite(tmp_path / "state.db")
    engine = open_sqlite(tmp_path / "state.db")
    assert "alembic_version" in sa.inspect(engine).get_table_names()
