"""Features of one customer at any moment, from the same declarations as the queries.

>>> from datetime import datetime
>>> from mindgap.process.features.folding import OrderLine
>>> days = local_days_of("UTC", as_of := datetime(2024, 6, 3, 12))
>>> fold = Fold(days=days, before=micros(as_of))
>>> fold.orders([OrderLine(1, "o1", "tea", datetime(2024, 6, 1), 2.0, 7.5, None, "sale", None, None)])
>>> evaluate(fold, "purchase_features")["spend_28d"]
7.5
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mindgap.process.features.declared import BY_TABLE
from mindgap.process.features.definition import Feature, Formula, Keyed, Now, Scalar, Value
from mindgap.process.features.folding import KEYS, NEVER, Fold
from mindgap.process.features.local_days import DAY_MICROS, local_days_of, micros
from mindgap.process.features.measures import MEASURES, Source
from mindgap.process.features.queries import scalars_of

__all__ = ["DAY_MICROS", "Fold", "evaluate", "evaluate_by_key", "local_days_of", "micros"]

_Whole = npt.NDArray[np.int64]


class _Days(NamedTuple):
    """Figures by day: the days, and a row of measures for each."""

    day: _Whole
    figures: _Whole


def evaluate(fold: Fold, table: str) -> dict[str, Value] | None:
    """The features of a table for the folded customer; None where the table has no row of them."""
    features = BY_TABLE[table]
    own = _source(table)
    if not fold.figures[own]:
        return None
    now = _now(fold)
    found = _scalars(_by_day(fold, own, ""), table, now)[""]
    by_key: dict[Keyed, Mapping[str, int]] = {}
    return {one.name: _value(one, found, now, fold=fold, by_key=by_key) for one in features}


def evaluate_by_key(fold: Fold, table: str) -> dict[str, dict[str, Value]]:
    """The features of a table that has a row for each category or channel, by that key."""
    features, now = BY_TABLE[table], _now(fold)
    found = _scalars(_by_day(fold, _source(table), features[0].per), table, now)
    return {
        key: {one.name: _value(one, scalars, now, fold=fold, by_key={}) for one in features}
        for key, scalars in found.items()
    }


def _now(fold: Fold) -> Now:
    return Now(micros=fold.before, day=fold.days.of(fold.before - 1)[0])


@lru_cache
def _source(table: str) -> Source:
    return next(
        scalar.measure.source
        for one in BY_TABLE[table]
        if not isinstance(one.formula, Keyed)
        for scalar in one.formula.scalars
    )


@lru_cache
def _wanted(table: str) -> tuple[Scalar, ...]:
    plain = (one for one in BY_TABLE[table] if not isinstance(one.formula, Keyed))
    return tuple(dict.fromkeys(scalar for one in plain for scalar in scalars_of(one)))


def _value(
    feature: Feature,
    found: Mapping[Scalar, int | None],
    now: Now,
    *,
    fold: Fold,
    by_key: dict[Keyed, Mapping[str, int]],
) -> Value:
    if isinstance(feature.formula, Keyed):
        return feature.formula.found(_of_keys(fold, feature.formula, now, known=by_key))
    formula: Formula = feature.formula
    return formula.value(found.__getitem__, now)


def _key(fold: Fold, source: Source, key: Sequence[str | None], *, name: str) -> str | None:
    """One part of a row's key; the category of a product that is known comes from the catalogue."""
    said = key[KEYS[source].index(name)]
    if source == "things" and name == "category":
        product = key[KEYS[source].index("product")]
        known = None if product is None else fold.products.get(product)
        return known.category if known is not None and known.category is not None else said
    return said


def _by_day(fold: Fold, source: Source, per: str) -> dict[str, _Days]:
    """Figures by day, together or for each key of one kind."""
    folds = [one.fold for one in MEASURES[source]]
    together: dict[str, dict[int, list[int]]] = {}
    for (key, day), figures in fold.figures[source].items():
        of_key = _key(fold, source, key, name=per) if per in KEYS[source] else ""
        if of_key is None:
            continue
        days = together.setdefault(of_key, {})
        before = days.get(day)
        days[day] = figures if before is None else _merged(folds, before, figures)
    return {
        key: _Days(np.array(list(days), np.int64), np.array(list(days.values()), np.int64))
        for key, days in together.items()
    }


