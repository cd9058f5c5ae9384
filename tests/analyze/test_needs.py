"""Needs: customers with a rhythm, and what the model makes of it."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from customer_inputs import AS_OF, moment

from mindgap.analyze.models.needs import HORIZON_DAYS, customer_needs, evaluation_needs
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator

HISTORY_DAYS = 300


def purchases(customers=300, *, seed=1):
    """Each customer buys three categories in rhythms of one to twelve weeks, with some noise."""
    rng = generator(seed, "rhythms")
    rows = []
    for customer in range(customers):
        for category in ("milk", "soap", "paint"):
            cycle = rng.uniform(7, 84)
            day = HISTORY_DAYS - rng.uniform(0, cycle)
            while day > 0:
                rows.append((f"c{customer}", category, AS_OF - timedelta(days=float(day))))
                day -= max(cycle * rng.normal(1.0, 0.15), 0.5)
    return rows


def table(rows):
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            "customer_id": pa.array(columns[0], pa.string()),
            "category": pa.array(columns[1], pa.string()),
            "ordered_at": pa.array(columns[2], pa.timestamp("us")),
        }
    )


def cycles(rows, at):
    """What process/sql/category_cycles.sql gives, as of a moment."""
    times = {}
    for customer, category, when in rows:
        if when < at:
            times.setdefault((customer, category), []).append(when)
    made = []
    for (customer, category), found in sorted(times.items()):
        gaps = np.diff(sorted(found)) / timedelta(days=1)
        if len(gaps):
            last, cycle = (at - max(found)) / timedelta(days=1), float(gaps.mean())
            made.append(
                {
                    "customer_id": customer, "category": category, "orders": len(found),
                    "cycle_days": cycle, "last_days": last, "due_ratio": last / cycle,
                    "due_in_days": cycle - last, "cycle_spread": float(gaps.std()) / cycle,
                }
            )  # fmt: skip
    return pa.Table.from_pylist(made)


def inputs(rows):
    """What the models see: cycles as of now and four and eight weeks ago, and all purchases."""
    made = []
    for days in (0, HORIZON_DAYS, 2 * HORIZON_DAYS):
        found = cycles(rows, AS_OF - timedelta(days=days))
        made.append(found.append_column("days_before", pa.array([days] * found.num_rows, pa.int64())))
    return {"cycles": pa.concat_tables(made), "purchases": table(rows)}


@pytest.fixture(scope="module")
def shop():
    return purchases()


def test_who_is_due_within_the_horizon_is_told_apart_from_who_is_not(shop):
    built = customer_needs.build(inputs(shop), moment())
    rows = built.table.to_pylist()
    soon = [row["chance"] for row in rows if row["due_in_days"] < 10 and row["cycle_days"] < 40]
    late = [row["chance"] for row in rows if row["due_in_days"] > 40]
    assert np.mean(soon) > 0.8
    assert np.mean(late) < 0.2
    assert all(0 < row["chance"] < 1 and row["horizon_days"] == HORIZON_DAYS for row in rows)
    assert built.models[0].card["training_examples"] > 500


def test_a_rhythm_beats_a_constant_rate_on_held_out_weeks(shop):
    found = {row["metric"]: row for row in evaluation_needs.build(inputs(shop), moment()).to_pylist()}
    assert found["auc"]["value"] > found["auc"]["baseline_value"] + 0.05
    assert found["log-loss"]["value"] < found["log-loss"]["baseline_value"]
    assert found["auc"]["beats_baseline"]
    assert found["log-loss"]["beats_baseline"]
    assert found["auc"]["low"] < found["auc"]["value"] < found["auc"]["high"]


def test_what_happens_after_the_horizon_teaches_nothing(shop):
    """Training looks at the weeks after the earlier moment only: nothing at or after the as-of time."""
    later = [*shop, *((f"c{n}", "milk", AS_OF + timedelta(days=1)) for n in range(300))]
    now, then = (
        customer_needs.build({**inputs(shop), "purchases": table(rows)}, moment()) for rows in (shop, later)
    )
    assert now.table.equals(then.table)


def test_few_rhythms_are_not_learned_from(shop):
    few = [row for row in shop if row[0] in {"c1", "c2"}]
    with pytest.raises(CannotSay, match="analyze-needs-few-cycles"):
        customer_needs.build(inputs(few), moment())
