"""posthog for Python: BASE KEY EVENTS."""

import sys
from datetime import UTC, datetime

from posthog import Posthog

base, key, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
mode = sys.argv[4] if len(sys.argv) > 4 else "v0"
client = Posthog(key, host=base, capture_mode=mode, gzip=events > 100)
assert client.get_all_flags("u1") == {}
client.set(distinct_id="u1", properties={"email": "ada@example.com", "plan": "gold"})
for nth in range(events):
    at = datetime(2026, 5, 1, 10, 0, 0, nth, tzinfo=UTC)
    said = {"product_id": f"p{nth}", "price": 9.5, "nth": nth}
    client.capture("Product Viewed", distinct_id="u1", properties=said, timestamp=at)
refused = {"categoryPreferences": {"Advertising": False, "Analytics": True}}
bought = {"order_id": "o1", "total": 19.0, "consent": refused}
client.capture("Order Completed", distinct_id="u1", properties=bought)
client.capture(
    "$pageview", distinct_id="u1", properties={"$current_url": "https://shop.example/?q=1", "title": "Home"}
)
client.capture("$screen", distinct_id="u1", properties={"$screen_name": "Start"})
client.group_identify("guild", "g1", {"name": "Guild"}, distinct_id="u1")
client.alias("u1", "before")
client.shutdown()
