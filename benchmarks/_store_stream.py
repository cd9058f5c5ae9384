"""What visitors of a made-up shop do in a day, as columns of numbers; `_store_rows.sql` puts it into words.

Customers and products are drawn by Zipf's law with an offset (Mandelbrot), so that there are favourites but
no customer does what no person can. A visit belongs to a customer or to an unknown visitor, on one device;
some customers share a device, some sign in half way. One row in a hundred arrives late, one is told twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mindgap.kernel.rng import generator

KINDS = (
    "page", "viewed", "listed", "searched", "added", "left", "identify", "completed",
    "refunded", "cancelled", "updated", "reviewed",
)  # fmt: skip
PAGE, VIEWED, LISTED, SEARCHED, ADDED, LEFT, IDENTIFY, COMPLETED, REFUNDED, CANCELLED, UPDATED, REVIEWED = (
    range(12)
)
WEB, APP, SERVER, STORE = range(4)
SOURCES = ("web", "app", "shop-server", "store")
SHARED_DEVICE, TILLS = 0.04, 200
DAY_US = 86_400_000_000
_MIX = np.cumsum([0.36, 0.33, 0.07, 0.06, 0.09, 0.09])  # of the first six kinds
_HOURS = np.cumsum(
    np.array([2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 9, 10, 9, 8, 8, 8, 9, 11, 13, 14, 12, 8, 4]) / 165
)
_WEEKDAYS = (0.95, 0.92, 0.93, 0.97, 1.05, 1.12, 1.06)
_EVENTS_A_VISIT = 8.6
_HUMAN, _ANNOUNCED_BOT, _FAST_BOT = range(3)
Columns = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a shop's stream is.

    Attributes:
        events: About how many in all.
        customers: Who have an id.
        products: In the range.
        days: Over how many days.
        first_day: Days since 1970-01-01 of the first.
        seed: Of everything random.
    """

    events: int
    customers: int
    products: int
    days: int = 90
    first_day: int = 19_723 + 60  # 2024-03-01
    seed: int = 7


