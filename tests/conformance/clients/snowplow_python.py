"""snowplow-tracker: BASE KEY EVENTS, and the method."""

import sys
import time
from urllib.parse import urlsplit

from snowplow_tracker import (
    Emitter,
    PageView,
    ScreenView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

base, key, events = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3])
method = sys.argv[4] if len(sys.argv) > 4 else "post"
size = min(events, 100) if method == "post" else 1
taken = []
emitter = Emitter(
    base.hostname,
    protocol="http",
    port=base.port,
    method=method,
    batch_size=size,
    max_retry_delay_seconds=2,
    on_success=taken.extend,
)
tracker = Tracker(namespace="shop", emitters=[emitter], app_id=key)
who = Subject()
who.set_user_id("u1").set_domain_user_id("d1")
for nth in range(events):
    said = SelfDescribingJson(
        "iglu:com.acme/product_viewed/jsonschema/1-0-0", {"product_id": f"p{nth}", "price": 9.5, "nth": nth}
    )
    at = 1777629600000 + nth
    tracker.track(SelfDescribing(said, event_subject=who, true_timestamp=at))
refused = {"categoryPreferences": {"Advertising": False, "Analytics": True}}
consent = SelfDescribingJson("iglu:com.acme/consent/jsonschema/1-0-0", refused)
tracker.track(StructuredEvent("shop", "Order Completed", value=19.0, event_subject=who, context=[consent]))
tracker.track(PageView("https://shop.example/?q=1", page_title="Home", event_subject=who))
tracker.track(ScreenView(name="Start", id_="s1", event_subject=who))
while len(taken) < events + 3:  # it sends again from a thread that ends with the process
    time.sleep(0.05)
    tracker.flush()
