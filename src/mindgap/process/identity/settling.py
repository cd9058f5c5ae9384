"""The few persons of whom something speaks against: their edges one by one, those known first coming first.

What was known first stands, so that later evidence splits nothing that was joined; it is held back instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mindgap.process.identity.ordering import Ints

KEPT_APART = "kept-apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What speaks against two ids being one person.

    Attributes:
        labels: What a person has one of: its number by customer, or -1 where nothing is known.
        apart: Customers whom people keep apart.
    """

    labels: Mapping[str, Ints]
    apart: frozenset[tuple[int, int]]


@dataclass(slots=True, kw_only=True)
class Settled:
    """What came of it.

    Attributes:
        root: By customer: one of the customers of its person.
        accepted: Rows of edges that are part of a person.
        held: Reason by row, of those that are not.
    """

    root: dict[int, int] = field(default_factory=dict)
    accepted: set[int] = field(default_factory=set)
    held: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Group:
    customers: list[int]
    tokens: list[int]
    labels: dict[str, set[int]]


def settle(edges: Iterable[tuple[int, int, int, bool]], rules: Rules) -> Settled:
    """Join what may be joined.

    Args:
        edges: Row, customer, token, and whether a person decided on it, in order.
        rules: What speaks against it.
    """
    done = Settled()
    by_customer: dict[int, _Group] = {}
    by_token: dict[int, _Group] = {}
    for row, customer, token, is_decided in edges:
        if customer not in by_customer:
            by_customer[customer] = _alone(customer, rules)
        one = by_customer[customer]
        other = by_token.setdefault(token, _Group([], [token], {}))
        reason = "" if one is other else _against(one, other, rules, is_decided=is_decided)
        if reason:
            done.held[row] = reason
            continue
        done.accepted.add(row)
        if one is not other:
            _merge(one, other)
            by_customer.update(dict.fromkeys(one.customers, one))
            by_token.update(dict.fromkeys(one.tokens, one))
    done.root = {customer: min(group.customers) for customer, group in by_customer.items()}
    return done


def _alone(customer: int, rules: Rules) -> _Group:
    labels = {name: {int(label[customer])} for name, label in rules.labels.items() if label[customer] >= 0}
    return _Group([customer], [], labels)


def _against(one: _Group, other: _Group, rules: Rules, *, is_decided: bool) -> str:
    """Why two groups are not one person; empty when nothing speaks against it."""
    for first in one.customers:
        for second in other.customers:
            if (min(first, second), max(first, second)) in rules.apart:
                return KEPT_APART
    for name, known in one.labels.items():
        if not is_decided and known.isdisjoint(other.labels.get(name, known)):
            return f"different-{name}"
    return ""


def _merge(one: _Group, other: _Group) -> None:
    one.customers += other.customers
    one.tokens += other.tokens
    for name, known in other.labels.items():
        one.labels.setdefault(name, set()).update(known)