def size_of(events: int, *, days: int = 90, seed: int = 7) -> Size:
    """A shop of so many events: 500,000 customers and 50,000 products where it has 20 million."""
    return Size(
        events=events,
        customers=max(events // 40, 50),
        products=max(events // 400, 40),
        days=days,
        seed=seed,
    )


class Zipf:
    """Draws ranks with probability in proportion to 1 / (rank + offset)."""

    def __init__(self, count: int, offset: float) -> None:
        self._cumulative = np.cumsum(1.0 / (np.arange(count) + offset))
        self._cumulative /= self._cumulative[-1]

    def draw(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.searchsorted(self._cumulative, rng.random(size)).astype(np.int64)


@dataclass(slots=True)
class Stream:
    """The shop's days, one after another; what goes on after midnight is kept for the next day."""

    size: Size
    visitors: Zipf = field(init=False)
    range: Zipf = field(init=False)
    orders: int = 0
    kept: list[Columns] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitors = Zipf(self.size.customers, max(self.size.customers / 100, 5.0))
        self.range = Zipf(self.size.products, 10.0)

    def days(self) -> Iterator[tuple[int, Columns]]:
        """Days since 1970-01-01, and the rows of each; one day more than the size says."""
        for day in range(self.size.first_day, self.size.first_day + self.size.days + 1):
            rng = generator(self.size.seed, "store", str(day))
            made = [self._visits(rng, day), self._tills(rng, day)]
            made.append(self._server(rng, made))
            yield day, self._arrived(rng, _told_twice(rng, self._of_day(day, made)))

    def _visits(self, rng: np.random.Generator, day: int) -> Columns:
        """What happens on the web and in the app."""
        a_day = self.size.events / self.size.days / _EVENTS_A_VISIT * 0.986
        count = int(rng.poisson(a_day * _WEEKDAYS[(day + 3) % 7]))
        visits = self._visitors(rng, count)
        length = np.minimum(rng.geometric(1 / 8.3, count), 80)
        bot = rng.choice(3, count, p=(0.9988, 0.001, 0.0002))
        length = np.select([bot == _ANNOUNCED_BOT, bot == _FAST_BOT], [length * 4, length * 40], length)
        visits["bot"] = bot
        buys = (visits["customer"] >= 0) & (rng.random(count) < 0.15) & (bot == _HUMAN)
        length += buys
        of = np.repeat(np.arange(count), length)
        step = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length)
        rows = {name: values[of] for name, values in visits.items()}
        rows["kind"] = np.searchsorted(_MIX, rng.random(len(of)) * _MIX[-1]).astype(np.int64)
        rows["kind"][step == 0] = PAGE
        rows["kind"][step == rows.pop("sign_in")] = IDENTIFY
        last = step == length[of] - 1
        rows["kind"][last & buys[of]] = COMPLETED
        rows["kind"][last & ~buys[of] & (rng.random(len(of)) < 0.02) & (rows["customer"] >= 0)] = REVIEWED
        signed_in = step >= rows.pop("signed_in_at")
        rows["customer"] = np.where(signed_in | (rows["kind"] == COMPLETED), rows["customer"], -1)
        rows["at"] = self._times(rng, day, of=of, step=step, bot=rows["bot"])
        return self._things(rng, rows)

    def _visitors(self, rng: np.random.Generator, count: int) -> Columns:
        """Who comes, on what device, and from which step on they are signed in."""
        known = rng.random(count) < 0.66
        customer = np.where(known, self.visitors.draw(rng, count), -1)
        app = rng.random(count) < np.where(known, 0.35, 0.12)
        owner = np.where(_share(customer, SHARED_DEVICE), customer - customer % 2, customer)
        unknown = 3 * self.size.customers + rng.integers(0, 3 * self.size.customers, count)
        device = np.where(known, owner * 3 + app + (~app & (rng.random(count) < 0.2)) * 2, unknown)
        how = rng.random(count)
        sign_in = np.where(known & (how > 0.35) & (how < 0.8), rng.integers(1, 5, count), 1_000)
        signed_in_at = np.where(known & (how <= 0.35), 0, sign_in)
        favourites = self.range.draw(rng, 3 * count).reshape(3, count)
        return {
            "customer": customer,
            "device": device,
            "source": np.where(app, APP, WEB),
            "sign_in": sign_in,
            "signed_in_at": signed_in_at,
            **{f"favourite_{n}": favourites[n] for n in range(3)},
        }

    def _times(self, rng: np.random.Generator, day: int, **visit: np.ndarray) -> np.ndarray:
        """When each event of a visit happens, in microseconds."""
        of, step = visit["of"], visit["step"]
        count = int(of[-1]) + 1 if len(of) else 0
        hour = np.searchsorted(_HOURS, rng.random(count) * _HOURS[-1])
        start = ((hour + rng.random(count)) * 3.6e9).astype(np.int64) + day * DAY_US
        gaps = np.exp(rng.normal(np.log(22), 1.1, len(of))).clip(0.4, 1_500)
        gaps = np.where(visit["bot"] == _FAST_BOT, 0.3, gaps)
        gaps[step == 0] = 0.0
        so_far = np.cumsum((gaps * 1e6).astype(np.int64))
        first = np.flatnonzero(step == 0)
        return start[of] + so_far - so_far[first][of]

    def _things(self, rng: np.random.Generator, rows: Columns) -> Columns:
        """Which product an event is about, how many, and the number of an order."""
        count = len(rows["kind"])
        which = rng.integers(0, 3, count)
        chosen = [rows[f"favourite_{n}"] for n in range(3)]
        rows["product"] = np.choose(which, chosen)
        rows["quantity"] = 1 + (rng.random(count) < 0.15) + (rng.random(count) < 0.05)
        rows["items"] = 1 + which
        rows["figure"] = rng.integers(0, 1_000_000, count)
        ordered = rows["kind"] == COMPLETED
        rows["order"] = np.where(ordered, np.cumsum(ordered) + self.orders, -1)
        self.orders += int(ordered.sum())
        return rows

    def _tills(self, rng: np.random.Generator, day: int) -> Columns:
        """Orders in the shop: seven in ten with a customer's card; every till is a device of many."""
        count = int(rng.poisson(self.size.events / self.size.days * 0.01))
        hour = 9 + 11 * rng.random(count)
        known = rng.random(count) < 0.7
        rows = {
            "customer": np.where(known, self.visitors.draw(rng, count), -1),
            "device": -1 - rng.integers(0, TILLS, count),
            "source": np.full(count, STORE),
            **{f"favourite_{n}": self.range.draw(rng, count) for n in range(3)},
            "bot": np.zeros(count, np.int64),
            "kind": np.full(count, COMPLETED),
            "at": (hour * 3.6e9).astype(np.int64) + day * DAY_US,
        }
        return self._things(rng, rows)

    def _server(self, rng: np.random.Generator, made: list[Columns]) -> Columns:
        """What the shop's server tells of orders: some again, some changed, cancelled or refunded later."""
        rows = _together(made)
        orders = _where(rows, rows["kind"] == COMPLETED)
        chance = rng.random(len(orders["kind"]))
        count = len(chance)
        told: list[Columns] = []
        for kind, low, high, delay_s in (
            (COMPLETED, 0.0, 0.3, rng.uniform(1, 5, count)),
            (UPDATED, 0.3, 0.33, rng.uniform(60, 3_600, count)),
            (CANCELLED, 0.33, 0.35, rng.uniform(600, 86_400, count)),
            (REFUNDED, 0.35, 0.41, rng.uniform(1, 21, count) * 86_400),
        ):
            own = (chance >= low) & (chance < high)
            later = _where(orders, own)
            later["kind"] = np.full(len(later["kind"]), kind)
            later["source"] = np.full(len(later["kind"]), SERVER)
            later["at"] = later["at"] + (delay_s[own] * 1e6).astype(np.int64)
            told.append(later)
        return _together(told)

    def _of_day(self, day: int, made: list[Columns]) -> Columns:
        """Rows of this day; those of later ones are kept for them."""
        rows = _together([*made, *self.kept])
        later = rows["at"] >= (day + 1) * DAY_US
        self.kept = [_where(rows, later)]
        return _where(rows, ~later)

    def _arrived(self, rng: np.random.Generator, rows: Columns) -> Columns:
        """When each row arrived: most at once, one in a hundred late, few of them later than three days."""
        count = len(rows["at"])
        late = rng.random(count) < 0.01
        by_s = np.where(
            late, 3_600 + rng.exponential(60_000, count).clip(max=14 * 86_400), rng.uniform(0.2, 3, count)
        )
        rows["received"] = rows["at"] + (by_s * 1e6).astype(np.int64) + rows["twice"] * 2_000_000
        rows["number"] = rng.integers(0, 1 << 62, count)
        return rows


def _share(ids: np.ndarray, share: float) -> np.ndarray:
    """A fixed share of customers, with their neighbours."""
    return (ids >= 0) & ((ids // 2) % 1_000 < share * 1_000)


def _together(columns: list[Columns]) -> Columns:
    return {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}


def _where(rows: Columns, chosen: np.ndarray) -> Columns:
    return {name: values[chosen] for name, values in rows.items()}


def _told_twice(rng: np.random.Generator, rows: Columns) -> Columns:
    """One row in a hundred once more, under another message id."""
    again = rng.random(len(rows["at"])) < 0.01
    once = rows | {"twice": np.zeros(len(rows["at"]), np.int64)}
    return _together([once, _where(once, again) | {"twice": np.ones(int(again.sum()), np.int64)}])
