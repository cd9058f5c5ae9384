"""Tables read off the gap of the business: by week, by source, and as a held-out evaluation."""

import json
from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from mindgap.kernel.derivation import Moment, derivation
from mindgap.kernel.evaluation import Evaluation, evaluation_table
from mindgap.kernel.purposes import Purpose


@derivation(
    "gap_weeks",
    grain="one row per held-out week",
    purpose=Purpose.ANALYTICS,
    inputs={"gap": "gap"},
    weight=0.1,
)
def gap_weeks(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:  # noqa: ARG001 - Build's form
    """The gap week by week."""
    rows = json.loads(tables["gap"]["by_week"][0].as_py())
    schema = pa.schema(
        [
            ("week_start", pa.timestamp("us")),
            ("market_bits", pa.float64()),
            ("remaining_bits", pa.float64()),
            ("advantage_bits", pa.float64()),
            ("n_outcomes", pa.int64()),
        ]
    )
    for row in rows:
        row["week_start"] = datetime.fromisoformat(row["week_start"])
    return pa.Table.from_pylist(rows, schema=schema)


@derivation(
    "gap_sources",
    grain="one row per source of evidence; the values add up to the information advantage",
    purpose=Purpose.ANALYTICS,
    inputs={"gap": "gap"},
    weight=0.1,
)
def gap_sources(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:  # noqa: ARG001 - Build's form
    """What each source is worth."""
    schema = pa.schema(
        [("source", pa.string()), ("bits", pa.float64()), ("low", pa.float64()), ("high", pa.float64())]
    )
    return pa.Table.from_pylist(json.loads(tables["gap"]["sources"][0].as_py()), schema=schema)


@derivation(
    "evaluation_gap",
    grain="one row: the remaining gap on held-out weeks against the market forecast",
    purpose=Purpose.ANALYTICS,
    inputs={"gap": "gap"},
    weight=0.1,
)
def evaluation_gap(tables: Mapping[str, pa.Table], moment: Moment) -> pa.Table:
    """How good the personal forecast is, in bits per outcome; lower is better."""
    row = tables["gap"].to_pylist()[0]
    return evaluation_table(
        [
            Evaluation(
                task="gap",
                data=moment.workspace,
                metric="bits",
                value=row["remaining_bits"],
                low=row["remaining_low"],
                high=row["remaining_high"],
                baseline="market",
                baseline_value=row["market_bits"],
                n=row["n_outcomes"],
                better="lower",
                beats_baseline=row["pays"],
                period=f"{row['evidence_until'].date().isoformat()}/{row['as_of'].date().isoformat()}",
            )
        ]
    )
