"""Features of what customers buy, send back and say of it; from orders and feedback, imported or online."""

from collections.abc import Iterator

from mindgap.process.features.definition import WEEKEND, Feature, Formula, Keyed, Per, Scalar, Unit
from mindgap.process.features.formulas import Ago, Due, Gap, PartOf, Plain, Ratio, change
from mindgap.process.features.measures import DAY_PARTS, measure

_MONEY = 1e6
_YEAR = 364
"""Fifty-two whole weeks, so that each weekday comes equally often."""


def _sum(
    name: str,
    days: int | None = None,
    *,
    skip: int = 0,
    weekdays: tuple[int, ...] = (),
    quarter: int = 0,
) -> Scalar:
    return Scalar(measure=measure("orders", name), days=days, skip=skip, weekdays=weekdays, quarter=quarter)


def _cycle() -> tuple[Scalar, Scalar, Scalar]:
    """The first and the last day with an order, and how many such days there are."""
    orders = measure("orders", "lines")
    return (
        Scalar(measure=orders, how="first_day"),
        Scalar(measure=orders, how="last_day"),
        Scalar(measure=orders, how="days"),
    )


def _one(
    name: str, unit: Unit, formula: Formula | Keyed, *, days: int | None = None, per: Per = "customer"
) -> Feature:
    table, prefix = {
        "customer": ("purchase_features", "purchase"),
        "category": ("purchase_categories", "purchase-category"),
    }[per]
    return Feature(
        name=f"{name}_{days}d" if days else name,
        table=table,
        per=per,
        code=f"feature-{prefix}-{name.replace('_', '-')}",
        unit=unit,
        formula=formula,
        days=days,
    )


def _customer() -> Iterator[Feature]:
    yield _one("last_order_seconds", "seconds", Ago(_sum("last_at")))
    yield _one("customer_for_seconds", "seconds", Ago(_sum("first_at")))
    yield _one("last_return_seconds", "seconds", Ago(_sum("last_return_at")))
    for days in (28, 84, _YEAR, None):
        yield _one("orders", "count", Plain(_sum("orders", days)), days=days)
        yield _one("spend", "money", Plain(_sum("spend_micros", days), _MONEY), days=days)
    yield _one("spend_change", "ratio", change(_sum("spend_micros", 84), _before("spend_micros")), days=84)
    yield _one("days_between_orders", "days", Gap(*_cycle()))
    yield _one("due_ratio", "ratio", Due(*_cycle()))
    yield from _baskets()
    yield from _prices()
    yield from _seasons()
    yield from _breadth()


def _before(name: str) -> Scalar:
    return _sum(name, 84, skip=84)


def _baskets() -> Iterator[Feature]:
    orders = _sum("orders", _YEAR)
    yield _one("order_value", "money", Ratio(_sum("spend_micros", _YEAR), orders, _MONEY), days=_YEAR)
    yield _one("units_per_order", "ratio", Ratio(_sum("units_milli", _YEAR), orders, 1e3), days=_YEAR)
    yield _one("lines_per_order", "ratio", Ratio(_sum("lines", _YEAR), orders), days=_YEAR)
    returned = PartOf(_sum("returned_lines", _YEAR), _sum("lines", _YEAR))
    yield _one("return_share", "share", returned, days=_YEAR)
    cancelled = PartOf(_sum("cancelled_lines", _YEAR), _sum("lines", _YEAR))
    yield _one("cancelled_share", "share", cancelled, days=_YEAR)


def _prices() -> Iterator[Feature]:
    price = Ratio(_sum("priced_micros", _YEAR), _sum("expected_micros", _YEAR))
    yield _one("price_level", "ratio", price, days=_YEAR)
    discount = PartOf(_sum("discount_micros", _YEAR), _sum("spend_micros", _YEAR))
    yield _one("discount_share", "share", discount, days=_YEAR)
    lines = Ratio(_sum("discounted_lines", _YEAR), _sum("lines", _YEAR))
    yield _one("discounted_line_share", "share", lines, days=_YEAR)


def _seasons() -> Iterator[Feature]:
    for quarter in (1, 2, 3, 4):
        share = Ratio(_sum("spend_micros", quarter=quarter), _sum("spend_micros"))
        yield _one(f"quarter_{quarter}_share", "share", share)
    weekend = Ratio(_sum("orders", _YEAR, weekdays=WEEKEND), _sum("orders", _YEAR))
    yield _one("weekend_share", "share", weekend, days=_YEAR)
    for part in DAY_PARTS:
        share = Ratio(_sum(f"in_{part}", _YEAR), _sum("orders", _YEAR))
        yield _one(f"{part}_share", "share", share, days=_YEAR)


def _breadth() -> Iterator[Feature]:
    lines = _sum("lines", _YEAR)
    yield _one("products", "count", Keyed("distinct", "product", lines), days=_YEAR)
    yield _one("categories", "count", Keyed("distinct", "category", lines), days=_YEAR)
    yield _one("top_category", "text", Keyed("top", "category", lines), days=_YEAR)
    yield _one("category_concentration", "share", Keyed("concentration", "category", lines), days=_YEAR)
    yield _one("channels", "count", Keyed("distinct", "channel", lines), days=_YEAR)
    yield _one("main_channel", "text", Keyed("top", "channel", lines), days=_YEAR)


def _category() -> Iterator[Feature]:
    days = Scalar(measure=measure("orders", "lines"), how="days", days=_YEAR)
    spend = _sum("spend_micros", _YEAR)
    yield _one("order_days", "days", Plain(days), days=_YEAR, per="category")
    yield _one("lines", "count", Plain(_sum("lines", 84)), days=84, per="category")
    yield _one("spend", "money", Plain(spend, _MONEY), days=_YEAR, per="category")
    yield _one("days_between_orders", "days", Gap(*_cycle()), per="category")
    yield _one("due_ratio", "ratio", Due(*_cycle()), per="category")
    yield _one("last_order_seconds", "seconds", Ago(_sum("last_at")), per="category")
    price = Ratio(_sum("priced_micros", _YEAR), _sum("expected_micros", _YEAR))
    yield _one("price_level", "ratio", price, days=_YEAR, per="category")
    discount = PartOf(_sum("discount_micros", _YEAR), spend)
    yield _one("discount_share", "share", discount, days=_YEAR, per="category")


def _feedback() -> Iterator[Feature]:
    def told(name: str, days: int | None = None) -> Scalar:
        return Scalar(measure=measure("feedback", name), days=days)

    def one(name: str, unit: Unit, formula: Formula, *, days: int | None = None) -> Feature:
        return Feature(
            name=f"{name}_{days}d" if days else name,
            table="feedback_features",
            per="customer",
            code=f"feature-feedback-{name.replace('_', '-')}",
            unit=unit,
            formula=formula,
            days=days,
        )

    for kind in ("review", "survey"):
        yield one(f"{kind}s", "count", Plain(told(f"{kind}s", _YEAR)), days=_YEAR)
        score = Ratio(told(f"{kind}_millionths", _YEAR), told(f"scored_{kind}s", _YEAR), 1e6)
        yield one(f"{kind}_score", "score", score, days=_YEAR)
        yield one(f"last_{kind}_seconds", "seconds", Ago(told(f"last_{kind}_at")))


PURCHASES = (*_customer(), *_category(), *_feedback())
"""Features of orders and feedback."""
