"""What a customer will need next: the chance that a category is bought in the next four weeks.

Who buys a category again and again has a cycle (process/sql/category_cycles.sql). A boosted classifier learns
from the cycles of four weeks ago, and what was bought since, how the chance depends on the length and
regularity of the cycle, on how long ago the last order was, and on how often it came before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.analyze.models.hashed_sample import hashed
from mindgap.analyze.models.inactivity import auc
from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.evaluation import Evaluation, Trial, bootstrap_statistic, evaluation_table
from mindgap.kernel.large_models import LargeBuilt, LargeModels, Mapped
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

HORIZON_DAYS = 28
MIN_EXAMPLES = 500
"""Fewer customer-categories than this teach nothing that would hold."""
_TRAINING_ROWS = 200_000
_SAMPLED_ROWS = 2_000_000
_EVALUATED_ROWS = 5_000
_ROUNDS = 80
_BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "num_threads": 1,
    "deterministic": True,
    "verbosity": -1,
}
_FEATURES = ("orders", "cycle_days", "last_days", "due_ratio", "cycle_spread")
_KEYS = ("customer_id", "category")
_BOUGHT = ("customer_id", "category", "ordered_at")
_LEAST, _MOST = 1e-6, 1.0 - 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examples:
    """Cycles as they stood, and whether the category was bought in the weeks after."""

    matrix: "Floats"
    bought: "Booleans"

    def drawn(self, most: int, *, seed: int, name: str) -> "_Examples":
        """At most so many of them, drawn at random."""
        if len(self.bought) <= most:
            return self
        rows = np.sort(generator(seed, "needs", name).choice(len(self.bought), most, replace=False))
        return _Examples(matrix=self.matrix[rows], bought=self.bought[rows])


def _large_needs(models: LargeModels, moment: Moment) -> LargeBuilt:
    """Learns from the rhythms of some customers, drawn by the hash of their ids, and says it of all."""
    count = int(models.table("select count(*) as n from cycles")["n"][0].as_py())
    drawn = hashed("customer_id", of=count, wanted=_SAMPLED_ROWS)
    cycles = models.table(f"select * from cycles where {drawn}")
    bought = models.table(f"select {', '.join(_BOUGHT)} from purchases where {drawn}")
    cut, examples = _examples({"cycles": cycles, "purchases": bought}, HORIZON_DAYS, moment)
    booster = _fitted(examples, seed=moment.seed)
    table = Mapped(
        sql="select * from cycles where days_before = 0",
        function=partial(scored, text=booster.model_to_string()),
        schema=_told(cycles.slice(0, 0), np.zeros(0)).schema,
    )
    model = _kept(booster, examples, cut)
    card = {**model.card, "cycles": count, "sampled_cycles": cycles.num_rows}
    return LargeBuilt(table=table, models=(replace(model, card=card),))


def scored(cycles: pa.Table, *, text: str) -> pa.Table:
    """The needs of some rhythms, by the text of the model in the Vault."""
    return _told(cycles, _chances(lightgbm.Booster(model_str=text), _matrix(cycles)))


@derivation(
    "customer_needs",
    grain="one row per known customer and category bought before in a rhythm: the chance of the next 28 days",
    purpose=Purpose.PERSONALIZATION,
    inputs={
        "cycles": At(table="category_cycles"),
        "purchases": At(table="purchases", columns=_BOUGHT),
    },
    large=_large_needs,
    customer_level=True,
    weight=2.0,
)
def customer_needs(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """P(category is bought in the next 28 days), with the figures of its cycle.

    Raises:
        CannotSay: There are too few rhythms to learn from.
    """
    cut, examples = _examples(tables, HORIZON_DAYS, moment)
    booster = _fitted(examples, seed=moment.seed)
    cycles = tables["cycles"].filter(pc.field("days_before") == 0)
    return Built(
        table=_told(cycles, _chances(booster, _matrix(cycles))), models=(_kept(booster, examples, cut),)
    )


@derivation(
    "evaluation_needs",
    grain="one row per metric of the needs of the last 28 days",
    purpose=Purpose.PERSONALIZATION,
    inputs={
        "cycles": At(table="category_cycles"),
        "purchases": At(table="purchases", columns=_BOUGHT),
    },
    weight=2.0,
)
def evaluation_needs(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How well needs stated 28 days ago foretold what was bought, beside a constant rate of orders."""
    _, training = _examples(tables, 2 * HORIZON_DAYS, moment)
    booster = _fitted(training, seed=moment.seed)
    cut, held_out = _examples(tables, HORIZON_DAYS, moment)
    held_out = held_out.drawn(_EVALUATED_ROWS, seed=moment.seed, name="evaluation")
    _check(held_out)
    orders, cycle_days, last_days = held_out.matrix[:, :3].T
    per_day = orders / (cycle_days * (orders - 1.0) + last_days)
    chances = np.column_stack([_chances(booster, held_out.matrix), -np.expm1(-HORIZON_DAYS * per_day)])
    return evaluation_table(
        _figures(np.clip(chances, _LEAST, _MOST), held_out.bought, cut=cut, moment=moment)
    )


