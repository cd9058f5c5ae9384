"""From the log to the lake: every message is counted once, whatever it is."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kits.event_log import NOON, day_after, entry, lake, message, readings, tally, work_up
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.strict import Fault
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import EVENTS
from mindgap.loop.compaction import compact, replay
from mindgap.store.reading import Reader
from mindgap.store.streams import Tally
from mindgap.workspace import open as open_workspace


@pytest.fixture
def stores(workspace):
    return workspace.stores


def test_messages_become_rows_of_the_table(stores):
    total = work_up(stores, entry(message(1), message(2, at=day_after(-1)), sent_at="2024-05-01T12:00:00Z"))
    assert total == Tally(received=2, stored=2)
    rows = lake(stores)
    assert [list(row) for row in rows] == [[column.name for column in EVENTS.columns]] * 2
    assert [row["occurred_at"] for row in rows] == [NOON, day_after(-1)]
    parts, _ = stores.streams.snapshot()
    assert sorted(part.path.split("/")[1] for part in parts) == ["2024-04-30", "2024-05-01"]
    assert {(part.source, part.rows, part.arrived_at) for part in parts} == {("shop", 1, NOON)}
    assert compact(stores, readings(), at=NOON) == Tally()


def test_every_message_is_counted_once(stores):
    denied = {"consent": {"categoryPreferences": dict.fromkeys(["Analytics"], False)}}
    how = readings(StreamOptions(purposes=(Purpose.ANALYTICS,)))
    work_up(stores, entry(message(1), message(2), message(1), b"{", refused=3), how=how)
    work_up(stores, entry(message(2), message(3), message(4, context=denied), b'{"a": NaN}'), how=how)
    work_up(stores, entry(message(1), source="app"), how=how)
    assert tally(stores) == Tally(received=11, stored=3, quarantined=2, duplicates=2, refused=4)
    assert tally(stores, "app") == Tally(received=1, stored=1)
    assert [(row["source"], row["message_id"]) for row in lake(stores)] == [
        ("app", "m1"), ("shop", "m1"), ("shop", "m2"), ("shop", "m3")
    ]  # fmt: skip
    (_, record) = stores.streams.records()
    assert record.reasons == {"bad-json": 1, "not-finite": 1}


@pytest.mark.parametrize(("days", "stored"), [(7, 1), (8, 2)])
def test_an_event_that_comes_again_is_known_for_seven_days(stores, days, stored):
    work_up(stores, entry(message(1)))
    work_up(stores, entry(message(1, at=day_after(days)), at=day_after(days)))
    assert tally(stores).stored == stored


def test_how_far_a_connector_has_read_and_when_it_last_delivered(stores):
    first, later = entry(message(1), cursor="page 1"), entry(message(2), cursor="page 2", at=day_after(1))
    work_up(stores, first, later, entry(message(3), at=day_after(-1)))
    (record,) = stores.streams.records()
    assert (record.cursor, record.received_at) == ("page 2", day_after(1))


def test_readers_see_what_their_purpose_allows(stores):
    no_analytics = {"consent": {"categoryPreferences": {"Analytics": False}}}
    work_up(stores, entry(message(1), message(2, context=no_analytics), message(3, event="Order Completed")))
    reader = Reader(stores=stores, derivations={}, actor="test", time_zone="UTC")

    def seen(purpose):
        found = reader.read("events", purpose=purpose, as_of=day_after(1), columns=["message_id"])
        return sorted(found["message_id"].to_pylist())

    assert seen(Purpose.ANALYTICS) == ["m1", "m3"]
    assert seen(Purpose.OPERATIONS) == ["m3"]
    assert seen(Purpose.PRIVACY) == ["m1", "m2", "m3"]
    stores.consent.record("u1", Purpose.ANALYTICS, granted=False, at=NOON, source="test")
    assert seen(Purpose.ANALYTICS) == ["m3"]


def test_a_source_that_cannot_be_read_hinders_no_other_and_waits(stores):
    def how(source):
        return Fault("no-source") if source == "gone" else readings()(source)

    work_up(stores, entry(message(1), message(2), source="gone"), entry(message(1)), how=how)
    assert tally(stores, "gone") == Tally(received=2, quarantined=2)
    assert replay(stores, how, at=NOON) == Tally()
    assert replay(stores, readings(), source="shop", at=NOON) == Tally()
    assert replay(stores, readings(), source="gone", at=NOON) == Tally(stored=2, quarantined=-2)
    assert tally(stores, "gone") == Tally(received=2, stored=2)
    assert stores.streams.quarantine() == []


def test_a_replay_moves_what_it_can_and_keeps_the_rest(stores):
    bad, good = [message(n, properties={"total": "x"}) for n in (1, 2)], message(2)
    header = {"context": b'{"locale": "de"}', "sent_at": "2024-05-01T12:00:00Z", "opted_out": True}

    def strict(_source):
        return Fault("bad-settings")

    work_up(stores, entry(*bad, b"[]", **header), how=strict)
    work_up(stores, entry(good, at=day_after(3)))
    moved = replay(stores, readings(), at=day_after(9))
    assert moved == Tally(stored=1, quarantined=-2, duplicates=1)
    assert tally(stores) == Tally(received=4, stored=2, quarantined=1, duplicates=1)
    assert stores.streams.records()[0].reasons == {"wrong-type": 1}
    (part,) = stores.streams.quarantine()
    assert part.rows == 1
    replayed, _ = lake(stores)
    assert (replayed["context"], replayed["received_at"]) == ('{"locale":"de"}', NOON)
    assert "marketing" not in replayed["purposes"]


def consent(**choices):
    return {"consent": {"categoryPreferences": choices}}


def test_a_denial_withdraws_and_only_a_trusted_source_grants(stores):
    how = readings(crm=StreamOptions(trusted=True))
    deny, grant = consent(Advertising=False), consent(Advertising=True)
    anonymous = message(9, userId=None, anonymousId="a", context=deny)
    preference = message(2, event="Segment Consent Preference Updated", context=consent(Analytics=False))
    work_up(stores, entry(message(1, context=deny), preference, anonymous), how=how)
    assert stores.consent.withdrawn(Purpose.MARKETING) == ["u1"]
    assert stores.consent.withdrawn(Purpose.ANALYTICS) == ["u2"]
    later = day_after(1)
    work_up(stores, entry(message(6, context=grant, at=later), at=later), how=how)
    assert stores.consent.withdrawn(Purpose.MARKETING) == ["u1"]
    work_up(stores, entry(message(6, context=grant, at=later), source="crm", at=later), how=how)
    assert stores.consent.withdrawn(Purpose.MARKETING) == []
    late = message(11, context=deny, at=NOON + timedelta(hours=1))
    work_up(stores, entry(late, at=day_after(2), sent_at=f"{day_after(2).isoformat()}Z"), how=how)
    assert stores.consent.withdrawn(Purpose.MARKETING) == []


def test_events_against_an_observed_plan_are_counted(workspace):
    folder = workspace.folder / "plan"
    folder.mkdir()
    (folder / "Order Completed.json").write_text('{"required": ["order_id"]}')
    toml = '[sources.shop]\nkind = "http"\n[sources.shop.options]\nplan = "plan"\n'
    (workspace.folder / "mindgap.toml").write_text(toml)
    order = message(1, event="Order Completed")
    workspace.stores.log.append_all([entry(order, order, message(2))])
    assert workspace.compact() == Tally(received=3, stored=2, duplicates=1)
    assert workspace.stores.streams.records()[0].observed == {"Order Completed": 1}
    (workspace.folder / "mindgap.toml").write_text(f'{toml}plan_mode = "quarantine"\n')
    workspace.stores.log.append_all([entry(message(3, event="order completed"))])
    assert workspace.compact() == Tally(received=1, quarantined=1)
    (folder / "Order Completed.json").write_text("{}")
    assert workspace.replay("shop") == Tally(stored=1, quarantined=-1)


def test_settings_that_cannot_be_used_set_aside_until_they_can(workspace):
    toml = workspace.folder / "mindgap.toml"
    toml.write_text('[sources.shop]\nkind = "http"\n[sources.shop.options]\nplan = "nowhere"\n')
    workspace.stores.log.append_all([entry(message(1)), entry(message(1), source="other")])
    assert workspace.compact() == Tally(received=2, quarantined=2)
    reasons = {record.source: record.reasons for record in workspace.stores.streams.records()}
    assert reasons == {"other": {"no-source": 1}, "shop": {"bad-settings": 1}}
    toml.write_text('[sources.shop]\nkind = "http"\n')
    assert workspace.replay() == Tally(stored=1, quarantined=-1)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_late_shuffled_and_replayed_messages_give_the_same_table(tmp_path_factory, random):
    """A month of events, of which some arrive up to 30 days late and a tenth again within the week."""
    happened = [NOON - timedelta(hours=random.randrange(24 * 30)) for _ in range(60)]
    messages = [message(number, at=at) for number, at in enumerate(happened)]
    clean = open_workspace(tmp_path_factory.mktemp("clean")).stores
    work_up(clean, entry(*messages, at=NOON, sent_at=f"{NOON.isoformat()}Z"))
    rough = open_workspace(tmp_path_factory.mktemp("rough")).stores
    arrivals = [(random.randrange(3), one) for one in messages]
    arrivals += [(day + 4, one) for day, one in random.sample(arrivals, 6)]
    random.shuffle(arrivals)
    for day in range(7):
        own, at = [one for when, one in arrivals if when == day], day_after(day)
        work_up(rough, entry(*own, at=at, sent_at=f"{at.isoformat()}Z", refused=day), at=at)
    columns = "* exclude (received_at, sent_at)"
    assert lake(rough, columns) == lake(clean, columns)
    assert tally(rough) == Tally(received=66 + 21, stored=60, duplicates=6, refused=21)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=6))
def test_conservation_holds_after_every_compaction(tmp_path_factory, deliveries):
    stores = open_workspace(tmp_path_factory.mktemp("any")).stores
    ids = {0: "m1", 1: "m2", 4: "m4", 5: "m4"}
    kinds = [message(1), message(2), b"{", message(3, userId=None), message(4), message(4, event="x"), b"{}"]
    for numbers in deliveries:
        if numbers:
            work_up(stores, entry(*(kinds[number] for number in numbers), refused=len(numbers)))
    sent = sum(map(len, deliveries))
    if sent:
        known = {ids[number] for numbers in deliveries for number in numbers if number in ids}
        found = tally(stores)
        assert (found.received, found.refused, found.stored) == (2 * sent, sent, len(known))
        assert len(lake(stores)) == len(known)
        assert sum(stores.streams.records()[0].reasons.values()) == found.quarantined
        assert sum(part.rows for part in stores.streams.quarantine()) == found.quarantined
