"""Features of what customers do online: how often, how long, where, what they look at and search for."""

from collections.abc import Iterator

from mindgap.process.features.definition import WEEKEND, Feature, Formula, Keyed, Scalar, Unit
from mindgap.process.features.formulas import Ago, Due, Gap, Plain, Ratio, change
from mindgap.process.features.measures import DAY_PARTS, measure

_SECOND = 1e6
_CUSTOMER = "activity_features"
_CATEGORY = "activity_categories"
_CHANNEL = "activity_channels"


def _all(name: str, days: int | None = None, *, skip: int = 0, weekdays: tuple[int, ...] = ()) -> Scalar:
    return Scalar(measure=measure("visits", name), days=days, skip=skip, weekdays=weekdays)


def _days(name: str, days: int | None = None, *, without: str = "") -> Scalar:
    other = measure("visits", without) if without else None
    return Scalar(measure=measure("visits", name), how="days", days=days, without=other)


def _thing(name: str, days: int | None = None) -> Scalar:
    return Scalar(measure=measure("things", name), days=days)


def _one(name: str, unit: Unit, formula: Formula | Keyed, *, days: int | None = None) -> Feature:
    full = f"{name}_{days}d" if days else name
    return Feature(
        name=full,
        table=_CUSTOMER,
        per="customer",
        code=f"feature-{name.replace('_', '-')}",
        unit=unit,
        formula=formula,
        days=days,
    )


_COUNTED = {
    "visits": (7, 28, 84),
    "pages": (7, 28, 84),
    "views": (7, 28, 84),
    "carts": (28, 84),
    "uncarts": (28,),
    "wishes": (84,),
    "checkouts": (28,),
    "orders": (28, 84),
    "searches": (7, 28, 84),
    "lists": (28,),
    "clicks": (28,),
    "promotions": (28,),
    "promotion_clicks": (28,),
    "reviews": (84,),
    "surveys": (84,),
    "contacts": (28, 84),
}
_SINCE = {
    "last_seen": "last_at",
    "last_view": "last_view_at",
    "last_search": "last_search_at",
    "last_cart": "last_cart_at",
    "last_order": "last_order_at",
    "last_contact": "last_contact_at",
    "known_for": "first_at",
}


def _customer() -> Iterator[Feature]:
    for name, column in _SINCE.items():
        yield _one(f"{name}_seconds", "seconds", Ago(_all(column)))
    for days in (7, 28, 84):
        yield _one("active_days", "days", Plain(_days("steps", days)), days=days)
        yield _one("dwell_seconds", "seconds", Plain(_all("dwell_micros", days), _SECOND), days=days)
    for name, windows in _COUNTED.items():
        for days in windows:
            yield _one(name, "count", Plain(_all(name, days)), days=days)
    yield _one("visible_seconds", "seconds", Plain(_all("visible_micros", 28), _SECOND), days=28)
    per_visit = Ratio(_all("dwell_micros", 28), _all("visits", 28), _SECOND)
    yield _one("dwell_per_visit_seconds", "seconds", per_visit, days=28)
    yield _one("activity_change", "ratio", change(_all("steps", 28), _all("steps", 28, skip=28)), days=28)
    first, last = (Scalar(measure=measure("visits", "steps"), how=how) for how in ("first_day", "last_day"))
    yield _one("days_between_visits", "days", Gap(first, last, _days("steps")))
    yield _one("silence_ratio", "ratio", Due(first, last, _days("steps")))
    yield from _habits()
    yield from _interests()


def _habits() -> Iterator[Feature]:
    abandoned = _days("carts", 84, without="orders")
    yield _one("abandoned_cart_days", "days", Plain(abandoned), days=84)
    yield _one("cart_abandonment_share", "share", Ratio(abandoned, _days("carts", 84)), days=84)
    yield _one("views_per_order", "ratio", Ratio(_all("views", 84), _all("orders", 84)), days=84)
    yield _one("searches_per_visit", "ratio", Ratio(_all("searches", 84), _all("visits", 84)), days=84)
    promoted = Ratio(_all("promotion_clicks", 84), _all("promotions", 84))
    yield _one("promotion_click_rate", "ratio", promoted, days=84)
    weekend = Ratio(_all("steps", 84, weekdays=WEEKEND), _all("steps", 84))
    yield _one("weekend_share", "share", weekend, days=84)
    for part in DAY_PARTS:
        yield _one(f"{part}_share", "share", Ratio(_all(f"in_{part}", 84), _all("steps", 84)), days=84)


def _interests() -> Iterator[Feature]:
    steps, views, searches = _all("steps", 84), _thing("views", 84), _thing("searches", 84)
    yield _one("channels", "count", Keyed("distinct", "channel", steps), days=84)
    yield _one("main_channel", "text", Keyed("top", "channel", steps), days=84)
    yield _one("channel_concentration", "share", Keyed("concentration", "channel", steps), days=84)
    yield _one("products_seen", "count", Keyed("distinct", "product", _thing("views", 28)), days=28)
    yield _one("categories_seen", "count", Keyed("distinct", "category", views), days=84)
    yield _one("top_category_seen", "text", Keyed("top", "category", views), days=84)
    yield _one("category_concentration", "share", Keyed("concentration", "category", views), days=84)
    yield _one("different_searches", "count", Keyed("distinct", "query", searches), days=84)
    yield _one("top_search", "text", Keyed("top", "query", searches), days=84)


def _category() -> Iterator[Feature]:
    def one(name: str, unit: Unit, formula: Formula, *, days: int | None = None) -> Feature:
        full = f"{name}_{days}d" if days else name
        code = f"feature-category-{name.replace('_', '-')}"
        return Feature(
            name=full, table=_CATEGORY, per="category", code=code, unit=unit, formula=formula, days=days
        )

    for days in (28, 84):
        yield one("views", "count", Plain(_thing("views", days)), days=days)
    yield one("carts", "count", Plain(_thing("carts", 84)), days=84)
    seen_days = Scalar(measure=measure("things", "views"), how="days", days=84)
    yield one("view_days", "days", Plain(seen_days), days=84)
    yield one("carts_per_view", "ratio", Ratio(_thing("carts", 84), _thing("views", 84)), days=84)
    yield one("interest_change", "ratio", change(_thing("views", 28), _before("views")), days=28)
    yield one("last_seen_seconds", "seconds", Ago(_thing("last_at")))


def _before(name: str) -> Scalar:
    return Scalar(measure=measure("things", name), days=28, skip=28)


def _channel() -> Iterator[Feature]:
    def one(name: str, unit: Unit, formula: Formula, *, days: int | None = None) -> Feature:
        full = f"{name}_{days}d" if days else name
        code = f"feature-channel-{name.replace('_', '-')}"
        return Feature(
            name=full, table=_CHANNEL, per="channel", code=code, unit=unit, formula=formula, days=days
        )

    yield one("visits", "count", Plain(_all("visits", 84)), days=84)
    yield one("active_days", "days", Plain(_days("steps", 84)), days=84)
    yield one("steps", "count", Plain(_all("steps", 84)), days=84)
    yield one("dwell_seconds", "seconds", Plain(_all("dwell_micros", 84), _SECOND), days=84)
    yield one("orders", "count", Plain(_all("orders", 84)), days=84)
    yield one("last_seen_seconds", "seconds", Ago(_all("last_at")))


ACTIVITY = (*_customer(), *_category(), *_channel())
"""Features of events."""
