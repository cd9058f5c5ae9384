"""The live tail: what arrived, masked; or whole for a purpose, on record, and for whom it is allowed."""

from dataclasses import replace

import pytest

from kits.streams import MemoryLog, entry
from mindgap.kernel.errors import AccessError
from mindgap.kernel.purposes import Purpose
from mindgap.store.streams import Compaction
from mindgap.workspace import live
from mindgap.workspace.tail import Latest, Tail

ADA = {"userId": "ada-42", "event": "Product Viewed", "traits": {"email": "ada@example.com"}}


@pytest.fixture
def shop(workspace):
    log = MemoryLog()
    found = replace(workspace, stores=replace(workspace.stores, log=log))
    live.declare(found, "web", kind="http", path="", said={})
    return found


def test_each_message_is_shown_once_and_masked(shop):
    tail = Tail(shop)
    shop.stores.log.append_all([entry(ADA, {"event": "Two"}), entry({"event": "Three"}, source="app")])
    first = tail.more(10)
    assert [(one.source, one.message["event"]) for one in first] == [
        ("web", "Product Viewed"),
        ("web", "Two"),
        ("app", "Three"),
    ]
    assert first[0].message["userId"] == "•••42"
    assert first[0].message["traits"] == {"email": "•••"}
    assert tail.more(10) == []
    shop.stores.log.append_all([entry({"event": "Four"})])
    assert [one.message["event"] for one in tail.more(10)] == ["Four"]


def test_only_the_latest_and_only_one_source(shop):
    shop.stores.log.append_all([entry({"n": nth}, source="web" if nth % 2 else "app") for nth in range(10)])
    assert [one.message["n"] for one in Tail(shop, source="web").more(3)] == [5, 7, 9]


def test_what_is_no_json_object_is_shown_as_empty(shop):
    shop.stores.log.append_all([entry(b"{broken", b"[1]", b"[" * 5000)])
    assert [one.message for one in Tail(shop).more(5)] == [{}, {}, {}]


def test_nothing_is_recorded_of_a_masked_view(shop):
    shop.stores.log.append_all([entry(ADA)])
    Tail(shop).more(5)
    assert shop.stores.access.latest(5) == []


def test_a_stated_purpose_shows_persons_and_is_on_record(shop):
    shop.stores.log.append_all([entry(ADA)])
    (one,) = Tail(shop, purpose=Purpose.SERVICE).more(5)
    assert one.message["traits"]["email"] == "ada@example.com"
    (access,) = shop.stores.access.latest(5)
    assert (access.purpose, access.table, access.rows) == (Purpose.SERVICE, "log", 1)


def test_who_refused_the_purpose_stays_masked(shop):
    denied = {"context": {"consent": {"categoryPreferences": {"Advertising": False}}}}
    shop.withdraw("bob-1", Purpose.MARKETING)
    shop.stores.log.append_all(
        [
            entry({**ADA, **denied}),
            entry({**ADA, "userId": "bob-1"}),
            entry(ADA, opted_out=True),
            entry({**ADA, "userId": "carl-1"}),
            entry(ADA, context=b'{"consent":{"categoryPreferences":{"Advertising":false}}}'),
            entry(ADA, source="gone"),
        ]
    )
    shown = Tail(shop, purpose=Purpose.MARKETING).more(9)
    emails = [one.message["traits"]["email"] for one in shown]
    assert emails == ["•••", "•••", "•••", "ada@example.com", "•••", "•••"]


def test_operations_is_no_reason_to_look_at_a_person(shop):
    with pytest.raises(AccessError):
        Tail(shop, purpose=Purpose.OPERATIONS)


def test_viewers_see_the_latest_also_after_it_was_worked_up(shop):
    shown = Latest(shop)
    shop.stores.log.append_all([entry({"n": nth}) for nth in range(150)])
    assert [one.message["n"] for one in shown.messages(3)] == [147, 148, 149]
    shop.stores.streams.commit(Compaction(consumed={"s1": 150}))
    shop.stores.log.append_all([entry({"n": 150})])
    assert [one.message["n"] for one in shown.messages(3)] == [148, 149, 150]
    assert len(shown.messages(1_000)) == 30


def test_a_large_log_is_read_from_what_waits_or_its_newest_segment(shop):
    long = {"type": "track", "text": "x" * 1_000_000}
    shop.stores.log.append_all([entry({**long, "event": nth * "n"}) for nth in range(12)])
    shop.stores.streams.commit(Compaction(consumed={"s1": 10}))
    assert [len(one.message["event"]) for one in Tail(shop).more(20)] == [10, 11]
    shop.stores.streams.commit(Compaction(consumed={"s1": 12}))
    (last,) = Tail(shop).more(1)
    assert last.message == {
        "type": "track",
        "event": "n" * 11,
        "properties": {"size_bytes": len(shop.stores.log.entries[-1].messages[0])},
    }
