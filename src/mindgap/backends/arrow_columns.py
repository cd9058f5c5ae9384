"""Values of a database's driver as Arrow columns: what does not fit together becomes text."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

_LARGEST = 2**63


def arrow_column(values: Sequence[Any]) -> pa.Array:
    """A column of one type; without any value, of the null type.

    >>> arrow_column([Decimal("2"), None]).to_pylist(), arrow_column([1, "x"]).to_pylist()
    ([2, None], ['1', 'x'])
    """
    plain = [_plain(value) for value in values]
    kinds = {type(value) for value in plain if value is not None}
    match kinds:
        case _ if not kinds:
            return pa.nulls(len(plain))
        case _ if kinds == {int}:
            whole = all(-_LARGEST <= value < _LARGEST for value in plain if value is not None)
            return pa.array(plain, pa.int64()) if whole else _texts(plain)
        case _ if kinds <= {int, float}:
            return pa.array(plain, pa.float64())
        case _ if kinds == {datetime}:
            return _times(plain)
        case _ if kinds in ({date}, {bool}):
            return pa.array(plain)
        case _:
            return _texts(plain)


def _plain(value: Any) -> Any:
    """One of the few kinds that Arrow columns are made of here; bytes are no cell."""
    if value is None or type(value) in {bool, int, float, str, datetime, date}:
        return value
    match value:
        case Decimal() if value.is_finite() and value == value.to_integral_value():
            return int(value)
        case Decimal():
            return float(value)
        case bytes() | bytearray() | memoryview():
            return None
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _times(values: list[datetime | None]) -> pa.Array:
    zoned = [value.tzinfo is not None for value in values if value is not None]
    if not any(zoned):
        return pa.array(values, pa.timestamp("us"))
    if all(zoned):
        utc = [value.astimezone(UTC) if value else None for value in values]
        return pa.array(utc, pa.timestamp("us", tz="UTC"))
    return _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)
