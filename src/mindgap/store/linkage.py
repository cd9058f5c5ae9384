"""The Linkage port: how likely two records are of one person, from what they have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import pyarrow as pa

Kind = Literal["tokens", "text", "exact", "year"]
RECORD_ID = "unique_id"
"""The column with a record's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A column by which records are compared.

    Attributes:
        column: Its name in the table of records.
        name: What it tells: email, birth_year, region, a trait's name.
        kind: `tokens` (lists of which one in common suffices), `text` (nearly equal counts for something),
            `exact`, or `year`.
    """

    column: str
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPair:
    """Two records, and how likely they are of one person.

    Attributes:
        first: Id of one of them.
        second: Id of the other.
        probability: That they are of one person, as the model estimates it.
        bits: What each comparison adds to it, in bits, by its name; 0 where one of the two does not say.
    """

    first: str
    second: str
    probability: float
    bits: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a linkage found.

    Attributes:
        pairs: Pairs that may be one person, in no order.
        prior_bits: How likely two records drawn at random are of one person, as log2 of the odds.
        compared: How many pairs were looked at; all others have too little in common.
    """

    pairs: Sequence[ScoredPair]
    prior_bits: float
    compared: int


class Linkage(Protocol):
    """Compares records."""

    def score(self, records: pa.Table, compared: Sequence[Compared], *, seed: int) -> Scored:
        """Estimate from the records alone how much each comparison tells, and score the pairs.

        Args:
            records: One row per record, with its id in `unique_id`; nothing of it is written anywhere.
            compared: The columns to compare.
            seed: Of what is drawn at random.

        Raises:
            MindgapError: The package for it is not installed.
        """
        ...
