"""The catalogue of features: what each means, of what it is made, over which window, and what for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mindgap.kernel.purposes import Purpose
from mindgap.process.features.declared import FEATURES
from mindgap.process.features.measures import Source
from mindgap.process.features.queries import scalars_of

_CANONICAL: dict[Source, tuple[str, ...]] = {
    "visits": ("events",),
    "things": ("events", "products"),
    "orders": ("orders", "products"),
    "feedback": ("feedback",),
}
_MODEL_FEATURES = {
    "count": "orders lines active_weeks orders_28d orders_prev_28d orders_84d channels stores products "
    "categories",
    "days": "recency_days tenure_days mean_gap_days",
    "money": "spend avg_order_value spend_28d spend_prev_28d spend_84d price_per_unit",
    "share": "discount_share weekend_share return_share top_category_share",
    "ratio": "units_per_order demand_trend",
    "bits": "category_entropy_bits",
    "text": "top_category main_channel",
}
"""The columns of `customer_features` (process/sql), by unit. Models are trained on them and their figures
published, so they stay as they were: rolling windows of 24 hours, money in double, and each run only."""
_ROLLING = re.compile(r"_\d+d$|^demand_trend$")
"""Columns of them with a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the catalogue tells of a feature.

    Attributes:
        name: The column.
        table: The table.
        code: Of its meaning, for kernel.words.say.
        unit: count, days, seconds, money, share, ratio, score, bits or text.
        days: The window in local days; None for all time, or where the meaning names it.
        window: Code of the words for the window, which may take `days`.
        purpose: What it may be used for.
        sources: The canonical tables that it is made of.
        online: Whether it is worked out at any moment too, and not only with each run.
        since: The first version that had it.
    """

    name: str
    table: str
    code: str
    unit: str
    days: int | None
    window: str
    purpose: Purpose
    sources: tuple[str, ...]
    online: bool
    since: str


def entries() -> Sequence[Entry]:
    """Every feature, by table."""
    return (*_declared(), *_of_models())


def _declared() -> Iterator[Entry]:
    for one in FEATURES:
        sources: list[Source] = [scalar.measure.source for scalar in scalars_of(one)]
        yield Entry(
            name=one.name,
            table=one.table,
            code=one.code,
            unit=one.unit,
            days=one.days,
            window="feature-window-days" if one.days else "feature-window-all",
            purpose=one.purpose,
            sources=tuple(dict.fromkeys(table for source in sources for table in _CANONICAL[source])),
            online=True,
            since=one.since,
        )


def _of_models() -> Iterator[Entry]:
    for unit, names in _MODEL_FEATURES.items():
        for name in names.split():
            yield Entry(
                name=name,
                table="customer_features",
                code=f"feature-model-{name.replace('_', '-')}",
                unit=unit,
                days=None,
                window="feature-window-meaning" if _ROLLING.search(name) else "feature-window-all",
                purpose=Purpose.ANALYTICS,
                sources=("orders", "products"),
                online=False,
                since="0.1",
            )
