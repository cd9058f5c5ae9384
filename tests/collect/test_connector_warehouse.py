"""Warehouse tables back to messages: each row once, whenever it was loaded."""

import json
import sqlite3
import threading
from contextlib import closing

import pytest

from mindgap.backends.database import open_database
from mindgap.collect.connector import ConnectorSource, event_connector, feed_options
from mindgap.collect.events.flat_rows import message_of
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.kernel.settings import SourceSettings

_TRACKS = (
    "id text, received_at text, uuid_ts text, sent_at text, original_timestamp text, timestamp text,"
    " event text, event_text text, user_id text, anonymous_id text,"
    " context_page_url text, context_user_agent text"
)


def fill(path, rows):
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"create table if not exists tracks ({_TRACKS})")
        database.execute(
            "create table if not exists order_completed (id text, order_id text, total real, products text)"
        )
        for nth, loaded in rows:
            values = [f"m{nth}", loaded, loaded, loaded, loaded, "2024-05-01 10:00:00", "order_completed"]
            values += ["Order Completed", f"u{nth % 3}", "a1", "https://shop.example/", "Browser"]
            marks = ", ".join("?" * len(values))
            database.execute(f"insert into tracks values ({marks})", values)
            products = json.dumps([{"product_id": "p1", "price": 2.5}])
            database.execute(
                "insert into order_completed values (?, ?, ?, ?)", [f"m{nth}", f"o{nth}", 9.5, products]
            )
        database.commit()


def source(path, **options):
    settings = SourceSettings(kind="warehouse", path=f"sqlite:///{path}", options=options)
    return ConnectorSource(
        name="wh",
        settings=settings,
        options=feed_options("wh", settings),
        folder=path.parent,
        open_database=open_database,
    )


def deliver(one, cursor="", *, stop=None):
    connector = event_connector("warehouse")
    return list(connector.deliver(one, cursor=cursor, stop=stop or threading.Event(), clock=now))


def ids(entries):
    return [json.loads(message)["messageId"] for entry in entries for message in entry.messages]


def test_a_row_is_the_message_that_it_was(tmp_path):
    fill(tmp_path / "w.db", [(1, "2024-05-01 10:05:00")])
    (entry,) = deliver(source(tmp_path / "w.db"))
    message = json.loads(entry.messages[0])
    assert message == {
        "type": "track",
        "messageId": "m1",
        "event": "Order Completed",
        "userId": "u1",
        "anonymousId": "a1",
        "timestamp": "2024-05-01 10:00:00",
        "context": {"page": {"url": "https://shop.example/"}, "userAgent": "Browser"},
        "properties": {"order_id": "o1", "total": 9.5, "products": [{"product_id": "p1", "price": 2.5}]},
    }


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("identifies", {"user_id": "u", "plan": "gold"}, {"traits": {"plan": "gold"}}),
        ("groups", {"user_id": "u", "group_id": "g", "name": "A"}, {"groupId": "g", "traits": {"name": "A"}}),
        ("aliases", {"user_id": "u", "previous_id": "a"}, {"previousId": "a"}),
        ("pages", {"user_id": "u", "name": "Home"}, {"name": "Home"}),
        (
            "tracks",
            {"event_text": "E", "context_consent_category_preferences_advertising": 0},
            {"context": {"consent": {"categoryPreferences": {"advertising": False}}}},
        ),
    ],
)
def test_each_table_has_its_kind_of_call(table, row, expected):
    message = json.loads(message_of(table, {"id": "m", **row}))
    assert expected.items() <= message.items()


def test_each_row_comes_once_and_late_ones_come_too(tmp_path):
    path = tmp_path / "w.db"
    fill(path, [(n, f"2024-05-01 10:{n:02}:00") for n in range(20)])
    first = deliver(source(path))
    assert ids(first) == [f"m{n}" for n in range(20)]
    assert deliver(source(path), first[-1].cursor) == []
    fill(path, [(20, "2024-05-01 10:19:00"), (21, "2024-05-01 10:12:00"), (22, "2024-05-01 10:30:00")])
    second = deliver(source(path), first[-1].cursor)
    assert ids(second) == ["m21", "m20", "m22"]
    assert deliver(source(path), second[-1].cursor) == []


def test_a_crash_between_two_batches_goes_on_behind_the_first(tmp_path):
    path = tmp_path / "w.db"
    fill(path, [(n, "2024-05-01 10:00:00") for n in range(2_500)])
    entries = deliver(source(path))
    assert [len(entry.messages) for entry in entries] == [1_000, 1_000, 500]
    rest = deliver(source(path), entries[0].cursor)
    assert sorted(ids(entries[:1]) + ids(rest)) == sorted(f"m{n}" for n in range(2_500))


def test_it_begins_where_it_is_told(tmp_path):
    path = tmp_path / "w.db"
    fill(path, [(1, "2024-05-01 10:00:00"), (2, "2024-06-01 10:00:00")])
    assert ids(deliver(source(path, since="2024-05-15"))) == ["m2"]


def test_it_stops_when_told(tmp_path):
    path, stop = tmp_path / "w.db", threading.Event()
    fill(path, [(1, "2024-05-01 10:00:00")])
    stop.set()
    assert deliver(source(path), stop=stop) == []


def test_what_cannot_be_is_told(tmp_path):
    path = tmp_path / "w.db"
    with pytest.raises(SourceError, match="no database file"):
        deliver(source(path))
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table other (id text)")
        database.commit()
    with pytest.raises(SettingsError, match="none of identifies"):
        deliver(source(path))
    with pytest.raises(SettingsError, match="no table of calls"):
        deliver(source(path, tables=["users"]))
