"""The table `quality`: every figure, per table, source and day."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta

import pyarrow as pa

from mindgap.kernel.clock import utc_offset_seconds
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose
from mindgap.process.quality.drift import PROPERTIES, columns_of, drift_figures, type_figures
from mindgap.process.quality.figure import Figure, figure_table
from mindgap.process.quality.shares import by_source, reading_figures, share_figures

_COUNTED = {
    "quality_orders": "orders",
    "quality_customers": "customers",
    "quality_products": "products",
    "quality_exposures": "exposures",
    "quality_feedback": "feedback",
    "quality_events": "events",
    "quality_order_sums": "events",
}
_VALUES = {"quality_values": None, "quality_event_values": "events"}
_INPUTS = {name: At(table=name, optional=True) for name in (*_COUNTED, *_VALUES)}
_DAY_S = 86_400


@derivation(
    "quality",
    grain="one row per table, source, dimension of quality, column or check, and local day",
    purpose=Purpose.OPERATIONS,
    inputs={**_INPUTS, "source_records": At(table="source_records")},
    weight=0.5,
)
def quality(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """Every figure of quality as of the moment; the last day is the one that ends at or before it.

    Raises:
        CannotSay: There is no data.
    """
    last = last_day(moment)
    found = [*_figures(tables, last)]
    if not found:
        raise CannotSay("quality-no-data")
    return figure_table(found)


def last_day(moment: Moment) -> int:
    """The last local day that is over, or else the one that the moment lies in, in days since 1970-01-01."""
    before = moment.as_of - timedelta(microseconds=1)
    local = before.replace(tzinfo=UTC).timestamp() + utc_offset_seconds(before, moment.time_zone)
    return int(local // _DAY_S)


def _figures(tables: Mapping[str, pa.Table], last: int) -> Iterator[Figure]:
    for name, table in _COUNTED.items():
        if name in tables:
            for counted in by_source(table, tables[name], last):
                yield from share_figures(counted, last)
    for name, table in _VALUES.items():
        if name in tables:
            columns = list(columns_of(tables[name], table))
            for column in columns:
                if not column.about.startswith(PROPERTIES):
                    yield from drift_figures(column, last)
            yield from type_figures(columns, last)
    yield from reading_figures(tables["source_records"], last)
