"""All evidence of a business, in the form in which forecasts are learned and applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mindgap.insight.traits import Traits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells

#: Weeks in one fold of learning: what followed in them teaches a weight or a habit.
FOLD_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The evidence on every customer.

    Attributes:
        cells: Purchase lines by customer, value and week.
        families: By source (attributes, campaigns, ...): who has which trait, as known at the cut and one
            fold before it. Keys of the inner mapping are those ages in weeks.
    """

    cells: "Cells"
    families: Mapping[str, Mapping[int, Traits]]

    def take(self, customers: "NDArray[np.int64]") -> "World":
        """The world of some customers (ascending), renumbered from 0."""
        return World(
            cells=self.cells.take(customers),
            families={
                source: {
                    age: Traits(names=traits.names, member=traits.member[customers])
                    for age, traits in by_age.items()
                }
                for source, by_age in self.families.items()
            },
        )
