"""One figure of quality, and when it is worth a word.

The dimensions are those of ISO/IEC 25012 and of DAMA UK (The Six Primary Dimensions for Data Quality
Assessment, 2013): completeness, validity, uniqueness, consistency and timeliness, which is called freshness
here; and drift, which is no fault by itself but what a fault in the making looks like.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

Dimension = Literal["freshness", "completeness", "validity", "uniqueness", "consistency", "drift"]
Status = Literal["ok", "warn", "bad", "cannot-say"]

FEWEST_ROWS = 30
"""Of fewer rows a share says nothing."""
_SURE_Z = 4.0
"""A share is below the usual only where chance would make it so once in 30,000 times."""
_FAR_DAYS_Z = 3.0
"""Lines of an order stand or fall together, so days differ by more than chance in single rows: below usual
is only what lies that many standard deviations of the source's own days below it."""
_DROP_WARN, _DROP_BAD = 0.05, 0.20

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("table_name", "source", "dimension", "about")),
        ("day", pa.int64()),
        ("value", pa.float64()),
        ("n", pa.int64()),
        ("usual", pa.float64()),
        ("warn_at", pa.float64()),
        ("bad_at", pa.float64()),
        *((name, pa.string()) for name in ("status", "code", "params")),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one day.

    Attributes:
        table: The canonical table.
        source: Whose rows.
        dimension: Of quality.
        about: Which column or check.
        day: Local days since 1970-01-01.
        value: A share (0-1) of rows that are well; days of age for freshness; the stability index for drift.
        n: Of how many rows, or days, it is made.
        usual: What it is usually; None where nothing is known of that.
        warn_at: From there on it is worth a word.
        bad_at: From there on something is broken.
        status: How it stands.
        code: Message code that explains it.
        params: What the message says.
    """

    table: str
    source: str
    dimension: Dimension
    about: str
    day: int
    value: float | None
    n: int
    usual: float | None = None
    warn_at: float | None = None
    bad_at: float | None = None
    status: Status = "ok"
    code: str = "quality-fine"
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a share is bad whatever is usual; 0 where only the usual counts."""

    warn: float = 0.0
    bad: float = 0.0


def judge_share(figure: Figure, limits: Limits, *, spread: float = 0.0) -> Figure:
    """A share with its status: below a limit, or further below the usual than chance or other days.

    Args:
        figure: The share.
        limits: Where it is bad whatever is usual.
        spread: How far days lie from the usual usually: a standard deviation, 0-1.

    >>> told = {"table": "t", "source": "s", "dimension": "validity", "about": "a", "day": 1}
    >>> judge_share(Figure(**told, value=0.5, n=100, usual=0.9), Limits()).status
    'bad'
    """
    if figure.value is None or figure.n < FEWEST_ROWS:
        return _with(figure, status="cannot-say", code="quality-few-rows", params={"n": figure.n})
    warn_at, bad_at = limits.warn, limits.bad
    if figure.usual is not None:
        chance = _SURE_Z * math.sqrt(max(figure.usual * (1 - figure.usual), 1 / figure.n) / figure.n)
        chance = max(chance, _FAR_DAYS_Z * spread)
        warn_at = max(warn_at, figure.usual - max(_DROP_WARN, chance))
        bad_at = max(bad_at, figure.usual - max(_DROP_BAD, chance))
    judged = _with(figure, warn_at=warn_at, bad_at=bad_at)
    if figure.value >= warn_at:
        return judged
    status: Status = "bad" if figure.value < bad_at else "warn"
    below_usual = figure.usual is not None and warn_at > limits.warn
    code = "quality-below-usual" if below_usual else "quality-below-limit"
    return _with(
        judged, status=status, code=code, params={"value": figure.value, "usual": figure.usual or warn_at}
    )


def judge_excess(figure: Figure, code: str, params: Mapping[str, Any]) -> Figure:
    """A figure that is well while it stays below its limits."""
    if figure.value is None or figure.warn_at is None or figure.bad_at is None:
        return _with(figure, status="cannot-say", code="quality-no-usual", params={})
    if figure.value <= figure.warn_at:
        return figure
    return _with(figure, status="bad" if figure.value > figure.bad_at else "warn", code=code, params=params)


def _with(figure: Figure, **changes: Any) -> Figure:
    own = {name: getattr(figure, name) for name in Figure.__slots__}
    return Figure(**{**own, **changes})


def figure_table(figures: Iterable[Figure]) -> pa.Table:
    """Figures as the table `quality`, newest day first."""
    ordered = sorted(figures, key=lambda one: (-one.day, one.table, one.source, one.dimension, one.about))
    rows = [
        {
            **{name: getattr(one, name) for name in Figure.__slots__ if name not in {"table", "params"}},
            "table_name": one.table,
            "params": json.dumps(dict(one.params), ensure_ascii=False, sort_keys=True, default=str),
        }
        for one in ordered
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