def _merged(folds: Sequence[str], one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [
        a + b if fold == "sum" else min(a, b) if fold == "min" else max(a, b)
        for fold, a, b in zip(folds, one, other, strict=True)
    ]


def _scalars(by_day: Mapping[str, _Days], table: str, now: Now) -> dict[str, dict[Scalar, int | None]]:
    places = {one: place for place, one in enumerate(MEASURES[_source(table)])}
    found: dict[str, dict[Scalar, int | None]] = {}
    for key, days in by_day.items():
        window = _Window(days, now)
        found[key] = {
            scalar: window.scalar(
                scalar, places[scalar.measure], without=places[scalar.without] if scalar.without else None
            )
            for scalar in _wanted(table)
        }
    return found


class _Window:
    """Scalars over the days of one customer; of each choice of days the sums are taken once."""

    def __init__(self, days: _Days, now: Now) -> None:
        self._days = days
        self._now = now
        self._chosen: dict[tuple[object, ...], _Days] = {}
        self._sums: dict[tuple[object, ...], list[int]] = {}

    def scalar(self, scalar: Scalar, place: int, *, without: int | None) -> int | None:
        """One scalar, of the measure in that place."""
        choice = (scalar.days, scalar.skip, scalar.weekdays, scalar.quarter)
        chosen = self._chosen.get(choice)
        if chosen is None:
            chosen = self._chosen[choice] = _chosen(self._days, scalar, self._now)
        if scalar.how != "total":
            return _of_days(chosen, scalar, place, without=without)
        if scalar.measure.fold == "sum":
            if choice not in self._sums:
                self._sums[choice] = chosen.figures.sum(axis=0).tolist()
            return self._sums[choice][place]
        if not len(chosen.day):
            return None
        column = chosen.figures[:, place]
        extreme = int(column.min() if scalar.measure.fold == "min" else column.max())
        return None if abs(extreme) == NEVER else extreme


def _chosen(days: _Days, scalar: Scalar, now: Now) -> _Days:
    """The days of a scalar's window."""
    mask = np.ones(len(days.day), bool)
    if scalar.days is not None:
        mask &= days.day > now.day - scalar.days - scalar.skip
    if scalar.skip:
        mask &= days.day <= now.day - scalar.skip
    if scalar.weekdays:
        mask &= np.isin((days.day + 3) % 7, scalar.weekdays)
    if scalar.quarter:
        months = days.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        mask &= months % 12 // 3 + 1 == scalar.quarter
    return days if mask.all() else _Days(days.day[mask], days.figures[mask])


def _of_days(chosen: _Days, scalar: Scalar, place: int, *, without: int | None) -> int | None:
    mask = chosen.figures[:, place] > 0
    if without is not None:
        mask &= chosen.figures[:, without] == 0
    if scalar.how == "days":
        return int(mask.sum())
    own = chosen.day[mask]
    if not len(own):
        return None
    return int(own.min() if scalar.how == "first_day" else own.max())


def _of_keys(
    fold: Fold, formula: Keyed, now: Now, *, known: dict[Keyed, Mapping[str, int]]
) -> Mapping[str, int]:
    """A scalar, which is a sum, for each key."""
    same = Keyed("distinct", formula.key, formula.of)
    if same in known:
        return known[same]
    scalar, source = formula.of, formula.of.measure.source
    place = MEASURES[source].index(scalar.measure)
    least = now.day - (scalar.days or NEVER) - scalar.skip
    found: dict[str, int] = {}
    for (key, day), figures in fold.figures[source].items():
        of_key = _key(fold, source, key, name=formula.key)
        if of_key is not None and least < day <= now.day - scalar.skip:
            found[of_key] = found.get(of_key, 0) + figures[place]
    known[same] = found
    return found
