"""From a warehouse into the table of events: each row once, and what became of it is told."""

import sqlite3
import threading
from contextlib import closing

import mindgap as package
from mindgap.kernel.clock import now
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.workspace.feeds import feed
from mindgap.workspace.fetching import latest_cursor

COLUMNS = "id text, uuid_ts text, timestamp text, event_text text, user_id text"


def load(path, rows):
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"create table if not exists tracks ({COLUMNS})")
        database.executemany("insert into tracks values (?, ?, ?, ?, ?)", rows)
        database.commit()


def fetch(workspace):
    """What the worker does, once."""
    settings = SourceSettings(kind="warehouse", path=f"sqlite:///{workspace.folder / 'wh.db'}")
    write_sources(workspace.folder, {"wh": settings})
    cursor = latest_cursor(workspace.stores, "wh")
    for entry in feed(workspace.folder, "wh", settings).deliver(
        cursor=cursor, stop=threading.Event(), clock=now
    ):
        workspace.stores.log.append_all([entry])
    workspace.compact()


def row(nth, *, user="u1"):
    return (f"m{nth}", f"2024-05-01 10:{nth:02}:00", "2024-04-30 09:00:00", "Seen", user)


def test_rows_become_events_once(tmp_path):
    workspace = package.open(tmp_path)
    load(tmp_path / "wh.db", [row(n) for n in range(5)])
    fetch(workspace)
    load(tmp_path / "wh.db", [row(5), row(6, user=None)])
    fetch(workspace)
    fetch(workspace)
    (record,) = workspace.stores.streams.records()
    found = record.tally
    assert (found.received, found.stored, found.quarantined, found.duplicates) == (7, 6, 1, 0)
    assert dict(record.reasons) == {"no-id": 1}
    parts, _ = workspace.stores.streams.snapshot()
    assert {part.min_time.isoformat() for part in parts} == {"2024-04-30T09:00:00"}
