"""What a collector has stored, message by message, as the compaction understands it."""

import json
from collections import Counter
from datetime import datetime, timedelta

from kits.collector import entries
from kits.event_log import lake
from mindgap.collect.events.event_row import EventRow
from mindgap.collect.events.messages import read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.store.streams import Tally
from mindgap.workspace import open as open_workspace

FIRST_AT = datetime(2026, 5, 1, 10)
"""When the first product was viewed, as every client script says."""


class Received:
    """The messages of a source.

    Attributes:
        requests: How many requests were stored.
        times: How often each message was stored, by its id.
        rows: The messages, each once, in the order in which they came.
    """

    def __init__(self, folder, source):
        stored = entries(folder, source)
        how = reading(StreamOptions())
        read = [row for entry in stored for row in read_messages(entry, how)]
        assert [row for row in read if not isinstance(row, EventRow)] == []
        self.requests = len(stored)
        self.times = Counter(row.message_id for row in read)
        self.rows = list({row.message_id: row for row in reversed(read)}.values())[::-1]

    def of(self, kind, name=None):
        return [row for row in self.rows if row.type == kind and (name is None or row.name == name)]

    def one(self, kind, name=None):
        found = self.of(kind, name)
        assert len(found) == 1, (kind, name, len(found))
        return found[0]

    def viewed(self, name="Product Viewed"):
        """The numbers of the products that were viewed, in order."""
        return sorted(json.loads(row.properties)["nth"] for row in self.of("track", name))


def check_table(folder, source, received):
    """The table `events` holds each message once after compaction, and all that arrived is accounted for."""
    workspace = open_workspace(folder)
    workspace.compact()
    stored = [row["message_id"] for row in lake(workspace.stores) if row["source"] == source]
    assert sorted(stored) == sorted(received.times)
    tally = next(one for one in workspace.stores.streams.records() if one.source == source).tally
    arrived = sum(received.times.values())
    assert tally == Tally(received=arrived, stored=len(stored), duplicates=arrived - len(stored))


def check_views(received, events, *, name="Product Viewed", timed=True):
    """Every view is there once, with its properties, its customer and its time."""
    assert received.viewed(name) == list(range(events))
    for row in received.of("track", name):
        nth = json.loads(row.properties)["nth"]
        assert (row.customer_id, row.product_id, row.price) == ("u1", f"p{nth}", 9.5)
        if timed:
            assert timedelta() <= row.said_at - FIRST_AT < timedelta(seconds=1)
            # by our clock, which is the client's here: what it waited before sending again is in it
            assert abs(row.occurred_at - row.said_at) < timedelta(seconds=30)


def check_order(received):
    """Advertising was refused for it, analytics granted; it is an order all the same."""
    order = received.one("track", "Order Completed")
    assert order.value == 19.0
    assert set(order.purposes.split()) == {"operations", "analytics", "personalization", "service"}
    assert order.said_at <= order.received_at
    assert order.received_at - order.occurred_at < timedelta(minutes=1)


def check_identity(received):
    identify = received.one("identify")
    assert identify.customer_id == "u1"
    assert json.loads(identify.traits) == {"email": "ada@example.com", "plan": "gold"}


def check_group(received):
    group = received.one("group")
    assert json.loads(group.traits)["name"] == "Guild"
    assert json.loads(group.context)["groupId"] == "g1"


def check_page(received, name="Home"):
    page = received.one("page")
    assert (page.name, page.url, page.title) == (name, "https://shop.example/", "Home")
    assert "?q" not in page.properties
