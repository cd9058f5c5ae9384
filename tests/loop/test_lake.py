"""Files of the lake: small ones become one, large days are split, old ones go."""

from datetime import timedelta

import pytest

from kits.event_log import NOON, day_after, entry, lake, message, work_up
from mindgap.collect.events.strict import Fault
from mindgap.loop.compaction import tidy
from mindgap.loop.lake import merged, to_merge
from mindgap.store.engine import Relation
from mindgap.store.state import Part


@pytest.fixture
def stores(workspace):
    return workspace.stores


def part(rows, day=0, source="shop"):
    at = day_after(day)
    return Part(key="k", table="events", source=source, path="p", rows=rows, min_time=at, max_time=at)


def test_only_parts_of_one_source_and_day_are_merged():
    parts = [part(9, day=n % 2, source=["app", "shop"][n // 2 % 2]) for n in range(28)]
    assert to_merge(parts) == []
    assert [len(group) for group in to_merge([*parts, part(9)])] == [8]


def test_a_large_part_waits_for_seven_others_of_its_size():
    assert [len(group) for group in to_merge([part(100_000), *[part(9)] * 8])] == [8]
    assert to_merge([part(100_000)] * 7 + [part(9)] * 7) == []
    assert [len(group) for group in to_merge([part(100_000)] * 8 + [part(9)] * 7)] == [15]
    assert to_merge([part(500_000)] * 20) == []


def test_how_often_a_row_is_written_anew():
    """A thousand compactions of one day: 5 files stay, and each row was written five times at most."""
    parts, written = [], 0
    for _ in range(1_000):
        parts.append(part(8))
        for group in to_merge(parts):
            rows = sum(one.rows for one in group)
            parts = [one for one in parts if not any(one is other for other in group)] + [part(rows)]
            written += rows
    assert len(parts) < 30
    assert written < 5 * 8_000


def test_merging_changes_no_row(stores):
    for number in range(8):
        work_up(stores, entry(*(message(n) for n in range(number * 5, number * 5 + 5))))
    before = lake(stores)
    tidy(stores, {}, at=NOON)
    (one,) = stores.streams.snapshot()[0]
    assert (one.rows, one.min_time, one.arrived_at) == (40, NOON, NOON)
    assert lake(stores) == before
    work_up(stores, entry(message(3), message(100)))
    assert len(lake(stores)) == 41


def test_a_large_day_is_split_so_that_each_customer_is_in_one_file(stores):
    work_up(stores, entry(*(message(n, userId=f"c{n % 50}") for n in range(200))))
    (whole,) = stores.streams.snapshot()[0]
    parts = merged(stores, [whole], largest=70)
    assert len(parts) == 3
    assert sum(one.rows for one in parts) == 200
    seen = [_customers(stores, one) for one in parts]
    assert sum(map(len, seen)) == len(set().union(*seen)) == 50


def _customers(stores, one):
    relation = Relation(paths=[stores.lake.path(one.path)])
    with stores.engine.session({"events": relation}) as session:
        return set(session.table("select customer_id from events")["customer_id"].to_pylist())


def test_what_is_older_than_its_source_keeps_it_goes(stores):
    work_up(stores, entry(message(1), message(2, at=day_after(-10))), entry(message(1), source="app"))
    work_up(stores, entry(message(3)), how=lambda _: Fault("bad-settings"))
    tidy(stores, {"shop": 9}, at=NOON)
    assert [row["message_id"] for row in lake(stores)] == ["m1", "m1"]
    assert len(stores.streams.quarantine()) == 1
    tidy(stores, {"shop": 9}, at=day_after(9) + timedelta(seconds=1))
    assert [row["source"] for row in lake(stores)] == ["app"]
    assert stores.streams.quarantine() == []
