"""The clean views: canonical rows minus what was dropped, of the person; closed forms on single queries."""

import json
from datetime import datetime

import pyarrow as pa
import pytest

from kits.shop import canonical
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.kernel.tables import CANONICAL
from mindgap.process.models import sql_derivations
from mindgap.store.engine import Relation
from mindgap.store.schema import arrow_schema

MODELS = {item.name: item for item in sql_derivations()}
PERSONS = pa.schema([("id", pa.string()), ("id_kind", pa.string()), ("person_id", pa.string())])
DROPPED = pa.schema([("table_name", pa.string()), ("row_id", pa.int64()), ("rule", pa.string())])
JUNE = datetime(2024, 6, 1)


@pytest.fixture
def clean(tmp_path):
    engine = DuckDBEngine(scratch=tmp_path)

    def view(table, rows, *, dropped=(), persons=()):
        seen = {
            table: Relation(rows=canonical(table, rows)),
            "dropped": Relation(rows=pa.Table.from_pylist(list(dropped), schema=DROPPED)),
            "same_person": Relation(rows=pa.Table.from_pylist(list(persons), schema=PERSONS)),
        }
        if table == "events":
            seen["kept_events"] = Relation(sql=MODELS["kept_events"].sql, inputs=dict(seen))
        with engine.session(seen) as session:
            return session.table(MODELS[f"clean_{table}"].sql)

    return view


def alias(one, person, kind="customer"):
    return {"id": one, "id_kind": kind, "person_id": person}


@pytest.mark.parametrize("table", CANONICAL)
def test_a_clean_table_has_every_column_of_its_table_as_it_was(clean, table):
    found = clean(table, []).schema
    for field in arrow_schema(CANONICAL[table]):
        assert found.field(field.name).type in (field.type, pa.json_(pa.string())), field.name


def test_dropped_rows_are_gone_and_the_others_belong_to_the_person(clean):
    rows = [
        {"row_id": 1, "order_id": "a", "customer_id": "anna", "ordered_at": JUNE, "kind": "sale"},
        {"row_id": 2, "order_id": "b", "customer_id": "anna2", "ordered_at": JUNE, "kind": "sale"},
        {"row_id": 3, "order_id": "c", "customer_id": None, "ordered_at": JUNE, "kind": "sale"},
    ]
    gone = [{"table_name": "orders", "row_id": 1, "rule": "test-order"},
            {"table_name": "products", "row_id": 2, "rule": "repeated-product"}]  # fmt: skip
    found = clean("orders", rows, dropped=gone, persons=[alias("anna2", "anna"), alias("b", "anna")])
    told = [(row["order_id"], row["customer_id"], row["sent_customer_id"]) for row in found.to_pylist()]
    assert sorted(told) == [("b", "anna", "anna2"), ("c", None, None)]


def test_a_device_s_events_belong_to_the_person_before_sign_in_only(clean):
    persons = [alias("d1", "anna", "anonymous"), alias("anna2", "anna")]
    sent = {1: (None, "d1"), 2: ("ben", "d1"), 3: ("anna2", "d2"), 4: (None, "d3")}
    rows = [
        {"row_id": key, "customer_id": who, "anonymous_id": device, "occurred_at": JUNE}
        for key, (who, device) in sent.items()
    ]
    gone = [{"row_id": 4, "rule": "bot-user-agent"}]
    found = clean("events", rows, dropped=gone, persons=persons).to_pylist()
    assert {row["row_id"]: row["customer_id"] for row in found} == {1: "anna", 2: "ben", 3: "anna"}
    assert {row["row_id"]: row["sent_customer_id"] for row in found} == {1: None, 2: "ben", 3: "anna2"}


def test_one_person_of_several_ids_loses_nothing(clean):
    rows = [
        {"row_id": 1, "customer_id": "anna", "joined_at": datetime(2020, 1, 1), "region": "Bonn",
         "birth_year": 1980, "traits": '{"shoe":"38","pet":"cat"}', "identifiers": "email:aa phone:bb"},
        {"row_id": 2, "customer_id": "anna2", "joined_at": JUNE, "region": "Köln", "gender": "f",
         "traits": '{"shoe":"39"}', "identifiers": "email:aa +card:cc"},
        {"row_id": 3, "customer_id": "ben", "traits": '{"z":"1", "a":"2"}'},
    ]  # fmt: skip
    found = {
        row["customer_id"]: row
        for row in clean("customers", rows, persons=[alias("anna2", "anna")]).to_pylist()
    }
    anna = found["anna"]
    assert (anna["region"], anna["gender"], anna["birth_year"]) == ("Köln", "f", 1980)
    assert anna["joined_at"] == datetime(2020, 1, 1)
    assert json.loads(anna["traits"]) == {"shoe": "39", "pet": "cat"}
    assert set(anna["identifiers"].split(" ")) == {"email:aa", "phone:bb", "+card:cc"}
    assert json.loads(anna["sent_customer_ids"]) == ["anna", "anna2"]
    assert found["ben"]["traits"] == '{"z":"1", "a":"2"}'
    assert len(found) == 2
