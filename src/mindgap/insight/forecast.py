"""The personal forecast q(y given x): a mixture of simple forecasts of each customer's next purchase."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mindgap.insight.market import Market, market_forecast
from mindgap.insight.neighbours import HALF_LIFE_WEEKS, Panel, as_prior, gather_panel
from mindgap.insight.stickiness import sticky_forecast
from mindgap.insight.traits import TraitForecast, pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mindgap.insight.cells import Cells, Matrix
    from mindgap.insight.world import World

#: The family of evidence that every personal forecast starts from.
PURCHASES = "purchases"
#: Half-lives in weeks of the own history, lightly shrunk to the market.
OWN_HALF_LIVES = (2.0, 4.0, float("inf"))
#: Free market lines in an own history.
OWN_FREE_LINES = 2.0
#: Half-lives in weeks of the own history shrunk to neighbours value by value.
STICKY_HALF_LIVES = (4.0, 12.0, float("inf"))
#: Customers to be compared with.
PANEL_SIZE = 2500
#: Half-life in weeks of the activity by which customers weigh when forecasts are added up.
ACTIVITY_HALF_LIFE_WEEKS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What earlier weeks taught; all that a forecast needs besides the evidence itself.

    Attributes:
        half_life_weeks: Of the market forecast.
        free: Free lines per value of the sticky forecasts; shape (len(STICKY_HALF_LIVES), values).
        strength: Damping of the trait forecasts by source.
        pull: How far forecasts are pulled to the market of the day, 0 (not) to 1 (fully).
        weights: Mixture weights by set of sources; each as long as `components` of that set.
    """

    half_life_weeks: float
    free: "Matrix"
    strength: Mapping[str, float]
    pull: float
    weights: Mapping[frozenset[str], "NDArray[np.float64]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecaster:
    """Forecasts of every component, as known at one age.

    Attributes:
        age: Weeks before the cut; younger evidence is not looked at.
        market: The market forecast.
        panel: The customers to be compared with.
        free: As in `Learned`.
        families: Trait forecasts by source.
        drift: How the market of the day differs from what each component adds up to over customers, as a
            ratio per component and value. Histories lag the season; this takes the lag out.
    """

    age: int
    market: Market
    panel: Panel
    free: "Matrix"
    families: Mapping[str, TraitForecast]
    drift: "Matrix | None" = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each component, in order; empty for the market forecast."""
        n_purchase = len(OWN_HALF_LIVES) + 1 + len(STICKY_HALF_LIVES)
        return ("", *((PURCHASES,) * n_purchase), *self.families)

    def components(self, cells: "Cells", rows: slice) -> "list[Matrix]":
        """The forecast of each component for some customers; each of shape (customers, values)."""
        found = self.lagging(cells, rows)
        return found if self.drift is None else pulled(found, self.drift)

    def lagging(self, cells: "Cells", rows: slice) -> "list[Matrix]":
        """The forecasts before they are pulled to the market of the day."""
        market = self.market.share.astype(np.float32)
        out = [np.broadcast_to(market, (rows.stop - rows.start, cells.n_values))]
        for half_life in OWN_HALF_LIVES:
            history = cells.decayed(rows, self.age, half_life)
            lines = history.sum(axis=1, keepdims=True)
            out.append((history + OWN_FREE_LINES * market) / (lines + OWN_FREE_LINES))
        alike = self.panel.forecast(cells.decayed(rows, self.age, HALF_LIFE_WEEKS), rows)
        out.append(alike)
        prior = as_prior(alike, market)
        for half_life, free in zip(STICKY_HALF_LIVES, self.free, strict=True):
            out.append(sticky_forecast(cells.decayed(rows, self.age, half_life), prior, free))
        out += [family.forecast(rows) for family in self.families.values()]
        return out


def choose_panel(cells: "Cells", age: int, rng: np.random.Generator) -> "NDArray[np.int64]":
    """Customers with evidence at `age`, at most PANEL_SIZE of them, ascending."""
    known = np.unique(cells.customer[cells.age >= age])
    if len(known) > PANEL_SIZE:
        known = np.sort(rng.choice(known, PANEL_SIZE, replace=False))
    return known


def forecaster(world: "World", learned: Learned, *, age: int, rng: np.random.Generator) -> Forecaster:
    """Gather what the forecasts need, looking at nothing younger than `age` weeks before the cut."""
    market = market_forecast(world.cells, age, learned.half_life_weeks)
    member = choose_panel(world.cells, age, rng)
    now = Forecaster(
        age=age,
        market=market,
        panel=gather_panel(world.cells, member, age=age, market=market.share),
        free=learned.free,
        families={
            source: pool(
                traits[age], world.cells, age=age, market=market.share, strength=learned.strength[source]
            )
            for source, traits in world.families.items()
        },
    )
    if learned.pull <= 0:
        return now
    return replace(now, drift=panel_drift(world, now) ** np.float32(learned.pull))


def panel_drift(world: "World", now: Forecaster) -> "Matrix":
    """The drift, taken over the panel."""
    some = world.take(now.panel.member)
    rows = slice(0, some.cells.n_customers)
    theirs = replace(
        now,
        panel=replace(now.panel, member=np.arange(rows.stop)),
        families={
            source: replace(family, traits=some.families[source][now.age])
            for source, family in now.families.items()
        },
    )
    return drift(some.cells, now, theirs.lagging(some.cells, rows))


def drift(cells: "Cells", now: Forecaster, lagging: "Sequence[Matrix]") -> "Matrix":
    """Market share over what forecasts add up to over all customers; shape (components, values).

    Args:
        cells: Evidence of the customers.
        now: When, and the market of the day.
        lagging: The forecasts of all of them, by component.
    """
    active = cells.decayed(slice(0, cells.n_customers), now.age, ACTIVITY_HALF_LIFE_WEEKS).sum(axis=1)
    share = active / max(float(active.sum()), 1e-12)
    together = np.array([share @ part for part in lagging])
    return np.asarray(now.market.share / together, dtype=np.float32)


def pulled(parts: "Sequence[Matrix]", ratio: "Matrix") -> "list[Matrix]":
    """Forecasts tilted by a ratio per value each; the first, the market forecast itself, stays."""
    out = [parts[0]]
    for part, tilt in zip(parts[1:], ratio[1:], strict=True):
        leaned = part * tilt
        leaned /= leaned.sum(axis=1, keepdims=True)
        out.append(leaned)
    return out


def within(sources: tuple[str, ...], chosen: frozenset[str]) -> "NDArray[np.bool_]":
    """Which components may be used when only the `chosen` sources are known."""
    return np.array([not source or source in chosen for source in sources])
