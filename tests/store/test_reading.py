"""The one door to customer data: purpose, as-of time, consent and the record of reads."""

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.shop import canonical, put
from mindgap.kernel.derivation import Derivation
from mindgap.kernel.errors import AccessError, CannotSay, UnknownError
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.store.reading import Reader, require_person_purpose
from mindgap.store.state import Part, ShelfEntry, SourceRecord

T0 = datetime(2024, 1, 1)


def row(day, customer):
    at = T0 + timedelta(days=day)
    return {"order_id": f"o{day}", "customer_id": customer, "ordered_at": at, "quantity": 1.0, "kind": "sale"}


@pytest.fixture
def reader(workspace):
    put(workspace, "orders", canonical("orders", [row(0, "c1"), row(1, "c2"), row(2, None), row(3, "c1")]))
    told = Derivation(
        name="told",
        grain="one row per customer",
        purpose=Purpose.ANALYTICS,
        inputs={},
        sql="-",
        customer_level=True,
    )
    market = Derivation(name="market", grain="one row", purpose=Purpose.OPERATIONS, inputs={}, sql="-")
    return Reader(
        stores=workspace.stores, derivations={"told": told, "market": market}, actor="test", time_zone="UTC"
    )


def shelve(reader, name, table, *, reason=None, as_of=T0):
    path = f"shelf/{name}/{as_of:%Y%m%d}.parquet"
    with reader.stores.files.staging() as staging:
        pq.write_table(table, staging / "t.parquet")
        reader.stores.files.adopt(staging / "t.parquet", path)
    entry = ShelfEntry(name=name, as_of=as_of, fingerprint="x", path="" if reason else path,
                       rows=table.num_rows, built_at=T0, seconds=0.0, reason=reason or {})  # fmt: skip
    reader.stores.manifest.keep(entry)


@pytest.mark.parametrize(("days", "seen"), [(0, 0), (1, 1), (2.5, 3), (30, 4)])
def test_nothing_at_or_after_the_as_of_time_is_seen(reader, days, seen):
    table = reader.read("orders", purpose=Purpose.OPERATIONS, as_of=T0 + timedelta(days=days))
    assert table.num_rows == seen


@pytest.mark.parametrize("purpose", WITHDRAWABLE)
def test_who_withdrew_is_not_seen_for_that_purpose_and_anonymous_rows_are(reader, purpose):
    reader.stores.consent.record("c1", purpose, granted=False, at=T0, source="test")
    later = T0 + timedelta(days=30)
    assert reader.read("orders", purpose=purpose, as_of=later)["customer_id"].to_pylist() == ["c2", None]
    others = [name for name in Purpose if name != purpose]
    assert [reader.read("orders", purpose=name, as_of=later).num_rows for name in others] == [4] * len(others)


def test_derived_tables_obey_too_and_reads_are_recorded(reader):
    shelve(reader, "told", pa.table({"customer_id": ["c1", "c2"], "n": [1, 2]}))
    reader.stores.consent.record("c1", Purpose.MARKETING, granted=False, at=T0, source="test")
    assert reader.read("told", purpose=Purpose.MARKETING, as_of=T0, columns=["n"])["n"].to_pylist() == [2]
    one = reader.read("told", purpose=Purpose.SERVICE, as_of=T0, customer_id="c1")
    assert one["n"].to_pylist() == [1]
    newest, before = reader.stores.access.latest(2)
    assert (newest.purpose, newest.rows, newest.single_customer, newest.actor) == (
        Purpose.SERVICE, 1, True, "test"
    )  # fmt: skip
    assert (before.purpose, before.rows, before.single_customer) == (Purpose.MARKETING, 1, False)


def same_person(**pairs):
    return pa.table(
        {
            "id": pa.array(list(pairs), pa.string()),
            "id_kind": pa.array(["customer"] * len(pairs), pa.string()),
            "person_id": pa.array(list(pairs.values()), pa.string()),
        }
    )


@pytest.mark.parametrize("complete", [T0 + timedelta(days=9), T0 + timedelta(days=30)])
def test_who_says_no_by_one_id_is_not_read_by_one_that_turned_out_later_to_be_theirs(reader, complete):
    early, late = T0 + timedelta(days=9), T0 + timedelta(days=30)
    shelve(reader, "same_person", same_person(), as_of=early)
    shelve(reader, "same_person", same_person(c2="c1"), as_of=late)
    reader.stores.manifest.complete(complete)  # the last run may have looked back
    reader.stores.consent.record("c1", Purpose.ANALYTICS, granted=False, at=T0, source="test")
    for moment in (early, late, T0 + timedelta(days=4)):
        found = reader.read("orders", purpose=Purpose.ANALYTICS, as_of=moment)
        assert found["customer_id"].to_pylist() == [None]
    assert reader.read("orders", purpose=Purpose.SERVICE, as_of=early).num_rows == 4


def test_who_was_taken_for_one_person_then_is_still_left_out_of_what_was_made_then(reader):
    early, late = T0 + timedelta(days=9), T0 + timedelta(days=30)
    shelve(reader, "same_person", same_person(c2="c1"), as_of=early)
    shelve(reader, "same_person", same_person(), as_of=late)
    reader.stores.consent.record("c2", Purpose.ANALYTICS, granted=False, at=T0, source="test")
    seen = [
        set(reader.read("orders", purpose=Purpose.ANALYTICS, as_of=at)["customer_id"].to_pylist())
        for at in (early, late)
    ]
    assert seen == [{None}, {None, "c1"}]


def test_market_figures_are_read_without_a_record(reader):
    shelve(reader, "market", pa.table({"n": [1]}))
    assert reader.read("market", purpose=Purpose.OPERATIONS, as_of=T0).num_rows == 1
    assert reader.stores.access.latest(1) == []


def test_what_is_not_there_says_why(reader):
    with pytest.raises(UnknownError, match="market"):
        reader.read("tolt", purpose=Purpose.SERVICE, as_of=T0)
    with pytest.raises(UnknownError, match="not been built"):
        reader.read("told", purpose=Purpose.SERVICE, as_of=T0)
    shelve(reader, "told", pa.table({"n": [1]}), reason={"code": "no-prices", "params": {"lines": 3}})
    with pytest.raises(CannotSay) as answer:
        reader.read("told", purpose=Purpose.SERVICE, as_of=T0)
    assert (answer.value.code, answer.value.params) == ("no-prices", {"lines": 3})


def test_a_file_listed_for_each_of_its_weeks_is_read_once(reader):
    ledger = reader.stores.ledger
    (part,) = ledger.parts("orders")
    weeks = [
        Part(key=f"{part.key}-{nth}", table="orders", source="orders", path=part.path, rows=2,
             min_time=T0 + timedelta(days=2 * nth), max_time=T0 + timedelta(days=2 * nth + 1))
        for nth in range(2)
    ]  # fmt: skip
    (record,) = ledger.sources()
    assert isinstance(record, SourceRecord)
    ledger.replace(record, weeks)
    assert reader.read("orders", purpose=Purpose.OPERATIONS, as_of=T0 + timedelta(days=30)).num_rows == 4
    assert reader.read("orders", purpose=Purpose.OPERATIONS, as_of=T0 + timedelta(days=1)).num_rows == 1


def test_showing_a_person_needs_a_purpose_that_the_person_can_refuse():
    assert require_person_purpose(Purpose.SERVICE) is Purpose.SERVICE
    with pytest.raises(AccessError):
        require_person_purpose(Purpose.OPERATIONS)
