"""Features as queries, written from the declarations in the common subset of the engines.

Pieces by day know ids as they came; persons are joined when features are worked out, so that a merge of two
ids renews no piece. A visit is what one id does on one channel and day without half an hour of silence.
"""

from collections.abc import Mapping, Sequence
from importlib import resources

from mindgap.kernel.derivation import At, Derivation
from mindgap.kernel.purposes import Purpose
from mindgap.process.features.definition import Feature, Formula, Keyed, KeyedKind, Scalar
from mindgap.process.features.measures import MEASURES, STEPS, THINGS, VISITS, Measure, Source

FEATURE_INPUTS: dict[Source, dict[str, At]] = {
    "visits": {"of_visits": At(table="person_days")},
    "things": {"of_things": At(table="person_things")},
    "orders": {"orders": At(table="clean_orders"), "product_prices": At(table="product_prices")},
    "feedback": {"feedback": At(table="clean_feedback")},
}
_PIECES = ("visits", "things")
_DAYS = {"local_days": At(table="local_days")}


def _text(name: str) -> str:
    return (resources.files("mindgap.process.features") / "rows" / f"{name}.sql").read_text("utf-8").strip()


def _steps() -> str:
    """What a name in lower case means, one row each: to join costs less than to compare with every name."""
    return " union all\n".join(
        f"    select {name!r} as name, {step!r} as step" for name, step in STEPS.items()
    )


DAY_EVENTS = Derivation(
    name="day_events",
    grain="one row per event: when in its local day, what it means, and what a cleaning rule may ask of it",
    purpose=Purpose.ANALYTICS,
    inputs={
        "events": At(table="dated_events"),
        "cleaning": At(table="cleaning"),
        "bot_agents": At(table="bot_agents"),
    },
    sql=_text("day_events").replace("{steps}", _steps()),
    customer_level=True,
    form="view",
    shared=True,
)
"""What all tables that are kept by day ask of events, worked out once; long texts stay where they are."""


def _piece(name: str, grain: str, measures: Sequence[Measure]) -> Derivation:
    folded = ",\n".join(f"    {one.folded()} as {one.name}" for one in measures)
    columns = ",\n".join(f"    f.{one.name}" for one in measures)
    return Derivation(
        name=name,
        grain=grain,
        purpose=Purpose.ANALYTICS,
        inputs={"events": At(table="kept_day_events")},
        sql=_text(name).replace("{measures}", folded).replace("{columns}", columns),
        customer_level=True,
        form="days",
    )


CUSTOMER_DAYS = _piece(
    "customer_days",
    "one row per visitor (a customer, or a device before sign-in), channel and local day",
    VISITS,
)
CUSTOMER_THINGS = _piece(
    "customer_things",
    "one row per visitor, local day, and product, category or search that they looked at",
    THINGS,
)


def _of_persons(name: str, grain: str, **inputs: At) -> Derivation:
    columns = ",\n".join(f"    c.{one.name}" for one in VISITS)
    return Derivation(
        name=name,
        grain=grain,
        purpose=Purpose.ANALYTICS,
        inputs={**inputs, "same_person": At(table="same_person", optional=True)},
        sql=_text(name).replace("{columns}", columns),
        customer_level=True,
        form="view",
    )


PERSON_DAYS = _of_persons(
    "person_days",
    "one row per person, channel and local day, as often as the person has ids",
    customer_days=At(table="customer_days"),
)
PERSON_THINGS = _of_persons(
    "person_things",
    "one row per person, local day and thing, as often as the person has ids",
    customer_things=At(table="customer_things"),
    product_prices=At(table="product_prices"),
)


def features_table(name: str, features: Sequence[Feature]) -> Derivation:
    """The derived table of these features, which share their table."""
    return Derivation(
        name=name,
        grain="one row per customer" + ("" if features[0].per == "customer" else f" and {features[0].per}"),
        purpose=Purpose.ANALYTICS,
        inputs=_inputs(features),
        sql=_query(features),
        customer_level=True,
    )


def _inputs(features: Sequence[Feature]) -> dict[str, At]:
    inputs = dict(_DAYS)
    sources: list[Source] = [scalar.measure.source for one in features for scalar in scalars_of(one)]
    for source in dict.fromkeys(sources):
        inputs |= FEATURE_INPUTS[source]
    return inputs


def scalars_of(feature: Feature) -> tuple[Scalar, ...]:
    """The scalars that a feature is made of."""
    return (feature.formula.of,) if isinstance(feature.formula, Keyed) else feature.formula.scalars


