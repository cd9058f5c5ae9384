"""A made-up shop with all that is hard for features: borders of days, ties, sign-ins, merged ids, nulls."""

import json
from datetime import timedelta

from kits.features import shop
from mindgap.kernel.clock import day_start, local_day
from mindgap.kernel.rng import generator

NAMES = (
    "Product Viewed", "Product Clicked", "Product Added", "Product Removed", "Products Searched", "Page Left",
    "Order Completed", "Checkout Started", "product list viewed", "Promotion Viewed", "Promotion Clicked",
    "Ticket Created", "Product Reviewed", "CSAT Answered", "Product Added to Wishlist", "Other",
)  # fmt: skip
SEARCHES = ("tea", " Tea", "绿茶", "ÄPFEL", "", "mug")
PAUSES_MICROS = (0, 1, 30_000_000, 1_800_000_000, 1_800_000_001, 4_000_000_000)
SAID_DWELL = (12.5, "7.25", "long", None, -1, 1e9, True, "1_0", 0.1)
AMOUNTS = (None, 0.0, 9.99, 0.1 + 0.2, 1e10, 0.0000005, 123456.789)
PRODUCTS = (
    {"product_id": "p1", "category": "tea", "price_micros": 4_990_000},
    {"product_id": "p2", "category": None, "price_micros": 12_340_001},
    {"product_id": "p3", "category": "mugs", "price_micros": None},
)
SOLD = (None, "p1", "p2", "p3", "p9")


def edges(end, days, time_zone):
    """When the last local days began."""
    last = local_day(end, time_zone)
    return [day_start(day, time_zone) for day in range(last - days, last + 1)]


def moments(seed, *, count, end, days, time_zone):
    """Random moments, some of them at the borders of days."""
    rng = generator(seed, "moments", time_zone)
    borders = edges(end, days, time_zone)
    for number in range(count):
        if number % 3 == 0:
            yield borders[int(rng.integers(len(borders)))] + timedelta(microseconds=int(rng.integers(-1, 2)))
        else:
            yield end - timedelta(days=float(rng.uniform(0, days)))


class Shop:
    """Makes what customers did in the days before a moment."""

    def __init__(self, *, days, end, seed=1, time_zone="UTC"):
        self.rng = generator(seed, "features", time_zone)
        self.days, self.end, self.time_zone = days, end, time_zone
        self.edges = edges(end, days, time_zone)

    def of(self, customers, *, bursts=15, orders=8):
        """All of it, as tables."""
        who = [(f"c{n}", f"c{n - 1}" if n % 4 == 1 else f"c{n}") for n in range(customers)]
        devices = [
            {"id": f"d{name}", "id_kind": "anonymous", "person_id": person}
            for place, (name, person) in enumerate(who)
            if place % 3
        ]
        merged = [
            {"id": name, "id_kind": "customer", "person_id": person} for name, person in who if name != person
        ]
        return shop(
            events=[row for name, _ in who for _ in range(bursts) for row in self._burst(name)],
            orders=[row for _, person in who for _ in range(orders) for row in self._order(person)],
            feedback=[self._answer(person) for _, person in who for _ in range(3)],
            persons=devices + merged,
            products=PRODUCTS,
            time_zone=self.time_zone,
        )

    def _some(self, values):
        return values[int(self.rng.integers(len(values)))]

    def _moment(self):
        if self.rng.random() < 0.15:
            return self._some(self.edges) + timedelta(microseconds=int(self.rng.integers(-2, 3)))
        return self.end - timedelta(days=float(self.rng.uniform(0, self.days)))

    def _burst(self, who):
        at = self._moment()
        for _ in range(int(self.rng.integers(1, 8))):
            yield self._event(who, at)
            at += timedelta(microseconds=self._some(PAUSES_MICROS))

    def _event(self, who, at):
        name = self._some(NAMES)
        left = {"dwell_seconds": self._some(SAID_DWELL)}
        return {
            "row_id": int(self.rng.integers(1 << 62)),
            "source": "web",
            "message_id": "m",
            "type": self._some(("track", "track", "track", "page", "screen", "identify")),
            "name": name,
            "occurred_at": at,
            "received_at": at,
            "channel": self._some((None, "web", "app", "store")),
            "customer_id": who if self.rng.random() < 0.6 else None,
            "anonymous_id": f"d{who}" if self.rng.random() < 0.9 else None,
            "purposes": "analytics marketing" if self.rng.random() < 0.95 else "operations",
            "product_id": self._some(SOLD),
            "category": self._some((None, "tea", "mugs", "other")),
            "query": self._some(SEARCHES) if name == "Products Searched" else None,
            "properties": json.dumps(left) if name == "Page Left" else "{}",
        }

    def _order(self, who):
        name, at = f"o{int(self.rng.integers(1 << 30))}", self._moment()
        for place in range(int(self.rng.integers(1, 4))):
            yield {
                "row_id": int(self.rng.integers(1 << 62)),
                "order_id": name,
                "customer_id": who,
                "ordered_at": at + timedelta(microseconds=place),
                "product_id": self._some(SOLD),
                "quantity": self._some((1.0, 2.0, 0.333, 0.0, 1e7)),
                "amount": self._some(AMOUNTS),
                "discount": self._some((None, 0.0, 1.01)),
                "kind": self._some(("sale", "sale", "sale", "return", "cancelled")),
                "category": self._some((None, "tea", "other")),
                "channel": self._some((None, "web", "store")),
            }

    def _answer(self, who):
        return {
            "customer_id": who,
            "given_at": self._some((None, self._moment())),
            "kind": self._some(("review", "nps", "csat", "ces")),
            "score": self._some((None, 0.0, 3.0, 4.5, 11.0, float("nan"))),
            "scale_max": self._some((None, 0.0, 5.0, 10.0)),
        }
