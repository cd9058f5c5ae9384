"""What people who share an attribute bought: forecasts from demographics or from campaigns received.

Each attribute value pools the lines of everybody who has it. A customer's forecast multiplies the market
share by the tilt of each of the customer's values, damped by a strength s: q ~ q0 * product of (q_v / q0)^s.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells, Matrix

#: Free market lines in the pooled share of an attribute value.
PRIOR_LINES = 500.0
#: Values that fewer customers have than this are left out: they would single people out.
FEWEST_CUSTOMERS = 10
#: Damping tried; a full product would count overlapping attributes several times.
STRENGTHS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)
#: Attributes of the canonical table `customers` that carry a value each.
ATTRIBUTES = ("age_group", "gender", "region", "income_group", "household_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Who has which attribute value.

    Attributes:
        names: The attribute values, as ``attribute=value``.
        member: 1 where a customer has a value; sparse, shape (customers, values of attributes).
    """

    names: tuple[str, ...]
    member: sparse.csr_matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitForecast:
    """Pooled tilts of attribute values.

    Attributes:
        traits: Who has which.
        tilt: ln of a value's pooled share over the market share; shape (attribute values, values).
        market: Market share of each value.
        strength: Damping, 0 (the market) to 1.
    """

    traits: Traits
    tilt: "Matrix"
    market: "Matrix"
    strength: float

    def forecast(self, rows: slice) -> "Matrix":
        """The forecast for some customers; the market forecast where nothing is known of them."""
        own = self.traits.member[rows]
        tilt = np.asarray(own @ self.tilt, dtype=np.float32) * np.float32(self.strength)
        share = self.market * np.exp(np.clip(tilt, -20, 20))
        share /= share.sum(axis=1, keepdims=True)
        return share


def pool(
    traits: Traits, cells: "Cells", *, age: int, market: "NDArray[np.float64]", strength: float
) -> TraitForecast:
    """Pool the lines known at `age` weeks before the cut by attribute value."""
    known = cells.age >= age
    lines = sparse.csr_matrix(
        (cells.count[known], (cells.customer[known], cells.value[known])), (cells.n_customers, cells.n_values)
    )
    everybody = np.asarray(lines.sum(axis=0)).ravel() + PRIOR_LINES * market
    base = everybody / everybody.sum()
    pooled = np.asarray((traits.member.T @ lines).todense()) + PRIOR_LINES * base
    pooled /= pooled.sum(axis=1, keepdims=True)
    return TraitForecast(
        traits=traits,
        tilt=np.log(pooled / base).astype(np.float32),
        market=market.astype(np.float32),
        strength=strength,
    )


def attribute_traits(customers: pa.Table, known: "NDArray[Any]") -> Traits | None:
    """Attribute values from the canonical table `customers`; None when there is none to use."""
    return _traits(_attribute_pairs(customers), known)


def campaign_traits(exposures: pa.Table, known: "NDArray[Any]", cut: "datetime") -> Traits | None:
    """Campaigns received before the cut, from the canonical table `exposures`; None when there is none."""
    if not {"customer_id", "campaign_id", "shown_at"} <= set(exposures.column_names):
        return None
    times = exposures["shown_at"].cast(pa.timestamp("us")).to_numpy()
    shown = exposures.filter(pa.array(times < np.datetime64(cut, "us")))
    return _traits(iter([("campaign", shown["customer_id"], shown["campaign_id"])]), known)


Pairs = tuple[str, pa.ChunkedArray, pa.ChunkedArray]


def _attribute_pairs(customers: pa.Table) -> "Iterator[Pairs]":
    if "customer_id" not in customers.column_names:
        return
    ids = customers["customer_id"]
    for name in ATTRIBUTES:
        if name in customers.column_names:
            yield name, ids, customers[name].cast(pa.string())
    if "birth_year" in customers.column_names:
        years = customers["birth_year"].to_pylist()
        decades = [None if year is None else f"{year // 10 * 10}s" for year in years]
        yield "birth_decade", ids, pa.chunked_array([decades], pa.string())
    if "traits" in customers.column_names:
        yield from _extra_pairs(ids, customers["traits"])


def _extra_pairs(ids: pa.ChunkedArray, column: pa.ChunkedArray) -> "Iterator[Pairs]":
    found: list[dict[str, Any]] = [json.loads(text) if text else {} for text in column.to_pylist()]
    for name in sorted({key for item in found for key in item}):
        values = [None if item.get(name) is None else str(item[name]) for item in found]
        yield name, ids, pa.chunked_array([values], pa.string())


def _traits(pairs: "Iterator[Pairs]", known: "NDArray[Any]") -> Traits | None:
    place = {str(customer): row for row, customer in enumerate(known)}
    names: list[str] = []
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    for attribute, ids, values in pairs:
        customer, _ = _codes(ids, place)
        labels: dict[str, int] = {}
        label, labels = _codes(values, labels)
        use = (customer >= 0) & (label >= 0)
        rows.append(customer[use])
        columns.append(label[use] + len(names))
        names += [f"{attribute}={value}" for value in labels]
    if not names or sum(map(len, rows)) == 0:
        return None
    at = (np.concatenate(rows), np.concatenate(columns))
    member = sparse.csr_matrix((np.ones(len(at[0]), np.float32), at), (len(known), len(names)))
    member.data[:] = 1
    enough = np.flatnonzero(np.asarray(member.sum(axis=0)).ravel() >= FEWEST_CUSTOMERS)
    if len(enough) == 0:
        return None
    return Traits(names=tuple(names[int(column)] for column in enough), member=member[:, enough].tocsr())


def _codes(column: pa.ChunkedArray, place: dict[str, int]) -> "tuple[NDArray[np.int64], dict[str, int]]":
    """Per row the place of its value, -1 when it has none; an empty `place` is filled from the values."""
    coded = column.combine_chunks().dictionary_encode()
    names = [str(name) for name in coded.dictionary.to_pylist()]
    place = place or {name: row for row, name in enumerate(names)}
    found = np.array([*(place.get(name, -1) for name in names), -1], dtype=np.int64)
    return found[coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)], place
