"""A file's rows week by week: nothing lost, and a new day changes its own week only."""

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from kits.shop import canonical, shop_orders
from mindgap.kernel.clock import week_start
from mindgap.loop.weeks import File, weekly_parts


def parts_of(folder, table, *, name="orders", time_zone="UTC"):
    path = folder / "part.parquet"
    pq.write_table(table, path)
    column = {"orders": "ordered_at", "feedback": "given_at"}.get(name)
    times = [t for t in table[column].to_pylist() if t] if column else []
    file = File(table=name, source="s", path=path, relative="r", earliest=min(times, default=None),
                latest=max(times, default=None))  # fmt: skip
    return weekly_parts(file, time_zone=time_zone)


def test_every_row_is_in_its_local_week(tmp_path):
    zone = "America/New_York"
    table = shop_orders(customers=20, weeks=60)
    parts = parts_of(tmp_path, table, time_zone=zone)
    assert sum(part.rows for part in parts) == table.num_rows
    times = table["ordered_at"].to_pylist()
    assert min(part.min_time for part in parts) == min(times)
    assert max(part.max_time for part in parts) == max(times)
    for part in parts:
        assert week_start(part.min_time, zone) == week_start(part.max_time, zone)


def test_one_more_day_changes_only_its_week(tmp_path):
    table = shop_orders(customers=20, weeks=30, end=datetime(2024, 6, 5))
    later = [{"order_id": "x", "ordered_at": datetime(2024, 6, 5, 9), "quantity": 1.0, "kind": "sale"}]
    before = {part.key: part for part in parts_of(tmp_path, table)}
    after = {part.key for part in parts_of(tmp_path, pa.concat_tables([table, canonical("orders", later)]))}
    gone = [part for key, part in before.items() if key not in after]
    assert [part.min_time >= datetime(2024, 6, 3) for part in gone] == [True]


@given(order=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("weeks")
    table = shop_orders(customers=4, weeks=6)
    places = list(range(table.num_rows))
    order.shuffle(places)
    assert parts_of(folder, table) == parts_of(folder, table.take(places))


def test_rows_without_a_time_are_one_part(tmp_path):
    moments = [None, datetime(2024, 1, 1), None, datetime(2024, 1, 8)]
    rows = [{"kind": "csat", "score": float(nth), "given_at": at} for nth, at in enumerate(moments)]
    parts = parts_of(tmp_path, canonical("feedback", rows), name="feedback")
    assert [(part.rows, part.min_time) for part in parts] == [(2, None), (1, moments[1]), (1, moments[3])]
    products = canonical("products", [{"product_id": f"p{nth}"} for nth in range(5)])
    assert [(part.rows, part.max_time) for part in parts_of(tmp_path, products, name="products")] == [
        (5, None)
    ]


def test_a_week_of_the_clock_change_is_one_week(tmp_path):
    hours = [datetime(2024, 3, 4, 5) + timedelta(hours=nth) for nth in range(24 * 14)]
    rows = [{"order_id": str(at), "ordered_at": at, "quantity": 1.0, "kind": "sale"} for at in hours]
    parts = parts_of(tmp_path, canonical("orders", rows), time_zone="America/New_York")
    assert [part.rows for part in parts] == [24 * 7 - 1, 24 * 7, 1]
