"""The Streams port on every database that is there."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from mindgap.backends.streams import SqlStreams
from mindgap.kernel.errors import UsageError
from mindgap.store.state import Part
from mindgap.store.streams import Compaction, QuarantinePart, StreamRecord, Tally, WriteKey

T0 = datetime(2024, 1, 1)
ONE = Tally(received=1, stored=1)


@pytest.fixture
def streams(database):
    return SqlStreams(database)


def part(key, source="shop", **changes):
    values = {"path": f"lake/{key}.parquet", "rows": 1, "min_time": T0, "max_time": T0} | changes
    return Part(key=key, table="events", source=source, arrived_at=T0, **values)


def set_aside(path, source="shop", rows=1, at=T0):
    return QuarantinePart(path=path, source=source, rows=rows, set_aside_at=at)


def test_a_compaction_becomes_visible_whole(streams):
    tally = Tally(received=10, stored=5, quarantined=2, duplicates=2, refused=1)
    streams.commit(
        Compaction(
            consumed={"s1": 100, "s2": 20},
            added=[part("a"), part("b", source="app")],
            tallies={"shop": tally},
            reasons={"shop": {"no-id": 1, "bad-json": 1}},
            cursors={"app": "page 3"},
            received_at={"shop": T0},
            quarantined=[set_aside("lake/quarantine/1.parquet", rows=2)],
        )
    )
    assert streams.consumed() == {"s1": 100, "s2": 20}
    parts, consumed = streams.snapshot()
    assert parts == [part("b", source="app"), part("a")]
    assert consumed == streams.consumed()
    assert streams.records() == [
        StreamRecord(source="app", cursor="page 3"),
        StreamRecord(
            source="shop", tally=tally, reasons={"bad-json": 1, "no-id": 1}, cursor="", received_at=T0
        ),
    ]
    assert [one.rows for one in streams.quarantine("shop")] == [2]
    assert streams.quarantine("app") == []


def test_the_next_compaction_adds_to_it_and_a_replay_moves_counts(streams):
    streams.commit(
        Compaction(
            consumed={"s1": 100},
            added=[part("a"), part("b")],
            tallies={"shop": Tally(received=3, stored=2, quarantined=1)},
            reasons={"shop": {"no-id": 1}},
            received_at={"shop": T0},
            quarantined=[set_aside("q")],
        )
    )
    streams.commit(
        Compaction(
            consumed={"s1": 150},
            added=[part("c", rows=3)],
            removed=["lake/a.parquet", "lake/b.parquet"],
            tallies={"shop": Tally(stored=1, quarantined=-1)},
            reasons={"shop": {"no-id": -1}},
            received_at={"shop": T0 - timedelta(days=1)},
            replayed=["q"],
        )
    )
    (record,) = streams.records()
    assert record.tally == Tally(received=3, stored=3)
    assert (record.reasons, record.received_at) == ({}, T0)
    assert streams.snapshot() == ([part("c", rows=3)], {"s1": 150})
    assert streams.quarantine() == []


def test_counts_that_do_not_add_up_are_refused_and_nothing_changes(streams):
    streams.commit(Compaction(consumed={"s1": 1}, tallies={"shop": ONE}))
    with pytest.raises(sa.exc.IntegrityError):
        streams.commit(Compaction(consumed={"s1": 2}, added=[part("a")], tallies={"shop": Tally(received=1)}))
    assert streams.snapshot() == ([], {"s1": 1})
    assert streams.records()[0].tally == ONE


def test_offsets_of_segments_that_are_gone_are_forgotten(streams):
    streams.commit(Compaction(consumed={"s1": 1, "s2": 2}))
    streams.forget_segments(["s1", "never"])
    assert streams.consumed() == {"s2": 2}


def test_a_connector_fails_and_gets_well(streams):
    streams.fail("crm", "The database does not answer.", at=T0)
    (record,) = streams.records()
    assert (record.error, record.error_at, record.tally) == ("The database does not answer.", T0, Tally())
    streams.fail("crm", "", at=T0 + timedelta(hours=1))
    assert streams.records()[0].error == ""


def test_a_write_key_is_one_source_s(streams):
    first, second = (WriteKey(key=f"k{n}", source="shop", made_at=T0 + timedelta(n)) for n in (1, 2))
    for key in (second, first, first):
        streams.add_write_key(key)
    assert streams.write_keys() == [first, second]
    with pytest.raises(UsageError):
        streams.add_write_key(WriteKey(key="k1", source="app", made_at=T0))
    assert streams.revoke_write_key("k1")
    assert not streams.revoke_write_key("k1")
    assert streams.write_keys() == [second]


counts = st.integers(0, 10**12)


@given(st.lists(st.builds(Tally, stored=counts, quarantined=counts, duplicates=counts, refused=counts)))
def test_tallies_add_up(tallies):
    total = sum(tallies, Tally())
    assert total.stored == sum(one.stored for one in tallies)
    assert total.refused == sum(one.refused for one in tallies)
