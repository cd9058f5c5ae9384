"""From the input tables of a build to the world that forecasts are learned from."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from mindgap.insight.cells import count_cells
from mindgap.insight.traits import Traits, attribute_traits, campaign_traits
from mindgap.insight.world import FOLD_WEEKS, World
from mindgap.kernel.clock import DAY

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.insight.outcomes import Lines

#: Names of the sources beside purchases; each is a family of traits.
ATTRIBUTES = "attributes"
CAMPAIGNS = "campaigns"


def read_world(lines: "Lines", tables: Mapping[str, "pa.Table"], cut: datetime) -> World:
    """The evidence on every customer; a source that holds nothing is left out.

    Args:
        lines: Purchase lines, coded against the same cut.
        tables: Inputs of the build; `customers` and `exposures` may be missing.
        cut: Where evidence ends, naive UTC.
    """
    found = {ATTRIBUTES: _attributes(lines, tables), CAMPAIGNS: _campaigns(lines, tables, cut)}
    return World(cells=count_cells(lines), families={name: ages for name, ages in found.items() if ages})


def _attributes(lines: "Lines", tables: Mapping[str, "pa.Table"]) -> dict[int, Traits]:
    if "customers" not in tables:
        return {}
    traits = attribute_traits(tables["customers"], lines.customers)
    return {} if traits is None else {0: traits, FOLD_WEEKS: traits}


def _campaigns(lines: "Lines", tables: Mapping[str, "pa.Table"], cut: datetime) -> dict[int, Traits]:
    if "exposures" not in tables:
        return {}
    now = campaign_traits(tables["exposures"], lines.customers, cut)
    before = campaign_traits(tables["exposures"], lines.customers, cut - 7 * FOLD_WEEKS * DAY)
    return {} if now is None or before is None else {0: now, FOLD_WEEKS: before}
