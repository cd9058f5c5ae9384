"""Events whose clocks are wrong: none is lost, and it is told what became of them."""

import json
from datetime import datetime, timedelta

from kits.clickstream import END, track
from kits.commands import mindgap
from kits.shop import canonical, put, shop_orders
from mindgap.collect.events.messages import read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.loop.building import build
from mindgap.loop.planning import plan
from mindgap.store.log import Entry

AGO, AHEAD = datetime(1970, 1, 1), datetime(2099, 1, 1)


def arrived(at, *said):
    """Events that arrive at a moment, and say that they happened at others."""
    bodies = [json.dumps(track("Product Viewed", when, device="d")).encode() for when in said]
    entry = Entry(source="web", received_at=at, messages=bodies)
    return [row._asdict() for row in read_messages(entry, reading(StreamOptions()))]


def test_wrong_clocks_and_events_after_the_end_are_told(workspace):
    put(workspace, "orders", shop_orders(customers=4, weeks=4, end=END))
    day_before, day_after = END - timedelta(days=1), END + timedelta(days=1)
    rows = [*arrived(day_before, day_before, AGO, AHEAD), *arrived(day_after, AGO, AHEAD)]
    put(workspace, "events", canonical("events", rows), source="web")
    moment = workspace.moment(END)
    for step in plan(workspace.stores, moment, tables=("quality_events",)):
        build(workspace.stores, step)
    workspace.stores.manifest.complete(moment.as_of)
    found = workspace.quality()
    assert found["clocks"] == [{"source": "web", "said_early": 1, "said_late": 1}]
    assert found["later"] == [{"source": "web", "events": 2, "latest_at": day_after}]
    said = " ".join(mindgap("quality", cwd=workspace.folder).stdout.split())
    assert "Of events from web, 1 said a time before 1980" in said
    assert "2 events from web lie at or after" in said
