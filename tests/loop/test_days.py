"""Tables kept by local day: which pieces a change renews, how days are cut, and what a crash leaves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kits.clickstream import event_rows, message, track
from kits.shop import canonical
from mindgap.kernel.clock import DAY, day_start, local_day
from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay, StorageError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.building import build
from mindgap.loop.day_groups import groups
from mindgap.loop.lake import merged, write_parts
from mindgap.loop.pieces import Piece
from mindgap.loop.planning import plan, stale_steps
from mindgap.loop.slots import daily, slots_of
from mindgap.store.state import DayEntry, Part, pieces_as_of
from mindgap.store.streams import Compaction

MONDAY = datetime(2024, 6, 3)
TABLE = "visits_by_day"
ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia")


def page(at, *, user=None, device="d1", address="a"):
    return message(
        "page", at, user=user, device=device, context={"page": {"url": f"https://shop.example/{address}"}}
    )


def arrive(workspace, *messages, source="web"):
    """Put messages into the lake, as one compaction does."""
    rows = canonical("events", event_rows(list(messages), source=source))
    workspace.stores.streams.commit(Compaction(added=write_parts(workspace.stores, rows)))


def pieces(workspace, name=TABLE):
    """Every piece that is named, by day and end, and what it holds."""
    stores = workspace.stores
    return {
        (entry.day, entry.end_at): (entry.path, entry.path and stores.files.path(entry.path).read_bytes())
        for entry in stores.manifest.days(name)
    }


def work(workspace, as_of, *, tables=(TABLE,), time_zone="UTC"):
    """Build what is stale; returns the days whose pieces were written anew, of all tables."""
    stores = workspace.stores
    before = {(entry.name, entry.day, entry.end_at): entry for entry in stores.manifest.days()}
    for step in plan(stores, Moment(as_of=as_of, time_zone=time_zone), tables=tables):
        if stale_steps(stores, [step]):
            build(stores, step)
    stores.manifest.complete(as_of)
    after = {(entry.name, entry.day, entry.end_at): entry for entry in stores.manifest.days()}
    return {(name, day) for (name, day, end), one in after.items() if before.get((name, day, end)) != one}


def days_of(renewed, name=TABLE):
    return sorted(day for table, day in renewed if table == name)


@pytest.fixture
def week(workspace):
    """Two visitors a day, from Monday to Sunday."""
    for nth in range(7):
        at = MONDAY + timedelta(days=nth, hours=9)
        arrive(
            workspace,
            page(at, user="anna", device="d1"),
            page(at + timedelta(seconds=30), user="anna", device="d1", address="b"),
            page(at + timedelta(hours=1), device="d2"),
        )
    return workspace


def test_one_more_day_adds_one_piece(week):
    sunday, first = MONDAY + 6 * DAY, local_day(MONDAY, "UTC")
    assert days_of(work(week, sunday)) == [first + nth for nth in range(6)]
    before = pieces(week)
    renewed = work(week, MONDAY + 7 * DAY)
    assert {day for _, day in renewed} == {first + 6}
    assert {TABLE, "dropped_events"} <= {name for name, _ in renewed}
    assert {key: value for key, value in pieces(week).items() if key in before} == before
    assert work(week, MONDAY + 7 * DAY) == set()


def test_a_late_event_renews_its_own_day(week):
    end = MONDAY + 7 * DAY
    work(week, end)
    arrive(week, page(MONDAY + timedelta(days=2, hours=20), device="d3"))
    assert days_of(work(week, end)) == [local_day(MONDAY, "UTC") + 2]
    assert week.table(TABLE).num_rows == 15


def test_making_one_file_of_many_renews_nothing(week):
    end = MONDAY + 7 * DAY
    for nth in range(3):
        arrive(week, page(MONDAY + timedelta(hours=nth), device=f"d{nth}"))
    work(week, end)
    stores = week.stores
    monday = [part for part in stores.streams.snapshot()[0] if part.min_time < MONDAY + DAY]
    assert len(monday) == 4
    made = merged(stores, monday, largest=3)
    stores.streams.commit(Compaction(added=made, removed=[part.path for part in monday]))
    assert work(week, end) == set()


def test_consent_renews_nothing_and_is_obeyed_at_once(week):
    end = MONDAY + 7 * DAY
    work(week, end, tables=("visits",))
    before = pieces(week)
    assert set(week.table("visits")["customer_id"].to_pylist()) == {"anna", None}
    week.withdraw("anna", "analytics")
    assert set(week.table("visits")["customer_id"].to_pylist()) == {None}
    assert set(week.table(TABLE)["customer_id"].to_pylist()) == {None}
    assert work(week, end) == set()
    assert pieces(week) == before


def test_the_same_rows_give_the_same_bytes(week, tmp_path):
    end = MONDAY + 7 * DAY
    work(week, end)
    before = pieces(week)
    week.stores.manifest.forget_days(week.stores.manifest.days())
    work(week, end)
    assert pieces(week) == before


def test_within_a_day_a_piece_ends_at_the_moment_and_whole_days_are_shared(week):
    noon = MONDAY + timedelta(days=3, hours=9, minutes=30)
    first = local_day(MONDAY, "UTC")
    assert days_of(work(week, noon)) == [first, first + 1, first + 2, first + 3]
    assert week.table(TABLE).num_rows == 7
    assert days_of(work(week, MONDAY + 4 * DAY)) == [first + 3]
    assert week.table(TABLE).num_rows == 8
    assert days_of(work(week, noon)) == []
    assert week.table(TABLE).num_rows == 7


def test_what_is_gone_from_the_lake_is_gone_from_the_pieces(week):
    end = MONDAY + 7 * DAY
    work(week, end)
    (monday,) = [part for part in week.stores.streams.snapshot()[0] if part.min_time < MONDAY + DAY]
    week.stores.streams.commit(Compaction(removed=[monday.path]))
    assert work(week, end) == set()
    assert week.table(TABLE)["started_at"].to_pylist()[0] >= MONDAY + DAY
    assert len(pieces(week)) == 6


def test_a_piece_that_is_missing_or_cut_off_is_made_again_and_named_before(week):
    end = MONDAY + 7 * DAY
    work(week, end)
    files, entry = week.stores.files, week.stores.manifest.days(TABLE)[2]
    whole = files.path(entry.path).read_bytes()
    files.path(entry.path).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match="day-20240605"):
        week.table(TABLE)
    for spoil in (lambda: None, files.path(entry.path).unlink):
        spoil()
        step = plan(week.stores, Moment(as_of=end), tables=(TABLE,))[-1]
        assert stale_steps(week.stores, [step])
        work(week, end)
        assert files.path(entry.path).read_bytes() == whole


@pytest.mark.parametrize("point", ["files", "entries"])
def test_a_build_that_is_cut_off_leaves_whole_pieces_and_goes_on(week, point):
    """Killed after the files of a group and before they are named, or after they are named."""
    end, stores = MONDAY + 7 * DAY, week.stores
    work(week, end)
    expected = pieces(week)
    entries = stores.manifest.days()
    stores.manifest.forget_days(entries[::2] if point == "entries" else entries)
    work(week, end)
    assert pieces(week) == expected
    stores.files.sweep([])  # marks
    named = {entry.path for entry in stores.manifest.days()}
    stores.files.sweep([*named, *(entry.path for entry in stores.manifest.entries())])
    assert all(stores.files.path(path).exists() for path in named if path)


def test_without_events_the_reason_is_said_and_goes_away(workspace):
    work(workspace, MONDAY)
    with pytest.raises(CannotSay) as caught:
        workspace.table(TABLE)
    assert caught.value.code == "no-events"
    arrive(workspace, page(MONDAY - timedelta(hours=1)))
    work(workspace, MONDAY)
    assert workspace.table(TABLE).num_rows == 1


def test_days_without_a_row_give_a_table_without_rows(week):
    end = MONDAY + 7 * DAY
    work(week, end, tables=("searches",))
    assert week.table("searches").num_rows == 0
    assert "query" in week.table("searches").column_names


def test_clocks_that_are_far_off_have_days_of_their_own(week):
    end, far = MONDAY + 7 * DAY, {0, local_day(datetime(2099, 12, 31), "UTC")}
    work(week, end)
    before = pieces(week)
    arrive(week, page(datetime(1970, 1, 1, 0, 30), device="old"))
    arrive(week, page(datetime(2099, 12, 31), device="new"))
    assert {day for _, day in work(week, end)} == {0}
    assert {key: value for key, value in pieces(week).items() if key in before} == before
    assert {day for _, day in work(week, datetime(2100, 1, 1))} == {max(far)}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu"])
def test_a_visit_belongs_to_its_local_day_whatever_the_clocks_do(workspace, zone):
    """An event at each hour of days on which clocks change; a visitor for each."""
    first = {"Europe/Berlin": datetime(2024, 3, 29), "America/Sao_Paulo": datetime(2018, 11, 2)}
    begin = first.get(zone, datetime(2024, 5, 1))
    moments = [begin + timedelta(hours=nth, minutes=7) for nth in range(120)]
    arrive(workspace, *(page(at, device=f"d{nth}") for nth, at in enumerate(moments)))
    work(workspace, begin + timedelta(days=10), time_zone=zone)
    local = {f"d{nth}": at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for nth, at in enumerate(moments)}
    rows = workspace.table(TABLE, purpose=Purpose.PRIVACY).to_pylist()
    assert len(rows) == 120
    for row in rows:
        assert row["day"] == (local[row["anonymous_id"]].date() - datetime(1970, 1, 1).date()).days


def test_a_day_is_cut_at_its_local_midnight(workspace):
    """Two pages a minute apart over midnight in Kathmandu (18:15 UTC) are two visits."""
    midnight = datetime(2024, 5, 1, 18, 15)
    around = (midnight - timedelta(seconds=30), midnight + timedelta(seconds=30))
    arrive(workspace, *(page(at) for at in around))
    work(workspace, midnight + 2 * DAY, time_zone="Asia/Kathmandu")
    assert workspace.table(TABLE).num_rows == 2
    arrive(
        workspace, track("Products Searched", midnight + timedelta(minutes=1), {"query": "tea"}, device="d1")
    )
    renewed = work(workspace, midnight + 2 * DAY, time_zone="Asia/Kathmandu")
    assert days_of(renewed) == [local_day(midnight, "Asia/Kathmandu")]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES))
def test_every_moment_lies_in_its_local_day(moment, zone):
    day = local_day(moment, zone)
    assert day_start(day, zone) <= moment < day_start(day + 1, zone)


def piece(day, zone="Europe/Berlin", rows=10):
    return Piece(
        day=day, start_at=day_start(day, zone), end_at=day_start(day + 1, zone), fingerprint="x", rows=rows
    )


def test_groups_end_where_clocks_change_where_rows_lie_between_and_where_they_are_full():
    change = local_day(datetime(2024, 3, 31, 12), "Europe/Berlin")
    every = [piece(day) for day in range(change - 2, change + 3)]
    found = [[one.day - change for one in group] for group in groups(every, every, rows_at_once=1_000)]
    assert found == [[-2, -1, 0], [1, 2]]
    assert [len(group) for group in groups(every, every, rows_at_once=20)] == [2, 1, 2]
    sparse = [piece(day) for day in (10, 12, 15)]
    assert [len(group) for group in groups(sparse, sparse, rows_at_once=1_000)] == [3]
    assert [len(group) for group in groups(sparse[::2], sparse, rows_at_once=1_000)] == [1, 1]


def test_of_each_day_the_longest_piece_that_ends_by_then_counts():
    def entry(day, hour):
        end = datetime(1970, 1, 1) + timedelta(days=day, hours=hour)
        return DayEntry(name="t", day=day, end_at=end, fingerprint="x", path=f"{day}-{hour}", rows=1)

    every = [entry(0, 12), entry(0, 24), entry(1, 6), entry(1, 24)]
    seen = {
        hours: [one.path for one in pieces_as_of(every, datetime(1970, 1, 1) + timedelta(hours=hours))]
        for hours in (6, 12, 24, 30, 47, 48)
    }
    assert seen == {6: [], 12: ["0-12"], 24: ["0-24"], 30: ["0-24", "1-6"], 47: ["0-24", "1-6"],
                    48: ["0-24", "1-24"]}  # fmt: skip


def part_of(moments, nths):
    own = [moments[nth] for nth in nths]
    at = pa.chunked_array([own], pa.timestamp("us"))
    ids = pa.chunked_array([[nth * 2**57 + 5 for nth in nths]], pa.int64())
    return Part(
        key=str(nths), table="events", source="s", path="p", rows=len(own), min_time=min(own),
        max_time=max(own), slots=slots_of(at, ids),
    )  # fmt: skip


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.sampled_from(ZONES))
def test_how_rows_are_cut_into_parts_changes_no_mark(cuts, zone):
    moments = [MONDAY + timedelta(hours=3.7 * nth) for nth in range(len(cuts))]
    whole = [part_of(moments, range(len(cuts)))]
    some = [part_of(moments, [nth for nth, cut in enumerate(cuts) if cut == one]) for one in set(cuts)]
    end = MONDAY + timedelta(days=30)
    assert daily(whole, end, zone) == daily(some, end, zone)
    assert sum(rows for _, rows in daily(whole, end, zone).values()) == len(cuts)
