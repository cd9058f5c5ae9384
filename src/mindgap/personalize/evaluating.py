"""How good the recommendations are, on purchases held out in time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import At, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation, Trial, bootstrap_means, evaluation_table
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator
from mindgap.personalize.discovering import taste_lists
from mindgap.personalize.fitting import fit
from mindgap.personalize.history import PURCHASE_COLUMNS, History, among, distinct, read_history
from mindgap.personalize.model import HORIZON_DAYS, Profile, Recommender, crowd, profile
from mindgap.personalize.ranking import best, discover_list, gains, merge, repeat_list

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

MOST_CUSTOMERS = 5_000
"""More held-out customers than this are sampled."""
MIN_HELD_OUT = 20
"""Fewer held-out customers give no interval worth printing."""
TASKS = ("recommend-next", "recommend-nbr", "recommend-new", "recommend-taste")
BASELINES = {
    "recommend-next": "personal-frequency",
    "recommend-nbr": "personal-frequency",
    "recommend-new": "popularity",
    "recommend-taste": "popularity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What one customer bought afterwards, as product rows of the model.

    Attributes:
        row: The customer's row.
        everything: Distinct products, ascending.
        first_order: Those of the first order, ascending.
    """

    row: int
    everything: "NDArray[np.int64]"
    first_order: "NDArray[np.int64]"


@derivation(
    "evaluation_recommend",
    grain="one row per recommendation task and metric",
    purpose=Purpose.PERSONALIZATION,
    inputs={
        "evidence": At(table="purchases", lag_days=HORIZON_DAYS, columns=PURCHASE_COLUMNS),
        "outcomes": At(table="purchases", columns=PURCHASE_COLUMNS),
    },
    weight=6.0,
)
def evaluation_recommend(tables: "Mapping[str, pa.Table]", moment: Moment) -> pa.Table:
    """Next products, the first next order and new products (twice), each against the stronger simple list.

    New products are judged as the recommender lists them, and as `customer_discoveries` does.

    Customers and products that the evidence does not know are left out of the outcomes, as in the
    literature; personal frequency breaks ties by popularity. Next products are judged on the mixed list.
    """
    cut = as_of_lag(moment.as_of, HORIZON_DAYS, moment.time_zone)
    history = read_history(tables["evidence"], cut)
    held_out = _held_out(tables["outcomes"], history, cut)
    if len(held_out) < MIN_HELD_OUT:
        raise CannotSay("no-held-out-purchases", customers=len(held_out), least=MIN_HELD_OUT)
    if len(held_out) > MOST_CUSTOMERS:
        drawn = generator(moment.seed, "evaluation_recommend").permutation(len(held_out))[:MOST_CUSTOMERS]
        held_out = [held_out[row] for row in np.sort(drawn)]
    rows = np.array([one.row for one in held_out])
    model = fit(history, seed=moment.seed, rows=rows)
    figures = _figures(model, held_out, taste_lists(history, rows, seed=moment.seed))
    period = f"{cut.date()}/{moment.as_of.date()}"
    return evaluation_table(
        row
        for task in TASKS
        if len(figures[task])
        for row in _rows(task, figures[task], moment=moment, period=period)
    )


def _held_out(outcomes: pa.Table, history: History, cut: "datetime") -> list[HeldOut]:
    """Outcomes by customer, in row order; the first order is the earliest, by id where times are equal."""
    customers, products = pa.array(history.customers, pa.string()), pa.array(history.products, pa.string())
    known = pc.field("customer_id").isin(customers) & pc.field("product_id").isin(products)
    since = pc.field("ordered_at") >= pc.scalar(pa.scalar(cut, outcomes["ordered_at"].type))
    table = (
        outcomes.filter(since)
        .filter(known)
        .sort_by([("customer_id", "ascending"), ("ordered_at", "ascending"), ("order_id", "ascending")])
    )
    customer = _rows_of(table["customer_id"], customers)
    product = _rows_of(table["product_id"], products)
    order = np.asarray(table["order_id"].to_pylist(), dtype=object)
    if not len(table):
        return []
    rows, starts = np.unique(customer, return_index=True)
    ends = np.append(starts[1:], len(customer))
    return [
        HeldOut(
            row=int(row),
            everything=distinct(product[start:end]),
            first_order=distinct(product[start:end][order[start:end] == order[start]]),
        )
        for row, start, end in zip(rows, starts, ends, strict=True)
    ]


def _rows_of(values: pa.ChunkedArray, among: pa.Array) -> "NDArray[np.int64]":
    found = pc.call_function("index_in", [values], pc.SetLookupOptions(value_set=among))
    return found.to_numpy().astype(np.int64)


def _figures(
    model: Recommender, held_out: list[HeldOut], tastes: "list[NDArray[np.int64]]"
) -> "dict[str, NDArray[np.float64]]":
    """Per task, one row per customer: our NDCG and recall, then the baseline's."""
    figures: dict[str, list[tuple[float, ...]]] = {task: [] for task in TASKS}
    orders = np.bincount(model.product, model.times)
    popularity = orders / (orders.max(initial=0.0) + 1.0)
    for one, taste in zip(held_out, tastes, strict=True):
        customer = profile(model, one.row)
        near = crowd(model, customer)
        discover = discover_list(model, customer, near, k=10)
        mixed = merge(repeat_list(model, customer, near, k=10), discover, k=10).product
        frequent = personal_frequency(customer, popularity)
        for task, outcomes in (("recommend-next", one.everything), ("recommend-nbr", one.first_order)):
            figures[task].append(_gains(mixed, frequent, outcomes))
        new = one.everything[~among(one.everything, customer.product)]
        if len(new):
            popular = popular_unbought(customer)
            figures["recommend-new"].append(_gains(discover.product, popular, new))
            figures["recommend-taste"].append(_gains(taste, popular, new))
    return {task: np.array(rows) for task, rows in figures.items()}


def _gains(
    ours: "NDArray[np.int64]", baseline: "NDArray[np.int64]", outcomes: "NDArray[np.int64]"
) -> tuple[float, ...]:
    return (*gains(among(ours, outcomes), len(outcomes)), *gains(among(baseline, outcomes), len(outcomes)))


def personal_frequency(customer: Profile, popularity: "NDArray[np.float64]") -> "NDArray[np.int64]":
    """The ten products bought in most orders; ties by all customers' orders, the rest by popularity.

    Args:
        customer: The customer.
        popularity: Orders of all customers, per product, as a share (below 1) of those of the first.
    """
    frequency = customer.times + popularity[customer.product]
    own = customer.product[best(frequency, 10)].astype(np.int64)
    return own if len(own) == 10 else np.concatenate([own, popular_unbought(customer)])[:10]  # noqa: PLR2004 - k


def popular_unbought(customer: Profile) -> "NDArray[np.int64]":
    """The ten most bought products that the customer never bought."""
    head = np.arange(len(customer.product) + 10)
    return head[~among(head, customer.product)][:10]


def _rows(task: str, figures: "NDArray[np.float64]", *, moment: Moment, period: str) -> list[Evaluation]:
    trial = Trial(task=task, data=moment.workspace, baseline=BASELINES[task], n=len(figures), period=period)
    rows: list[Evaluation] = []
    for column, metric in enumerate(("ndcg@10", "recall@10")):
        both = figures[:, [column, column + 2]]
        draws = bootstrap_means(both, seed=moment.seed, name=f"{task} {metric}")
        rows.append(trial.figure(metric, both.mean(axis=0), draws))
    return rows
