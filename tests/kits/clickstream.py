"""A made-up shop's stream of events: messages as clients send them, and as rows of the table `events`."""

import json
from datetime import datetime, timedelta

from kits.shop import canonical, put
from mindgap.collect.events.messages import read_messages, reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.kernel.rng import generator
from mindgap.store.log import Entry

END = datetime(2024, 6, 3)
CATEGORIES = ("mugs", "teapots", "tea")


def message(kind, at, *, user=None, device=None, event=None, properties=None, **more):
    """One message as a client writes it; its id follows from what it says."""
    said = {
        "type": kind,
        "timestamp": f"{at.isoformat(timespec='milliseconds')}Z",
        "userId": user,
        "anonymousId": device,
        "event": event,
        "properties": properties,
        **more,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return {"messageId": f"m{abs(hash_of(said)):x}", **said}


def hash_of(value):
    """A number that stands for a JSON value, the same in every process."""
    return generator(0, json.dumps(value, sort_keys=True, default=str)).integers(1 << 62).item()


def track(event, at, properties=None, **who):
    """A thing that happened."""
    return message("track", at, event=event, properties=properties or {}, **who)


def product(number):
    """A product as events name it."""
    return {
        "product_id": f"p{number}",
        "name": f"Product {number}",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "price": 5.0 + number,
    }


def shopping(*, customers=8, visits=5, seed=1, end=END, days=28):
    """Visits of customers: each looks around before signing in, and buys something every other time."""
    rng = generator(seed, "clickstream")
    told = []
    for customer in range(customers):
        who = {"user": f"c{customer}", "device": f"d{customer}"}
        for visit in range(visits):
            start = end - timedelta(days=float(rng.uniform(0.2, days)))
            chosen = [int(number) for number in rng.choice(12, size=3, replace=False)]
            told += _visit(start, who, chosen, order=f"w{customer}-{visit}" if visit % 2 == 0 else "")
    return sorted(told, key=lambda one: (one["timestamp"], one["messageId"]))


def _visit(start, who, chosen, *, order):
    """One visit, a step every forty seconds; signing in comes half way."""
    at = [start + timedelta(seconds=40 * step) for step in range(9)]
    unknown = {"device": who["device"]}
    items = [{**product(number), "position": place} for place, number in enumerate(chosen, 1)]
    page = {"context": {"page": {"url": "https://shop.example/tea", "title": "Tea"}}}
    told = [
        message("page", at[0], **unknown, **page),
        track("Products Searched", at[1], {"query": "green tea"}, **unknown),
        track("Product List Viewed", at[2], {"list_id": "tea", "products": items}, **unknown),
        track("Product Viewed", at[3], items[0], **unknown),
        message("identify", at[4], **who, traits={"plan": "gold", "email": "a@example.com"}),
        track("Product Added", at[5], items[0], **who),
        message("page", at[6], **who, **page),
    ]
    if order:
        bought = [{**item, "quantity": 2} for item in items[:2]]
        total = sum(item["price"] * 2 for item in bought)
        properties = {"order_id": order, "total": total, "currency": "EUR", "products": bought}
        told.append(track("Order Completed", at[7], properties, **who))
        told.append(track("Product Reviewed", at[8], {**items[0], "rating": 4, "review_body": "Good"}, **who))
    return told


def entries(messages, *, source="web", batch=50, arrives=timedelta(seconds=1)):
    """Messages as deliveries, each received right after its last message."""
    for first in range(0, len(messages), batch):
        some = messages[first : first + batch]
        latest = max(datetime.fromisoformat(one["timestamp"]).replace(tzinfo=None) for one in some)
        bodies = [json.dumps(one).encode() for one in some]
        yield Entry(source=source, received_at=latest + arrives, messages=bodies)


def event_rows(messages, *, source="web", options=None):
    """Messages as rows (dicts) of the table `events`; what is sent again is left out."""
    how = reading(options or StreamOptions())
    rows = {}
    for entry in entries(messages, source=source):
        for row in read_messages(entry, how):
            rows.setdefault(row.row_id, row._asdict())
    return list(rows.values())


def put_events(workspace, messages, *, source="web", options=None):
    """Put messages into a workspace as if they had been received and compacted."""
    put(
        workspace,
        "events",
        canonical("events", event_rows(messages, source=source, options=options)),
        source=source,
    )
