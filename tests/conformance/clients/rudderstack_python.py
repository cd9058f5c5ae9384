"""rudder-sdk-python: BASE KEY EVENTS."""

import sys
from datetime import UTC, datetime

from rudderstack.analytics.client import Client

base, key, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = Client(key, host=base)
client.identify("u1", {"email": "ada@example.com", "plan": "gold"})
for nth in range(events):
    at = datetime(2026, 5, 1, 10, 0, 0, nth, tzinfo=UTC)
    client.track("u1", "Product Viewed", {"product_id": f"p{nth}", "price": 9.5, "nth": nth}, timestamp=at)
refused = {"consent": {"categoryPreferences": {"Advertising": False, "Analytics": True}}}
client.track("u1", "Order Completed", {"order_id": "o1", "total": 19.0}, context=refused)
client.page("u1", "Shop", "Home", {"url": "https://shop.example/?q=1", "title": "Home"})
client.screen("u1", "Shop", "Start")
client.group("u1", "g1", {"name": "Guild"})
client.alias("before", "u1")
client.shutdown()