def _told(cycles: pa.Table, chance: "Floats") -> pa.Table:
    table = cycles.drop_columns(["days_before"]).append_column("chance", pa.array(chance))
    return table.append_column("horizon_days", pa.array(np.full(len(chance), HORIZON_DAYS)))


def _matrix(cycles: pa.Table) -> "Floats":
    columns = [cycles[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in _FEATURES]
    return np.column_stack(columns)


def _examples(tables: Mapping[str, pa.Table], days_before: int, moment: Moment) -> tuple[datetime, _Examples]:
    """The cycles as they stood that many days before, and what was bought in the HORIZON_DAYS days after."""
    cut = moment.as_of - timedelta(days=days_before)
    times = pc.field("ordered_at")
    later = (times >= pa.scalar(cut)) & (times < pa.scalar(cut + timedelta(days=HORIZON_DAYS)))
    bought = tables["purchases"].filter(later).select(_KEYS).group_by(list(_KEYS)).aggregate([])
    bought = bought.append_column("bought", pa.array(np.ones(bought.num_rows, dtype=np.bool_)))
    cycles = tables["cycles"].filter(pc.field("days_before") == days_before)
    joined = cycles.join(bought, keys=list(_KEYS)).sort_by([(key, "ascending") for key in _KEYS])
    return cut, _Examples(
        matrix=_matrix(joined),
        bought=pc.fill_null(joined["bought"], False).to_numpy(zero_copy_only=False),
    )


def _check(examples: _Examples) -> None:
    if len(examples.bought) < MIN_EXAMPLES or len(np.unique(examples.bought)) == 1:
        raise CannotSay("analyze-needs-few-cycles", cycles=len(examples.bought), needed=MIN_EXAMPLES)


def _fitted(examples: _Examples, *, seed: int) -> lightgbm.Booster:
    _check(examples)
    drawn = examples.drawn(_TRAINING_ROWS, seed=seed, name="training")
    data = lightgbm.Dataset(drawn.matrix, drawn.bought.astype(np.float64), feature_name=list(_FEATURES))
    return lightgbm.train({**_BOOSTING, "seed": seed}, data, _ROUNDS)


def _chances(booster: lightgbm.Booster, matrix: "Floats") -> "Floats":
    return np.asarray(booster.predict(matrix), dtype=np.float64)


def _kept(booster: lightgbm.Booster, examples: _Examples, cut: datetime) -> FittedModel:
    return FittedModel(
        name="needs",
        card={
            "intended_use": "What to remind a customer of, and what to have in stock for them.",
            "outcome": f"the category is bought in the next {HORIZON_DAYS} days",
            "as_of": cut.isoformat(),
            "training_examples": len(examples.bought),
            "bought_share": float(examples.bought.mean()),
            "features": list(_FEATURES),
            "limits": "Speaks of categories bought at least twice; says nothing of new ones.",
        },
        text={"booster": booster.model_to_string()},
    )


def _figures(chances: "Floats", bought: "Booleans", *, cut: datetime, moment: Moment) -> list[Evaluation]:
    losses = -np.log(np.where(bought[:, np.newaxis], chances, 1.0 - chances))

    def both(rows: "NDArray[np.int64]") -> tuple[float, ...]:
        """AUC of both, then log loss of both."""
        aucs = [auc(column[rows], bought[rows]) for column in chances.T]
        return (*aucs, *losses[rows].mean(axis=0).tolist())

    draws = bootstrap_statistic(len(bought), both, seed=moment.seed, name="needs")
    values = both(np.arange(len(bought)))
    trial = Trial(
        task="needs",
        data=moment.workspace,
        baseline="constant-rate",
        n=len(bought),
        period=f"{cut:%Y-%m-%d}/{cut + timedelta(days=HORIZON_DAYS):%Y-%m-%d}",
    )
    return [
        trial.figure("auc", values[:2], draws[:, :2]),
        trial.figure("log-loss", values[2:], draws[:, 2:], better="lower"),
    ]