def _query(features: Sequence[Feature]) -> str:
    """One query: rows of the sources, days of them, scalars of those, and features of these."""
    plain = [one.formula for one in features if not isinstance(one.formula, Keyed)]
    keyed = [one.formula for one in features if isinstance(one.formula, Keyed)]
    scalars = list(dict.fromkeys(scalar for formula in plain for scalar in formula.scalars))
    own = scalars[0].measure.source
    sources = dict.fromkeys([own, *(formula.of.measure.source for formula in keyed)])
    group = ["customer_id"] if features[0].per == "customer" else ["customer_id", features[0].per]
    steps = [_text("moment"), *(_text(source) for source in sources if source not in _PIECES)]
    steps += [_days_step(own, scalars, group), _scalars_step(scalars, group)]
    groups = _by_scalar(keyed)
    steps += [step for alias, formulas in groups.items() for step in _keyed_steps(alias, formulas)]
    columns = [f"    s.{name}" for name in group]
    columns += [f"    {_column(one, scalars, groups)} as {one.name}" for one in features]
    joins = "".join(f"\nleft join {alias} on s.customer_id = {alias}.customer_id" for alias in groups)
    chosen = ",\n".join(columns)
    return (
        "with "
        + ",\n".join(steps)
        + f"\nselect\n{chosen}\nfrom scalars as s\ncross join t{joins}\n"
        + f"order by {', '.join(f's.{name}' for name in group)}"
    )


def _days_step(source: Source, scalars: Sequence[Scalar], group: Sequence[str]) -> str:
    used = {scalar.measure for scalar in scalars} | {scalar.without for scalar in scalars if scalar.without}
    measures = [one for one in MEASURES[source] if one in used]
    folded = ",\n".join(
        f"        {one.merged() if source in _PIECES else one.folded()} as {one.name}" for one in measures
    )
    keys = ", ".join(group)
    known = "".join(f"\n    where {name} is not null" for name in group[1:])
    return (
        f"-- one row per {' and '.join(group)} and local day\n"
        f"days as (\n    select {keys}, day,\n{folded}\n"
        f"    from of_{source}{known}\n    group by {keys}, day\n)"
    )


def _scalars_step(scalars: Sequence[Scalar], group: Sequence[str]) -> str:
    keys = ", ".join(f"d.{name}" for name in group)
    told = ",\n".join(f"        {scalar.sql()} as s{place}" for place, scalar in enumerate(scalars))
    return (
        f"scalars as (\n    select {keys},\n{told}\n"
        f"    from days as d\n    cross join t\n    group by {keys}\n)"
    )


def _column(feature: Feature, scalars: Sequence[Scalar], groups: Mapping[str, Sequence[Keyed]]) -> str:
    if isinstance(feature.formula, Keyed):
        alias = next(alias for alias, formulas in groups.items() if feature.formula in formulas)
        found = f"{alias}.found_{feature.formula.kind}"
        return f"coalesce({found}, 0)" if feature.formula.kind == "distinct" else found
    formula: Formula = feature.formula
    return formula.sql(lambda scalar: f"s.s{scalars.index(scalar)}")


def _by_scalar(keyed: Sequence[Keyed]) -> dict[str, Sequence[Keyed]]:
    """Formulas of the same scalar by the same key, by the name that their step has in the query."""
    scalars = list(dict.fromkeys((one.key, one.of) for one in keyed))
    return {
        f"k{place}": [one for one in dict.fromkeys(keyed) if (one.key, one.of) == scalar]
        for place, scalar in enumerate(scalars)
    }


def _keyed_steps(alias: str, formulas: Sequence[Keyed]) -> list[str]:
    """A scalar by key, and what is made of it."""
    key, scalar = formulas[0].key, formulas[0].of
    where = " and ".join([f"d.{key} is not null", *scalar.conditions()])
    column = scalar.measure.name if scalar.measure.source in _PIECES else ""
    told = f"sum(d.{column})" if column else scalar.measure.folded()
    columns = ",\n".join(f"        {_OVER_KEYS[one.kind]} as found_{one.kind}" for one in formulas)
    return [
        (
            f"{alias}_by_key as (\n    select d.customer_id, d.{key} as of_key, cast({told} as bigint) as n\n"
            f"    from of_{scalar.measure.source} as d\n    cross join t\n    where {where}\n"
            f"    group by d.customer_id, d.{key}\n)"
        ),
        (
            f"{alias} as (\n    select customer_id,\n{columns}\n"
            f"    from {alias}_by_key\n    where n > 0\n    group by customer_id\n)"
        ),
    ]


_OVER_KEYS: Mapping[KeyedKind, str] = {
    "distinct": "count(*)",
    "concentration": (
        "cast(sum(n * n) as double) / cast(cast(sum(n) as bigint) * cast(sum(n) as bigint) as double)"
    ),
    "top": "min_by(of_key, (-n, of_key))",
}
