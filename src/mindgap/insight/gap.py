"""The information gap of a business: the table `gap` and its model.

Evidence ends five weeks before the as-of time, at the start of a week; the weeks after it are the outcomes.
All that is learned comes from before that cut (information-gap figures are held out, always).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from mindgap.insight.evidence import ATTRIBUTES, CAMPAIGNS, read_world
from mindgap.insight.forecast import Forecaster, Learned, forecaster
from mindgap.insight.keeping import pack
from mindgap.insight.learning import learn
from mindgap.insight.outcomes import Lines, read_lines
from mindgap.insight.potential import potential
from mindgap.insight.report import Figures, figures, reasons
from mindgap.insight.scoring import Scores, score
from mindgap.kernel.clock import DAY, as_of_lag
from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.rng import generator

#: Length of the held-out period in days; it starts with a week.
HELD_OUT_DAYS = 35

PURCHASE_COLUMNS = ("customer_id", "order_id", "product_id", "category", "ordered_at")
PURCHASES = At(table="purchases", columns=PURCHASE_COLUMNS)
CUSTOMERS = At(table="clean_customers", optional=True)
EXPOSURES = At(table="clean_exposures", optional=True, columns=("customer_id", "campaign_id", "shown_at"))

GAP_SCHEMA = pa.schema(
    [
        ("outcome", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("evidence_until", pa.timestamp("us")),
        ("n_outcomes", pa.int64()),
        ("n_customers", pa.int64()),
        ("n_known_customers", pa.int64()),
        ("market_bits", pa.float64()),
        ("remaining_bits", pa.float64()),
        ("remaining_low", pa.float64()),
        ("remaining_high", pa.float64()),
        ("advantage_bits", pa.float64()),
        ("advantage_low", pa.float64()),
        ("advantage_high", pa.float64()),
        ("pays", pa.bool_()),
        ("potential_bits", pa.float64()),
        ("potential_null_bits", pa.float64()),
        ("calibration", pa.float64()),
        ("reasons", pa.string()),
        ("collect_less", pa.string()),
        ("sources", pa.string()),
        ("by_week", pa.string()),
        ("learning_curve", pa.string()),
        ("model", pa.string()),
    ]
)


@derivation(
    "gap",
    grain="one row: the information gap of the business on held-out weeks",
    purpose=Purpose.ANALYTICS,
    inputs={"purchases": PURCHASES, "customers": CUSTOMERS, "exposures": EXPOSURES},
    weight=8.0,
)
def gap(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """Measure what personal evidence is worth on the held-out weeks.

    Raises:
        CannotSay: No customers, no outcome, a history too short, or nothing bought in the held-out weeks.
    """
    cut = as_of_lag(moment.as_of, HELD_OUT_DAYS, moment.time_zone)
    lines = read_lines(tables["purchases"], cut)
    world = read_world(lines, tables, cut)
    rng = generator(moment.seed, "insight", "gap")
    learned = learn(world, rng)
    now = forecaster(world, learned, age=0, rng=rng)
    scores = score(world.cells, learned, now)
    if len(scores.customer) == 0:
        raise CannotSay("insight-no-outcomes", days=HELD_OUT_DAYS)
    found = figures(scores, moment.seed)
    absent = [source for source in (ATTRIBUTES, CAMPAIGNS) if source not in world.families]
    chance = potential(lines, rng)
    row = {
        "outcome": lines.outcome,
        "as_of": moment.as_of,
        "evidence_until": cut,
        "n_known_customers": int((_known_lines(lines) > 0).sum()),
        **_score_columns(scores, found),
        "potential_bits": chance.bits,
        "potential_null_bits": chance.null_bits,
        "reasons": _json(
            reasons(scores, found, outcome=lines.outcome, potential_bits=chance.bits, absent=absent)
        ),
        "by_week": _json(_weeks(scores, cut)),
        "model": pack(learned, lines.values, scores.sources),
    }
    table = pa.Table.from_pylist([row], schema=GAP_SCHEMA)
    return Built(table=table, models=(_kept(lines, learned, now=now, row=row),))


def _known_lines(lines: Lines) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Lines known of each customer before the cut."""
    return np.bincount(lines.customer[lines.age >= 0], minlength=len(lines.customers))


def _score_columns(scores: Scores, found: Figures) -> dict[str, Any]:
    return {
        "n_outcomes": int(scores.n_outcomes.sum()),
        "n_customers": len(scores.customer),
        "market_bits": scores.market_bits,
        "remaining_bits": scores.remaining_bits,
        "remaining_low": found.remaining[0],
        "remaining_high": found.remaining[1],
        "advantage_bits": scores.market_bits - scores.remaining_bits,
        "advantage_low": found.advantage[0],
        "advantage_high": found.advantage[1],
        "pays": found.pays,
        "calibration": found.calibration,
        "collect_less": _json(found.collect_less),
        "sources": _json(found.sources),
        "learning_curve": _json(found.curve),
    }


def _weeks(scores: Scores, cut: datetime) -> list[dict[str, Any]]:
    weeks = []
    for number, (n, market, remaining) in enumerate(scores.by_week):
        if n > 0:
            weeks.append(
                {
                    "week_start": (cut + 7 * number * DAY).isoformat(),
                    "market_bits": market / n,
                    "remaining_bits": remaining / n,
                    "advantage_bits": (market - remaining) / n,
                    "n_outcomes": int(n),
                }
            )
    return weeks


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kept(lines: Lines, learned: Learned, *, now: Forecaster, row: Mapping[str, Any]) -> FittedModel:
    full = max(learned.weights, key=len)
    card = {
        "intended_use": "the probability of each outcome of a customer's next purchase line",
        "outcome": lines.outcome,
        "training_data": "purchases, customers and exposures before evidence_until",
        "evidence_until": row["evidence_until"].isoformat(),
        "as_of": row["as_of"].isoformat(),
        "components": [source or "market" for source in now.sources],
        "sources": sorted(full),
        "half_life_weeks": str(learned.half_life_weeks),
        "evaluation": {key: row[key] for key in ("market_bits", "remaining_bits", "n_outcomes")},
        "limits": "one static forecast for five weeks; customers without evidence get the market's",
    }
    return FittedModel(
        name="gap",
        card=card,
        arrays={
            "market_share": now.market.share,
            "free_lines": learned.free,
            "mixture_weights": learned.weights[full],
        },
        text={"values": _json(lines.values), "learned": row["model"]},
    )
