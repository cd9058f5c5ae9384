"""Every feature, and the derived tables that they make."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mindgap.process.features.activity import ACTIVITY
from mindgap.process.features.definition import Feature
from mindgap.process.features.purchases import PURCHASES
from mindgap.process.features.queries import (
    CUSTOMER_DAYS,
    CUSTOMER_THINGS,
    DAY_EVENTS,
    PERSON_DAYS,
    PERSON_THINGS,
    features_table,
)

FEATURES: Sequence[Feature] = (*ACTIVITY, *PURCHASES)
"""Every declared feature."""


def _by_table() -> Mapping[str, tuple[Feature, ...]]:
    found: dict[str, tuple[Feature, ...]] = {}
    for one in FEATURES:
        found[one.table] = (*found.get(one.table, ()), one)
    return MappingProxyType(found)


BY_TABLE = _by_table()
"""The features of each table, in the order of its columns."""
DERIVATIONS = (
    DAY_EVENTS,
    CUSTOMER_DAYS,
    CUSTOMER_THINGS,
    PERSON_DAYS,
    PERSON_THINGS,
    *(features_table(name, features) for name, features in BY_TABLE.items()),
)
