"""Features of one customer at any moment, from the same declarations as the queries.

>>> from datetime import datetime
>>> from mindgap.process.features.folding import OrderLine
>>> days = local_days_of("UTC", as_of := datetime(2024, 6, 3, 12))
>>> fold = Fold(days=days, before=micros(as_of))
>>> fold.orders([OrderLine(1, "o1", "tea", datetime(2024, 6, 1), 2.0, 7.5, None, "sale", None, None)])
>>> evaluate(fold, "purchase_features")["spend_28d"]
7.5
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from mindgap.process.features.declared import BY_TABLE
from mindgap.process.features.definition import Feature, Keyed, Now, Scalar, Value
from mindgap.process.features.folding import KEYS, NEVER, Fold, Key
from mindgap.process.features.local_days import DAY_MICROS, local_days_of, micros
from mindgap.process.features.measures import MEASURES, Source
from mindgap.process.features.scalars import Plan, plan_of, scalars_in

__all__ = ["DAY_MICROS", "Fold", "evaluate", "evaluate_by_key", "local_days_of", "micros"]

_ByDay = dict[int, list[int]]
_FOLDS: Mapping[str, Callable[[int, int], int]] = {"sum": int.__add__, "min": min, "max": max}


def evaluate(fold: Fold, table: str) -> dict[str, Value] | None:
    """The features of a table for the folded customer; None where the table has no row of them."""
    plan, now = plan_of(table), _now(fold)
    if not fold.figures[plan.source]:
        return None
    together: _ByDay = {}
    for (_key, day), figures in fold.figures[plan.source].items():
        _add(together, day, figures, source=plan.source)
    keyed = dict(_of_keys(fold, BY_TABLE[table], now))
    return _row(BY_TABLE[table], plan, scalars_in(together, plan, now), now=now, keyed=keyed)


def evaluate_by_key(fold: Fold, table: str) -> dict[str, dict[str, Value]]:
    """The features of a table that has a row for each category or channel, by that key."""
    plan, now = plan_of(table), _now(fold)
    keys = _keys(fold, plan.source, BY_TABLE[table][0].per)
    by_key: dict[str, _ByDay] = {}
    for (key, day), figures in fold.figures[plan.source].items():
        if key in keys:
            _add(by_key.setdefault(keys[key], {}), day, figures, source=plan.source)
    return {
        key: _row(BY_TABLE[table], plan, scalars_in(rows, plan, now), now=now, keyed={})
        for key, rows in by_key.items()
    }


def _now(fold: Fold) -> Now:
    return Now(micros=fold.before, day=fold.days.of(fold.before - 1)[0])


def _add(rows: _ByDay, day: int, figures: list[int], *, source: Source) -> None:
    before = rows.get(day)
    rows[day] = figures if before is None else _merged(_folds(source), before, figures)


def _merged(
    folds: Sequence[Callable[[int, int], int]], one: Sequence[int], other: Sequence[int]
) -> list[int]:
    return [fold(a, b) for fold, a, b in zip(folds, one, other, strict=True)]


@lru_cache
def _folds(source: Source) -> tuple[Callable[[int, int], int], ...]:
    return tuple(_FOLDS[one.fold] for one in MEASURES[source])


def _row(
    features: Sequence[Feature],
    plan: Plan,
    values: Sequence[int | None],
    *,
    now: Now,
    keyed: Mapping[str, Value],
) -> dict[str, Value]:
    places = plan.places

    def told(scalar: Scalar) -> int | None:
        return values[places[id(scalar)]]

    return {
        one.name: keyed[one.name] if isinstance(one.formula, Keyed) else one.formula.value(told, now)
        for one in features
    }


def _keys(fold: Fold, source: Source, name: str) -> dict[Key, str]:
    """One part of the rows' keys; the category of a product that is known comes from the catalogue."""
    place, product = KEYS[source].index(name), None
    if source == "things" and name == "category":
        product = KEYS[source].index("product")
    found: dict[Key, str] = {}
    for key, _day in fold.figures[source]:
        thing = None if product is None else key[product]
        known = None if thing is None else fold.products.get(thing)
        said = key[place] if known is None or known.category is None else known.category
        if said is not None:
            found[key] = said
    return found


def _of_keys(fold: Fold, features: Sequence[Feature], now: Now) -> Iterator[tuple[str, Value]]:
    """Features of what a scalar, which is a sum, is for each key."""
    keys: dict[tuple[Source, str], Mapping[Key, str]] = {}
    found: dict[tuple[str, int], Mapping[str, int]] = {}
    for one in features:
        if isinstance(one.formula, Keyed):
            scalar, name = one.formula.of, one.formula.key
            source = scalar.measure.source
            if (source, name) not in keys:
                keys[source, name] = _keys(fold, source, name)
            if (name, id(scalar)) not in found:
                found[name, id(scalar)] = _by_key(fold, scalar, keys[source, name], now=now)
            yield one.name, one.formula.found(found[name, id(scalar)])


def _by_key(fold: Fold, scalar: Scalar, keys: Mapping[Key, str], *, now: Now) -> Mapping[str, int]:
    place = MEASURES[scalar.measure.source].index(scalar.measure)
    least, most = now.day - (scalar.days or NEVER) - scalar.skip, now.day - scalar.skip
    found: dict[str, int] = {}
    for (key, day), figures in fold.figures[scalar.measure.source].items():
        if least < day <= most and key in keys:
            name = keys[key]
            found[name] = found.get(name, 0) + figures[place]
    return found
