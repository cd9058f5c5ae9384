"""Features by the queries and features online are the same, to the bit."""

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.feature_shop import NAMES, PAUSES_MICROS, Shop, moments
from kits.features import PIECES, Online, batch, differences, pieces, shop
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.kernel.rng import generator
from mindgap.process.features.declared import BY_TABLE, FEATURES
from mindgap.process.features.folding import KEYS, Fold
from mindgap.process.features.local_days import local_days_of, micros
from mindgap.process.features.measures import MEASURES
from mindgap.process.features.online import evaluate

# spring forward, fall back, and a zone whose midnight was skipped
PLACES = [
    ("Europe/Berlin", datetime(2024, 4, 20)),
    ("America/New_York", datetime(2024, 11, 20)),
    ("America/Sao_Paulo", datetime(2018, 11, 20)),
    ("UTC", datetime(2024, 6, 3)),
]
DAYS = 120
END = datetime(2024, 6, 3)


@pytest.fixture
def engine(tmp_path):
    return DuckDBEngine(scratch=tmp_path, threads=2)


@pytest.mark.parametrize(("time_zone", "end"), PLACES)
def test_no_cell_differs(engine, time_zone, end):
    told = Shop(days=DAYS, end=end, time_zone=time_zone).of(250, bursts=6, orders=4)
    online = Online(told)
    compared = 0
    for as_of in moments(2, count=3, end=end, days=DAYS, time_zone=time_zone):
        assert differences(batch(engine, told, as_of), online.rows(as_of)) == []
        compared += len(online.customers)
    assert compared >= 550


def test_every_feature_says_something_and_not_always_the_same(engine):
    told = Shop(days=370, end=END).of(60, bursts=30)
    found = batch(engine, told, END - timedelta(days=1))
    for one in FEATURES:
        said = {row[one.name] for row in found[one.table]} - {None}
        assert len(said) > 1, one.name


def test_what_comes_at_or_after_the_moment_changes_no_feature(engine):
    end = datetime(2024, 6, 3, 7)
    as_of = end - timedelta(days=30, microseconds=1)
    told, other = (Shop(days=DAYS, end=end, seed=seed).of(30) for seed in (1, 2))
    columns = {"events": "occurred_at", "orders": "ordered_at", "feedback": "given_at"}
    changed = {**told}
    for name, column in columns.items():
        past = [row for row in told[name].to_pylist() if row[column] is None or row[column] < as_of]
        future = [row for row in other[name].to_pylist() if row[column] is not None and row[column] >= as_of]
        order = generator(3, name).permutation(len(past) + len(future))
        mixed = [(past + future)[place] for place in order]
        changed[name] = told[name].schema.empty_table().from_pylist(mixed, schema=told[name].schema)
    before, after = batch(engine, told, as_of), batch(engine, changed, as_of)
    assert set(before) == set(BY_TABLE)
    assert all(before.values())
    assert before == after
    assert differences(before, Online(changed).rows(as_of)) == []


def test_pieces_by_day_and_fresh_events_give_what_all_events_give(engine):
    told = Shop(days=40, end=END).of(12)
    online, as_of = Online(told), END - timedelta(hours=5)
    days = local_days_of("UTC", as_of)
    today = days.of(micros(as_of) - 1)[0]
    stored = pieces(engine, told, as_of)
    ids = {(row["id_kind"], row["id"]): row["person_id"] for row in told["same_person"].to_pylist()}
    for customer, events in online.events.items():
        fold = Fold(days=days, before=micros(as_of), products=online.products)
        fold.events(row for row in events if days.of(micros(row.occurred_at))[0] == today and _may(row))
        for name, source in zip(PIECES, ("visits", "things"), strict=True):
            for row in stored[name].to_pylist():
                if row["day"] < today and _person(row, ids) == customer:
                    key = tuple(row["product_id" if part == "product" else part] for part in KEYS[source])
                    figures = [row[one.name] for one in MEASURES[source]]
                    fold.put(source, key, day=row["day"], figures=figures)
        whole = online.fold(customer, as_of)
        whole.figures["orders"].clear()
        assert evaluate(fold, "activity_features") == evaluate(whole, "activity_features")


def _may(row):
    return "analytics" in row.purposes.split(" ")


def _person(row, ids):
    if row["customer_id"] is not None:
        return ids.get(("customer", row["customer_id"]), row["customer_id"])
    return ids.get(("anonymous", row["anonymous_id"]))


STEPS = st.tuples(
    st.sampled_from(PAUSES_MICROS),
    st.sampled_from([*NAMES, None]),
    st.sampled_from(["track", "page"]),
    st.sampled_from(["web", None]),
    st.sampled_from(["anna", None]),
    st.sampled_from(["d1", None]),
)


@settings(deadline=None, max_examples=10)
@given(steps=st.lists(STEPS, min_size=1, max_size=12), start=st.integers(-7_200, 3_600))
def test_any_course_of_a_night(tmp_path_factory, steps, start):
    at = END + timedelta(seconds=start)
    rows = []
    for place, (pause, name, kind, channel, customer, device) in enumerate(steps):
        at += timedelta(microseconds=pause)
        rows.append(
            {
                "row_id": place, "source": "web", "message_id": "m", "type": kind, "name": name,
                "occurred_at": at, "received_at": at, "channel": channel, "customer_id": customer,
                "anonymous_id": device, "purposes": "analytics", "properties": '{"dwell_seconds": 3}',
                "product_id": name, "query": name,
            }
        )  # fmt: skip
    told = shop(events=rows, persons=[{"id": "d1", "id_kind": "anonymous", "person_id": "anna"}])
    engine = DuckDBEngine(scratch=tmp_path_factory.mktemp("spill"), threads=1)
    tables = ("activity_features",)
    as_of = at + timedelta(microseconds=1)
    assert (
        differences(batch(engine, told, as_of, tables=tables), Online(told).rows(as_of, tables=tables)) == []
    )


def test_a_customer_is_evaluated_quickly():
    told = Shop(days=84, end=END).of(8, bursts=25)
    online = Online(told)
    folds = [online.fold(customer, END) for customer in online.customers]
    began = time.perf_counter()
    for fold in folds * 5:
        evaluate(fold, "activity_features")
    assert (time.perf_counter() - began) / (5 * len(folds)) < 0.02
