"""The cleaning rules: what is dropped before anything is made of events and rows, each rule with a name.

A rule is a part of ``sql/dropped_events.sql`` or ``sql/dropped_rows.sql``. Both see the settings as the table
`cleaning`, one row: for each rule whether it is on, and its figures. A rule that is off drops nothing; what
is dropped stays in the canonical tables. The words of a rule are ``process-rule-<code>`` (kernel/locales).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from mindgap.kernel.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One cleaning rule.

    Attributes:
        code: Its name in mindgap.toml, the tables and the messages.
        table: The canonical table whose rows it drops.
        is_on: Whether it is on where the settings say nothing. Off is what takes money away in doubt.
        options: Its figures and their defaults, by name with the unit.
    """

    code: str
    table: str
    is_on: bool = True
    options: Mapping[str, float] = field(default_factory=dict)


_OUTLIER = {"deviations": 10.0, "least-lines": 30.0}

RULES = (
    Rule(code="bot-user-agent", table="events"),
    Rule(code="bot-pace", table="events", options={"events-a-day": 10_000.0, "pages-a-minute": 60.0}),
    Rule(code="clock-out-of-range", table="events", options={"earliest-year": 2000.0}),
    Rule(code="test-event", table="events"),
    Rule(code="duplicate-event", table="events", is_on=False, options={"within-seconds": 1.0}),
    Rule(code="test-order", table="orders"),
    Rule(code="repeated-line", table="orders"),
    Rule(code="negative-amount", table="orders"),
    Rule(code="order-out-of-time", table="orders", options={"earliest-year": 1990.0}),
    Rule(code="outlier-quantity", table="orders", is_on=False, options=_OUTLIER),
    Rule(code="outlier-amount", table="orders", is_on=False, options=_OUTLIER),
    Rule(code="repeated-customer", table="customers"),
    Rule(code="repeated-product", table="products"),
    Rule(code="score-off-scale", table="feedback"),
)
"""Every rule, events first."""


def rules_as_set(off: Iterable[str] = (), options: Mapping[str, float] | None = None) -> tuple[Rule, ...]:
    """Every rule as the section [cleaning] has it.

    A rule that is off by itself is switched on by giving one of its figures.

    Args:
        off: Rules that are switched off, by name.
        options: Figures that differ from the default, by ``rule.option``.

    Raises:
        SettingsError: A rule or option is unknown, or a figure is not above zero.

    >>> [rule.is_on for rule in rules_as_set(off=["bot-pace"]) if rule.code == "bot-pace"]
    [False]
    >>> rules_as_set(options={"outlier-amount.deviations": 8.0})[10].is_on
    True
    """
    switched, figures = frozenset(off), options or {}
    _check(switched, figures)
    return tuple(_as_set(rule, switched, figures) for rule in RULES)


def _as_set(rule: Rule, off: frozenset[str], figures: Mapping[str, float]) -> Rule:
    given = {
        name: figures[f"{rule.code}.{name}"] for name in rule.options if f"{rule.code}.{name}" in figures
    }
    return Rule(
        code=rule.code,
        table=rule.table,
        is_on=rule.code not in off and (rule.is_on or bool(given)),
        options={**rule.options, **given},
    )


def _check(off: frozenset[str], figures: Mapping[str, float]) -> None:
    known = {rule.code: rule for rule in RULES}
    options = [f"{rule.code}.{name}" for rule in RULES for name in rule.options]
    _refuse(sorted(off - known.keys()), "rule", list(known))
    _refuse(sorted(figures.keys() - set(options)), "option", options)
    for name, figure in figures.items():
        if not figure > 0:
            raise SettingsError(f"[cleaning] {name} is {figure:g}.", hint="Give a figure above zero.")


def _refuse(unknown: Sequence[str], what: str, known: Sequence[str]) -> None:
    if unknown:
        raise SettingsError(
            f"[cleaning] has no {what} {unknown[0]!r}.",
            hint=f"`mindgap quality rules` lists them: {', '.join(known)}.",
        )


def cleaning_table(rules: Iterable[Rule]) -> pa.Table:
    """The table `cleaning` that the queries see: one row.

    >>> cleaning_table(RULES)["bot_pace_pages_a_minute"].to_pylist()
    [60.0]
    """
    row: dict[str, Any] = {}
    for rule in rules:
        column = rule.code.replace("-", "_")
        row[column] = rule.is_on
        row |= {f"{column}_{name.replace('-', '_')}": figure for name, figure in rule.options.items()}
    return pa.Table.from_pylist([row])
