"""The Identity port: what people decided on who is who, and how the persons came to be, as a history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

IdKind = Literal["customer", "anonymous"]
Action = Literal["join", "keep_apart"]
ChangeKind = Literal["merged", "split", "undone", "renamed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityDecision:
    """What somebody decided on two ids; of two ids the latest decision counts.

    Attributes:
        at: When, naive UTC.
        actor: Who.
        action: Whether they are one person, or never were.
        first_kind: Kind of the first id.
        first_id: The first id.
        second_kind: Kind of the second id.
        second_id: The second id.
        reason: Why, in the actor's words or as a code.
        since: Of a join: since when what it rests on was known; None for from the outset.
        undoes: The merge that is undone by it; None where it undoes none.
    """

    at: datetime
    actor: str
    action: Action
    first_kind: IdKind
    first_id: str
    second_kind: IdKind
    second_id: str
    reason: str = ""
    since: datetime | None = None
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProposal:
    """Two customer ids that are so alike that they may be one person; a person decides.

    Attributes:
        at: When it was found, naive UTC.
        as_of: Of the tables from which.
        first_id: The first id.
        second_id: The second id.
        probability: That they are one person, as the model estimates it.
        bits: What each comparison adds to it, in bits, by its name.
        since: Since when both were known; None for from the outset.
    """

    at: datetime
    as_of: datetime
    first_id: str
    second_id: str
    probability: float
    bits: Mapping[str, float]
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What two customer ids have in common.

    Attributes:
        first: One of them.
        second: The other.
        kind: email, phone, loyalty_card, alias, confirmed, ...
        token: What stands for the identifier; empty where it is none.
        since: When both were known to have it, naive UTC; None for from the outset.
    """

    first: str
    second: str
    kind: str
    token: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChange:
    """What changed in who is one person.

    Attributes:
        kind: Ids were joined, fell apart, fell apart because people said so, or are called otherwise.
        person_id: The person's id afterwards; of ids that fell apart, before.
        as_of: Of the tables in which it is so, naive UTC.
        at: When it was found, naive UTC.
        before: Each id's person before.
        after: Each id's person afterwards.
        ties: What joined the ids.
        id: Its number; 0 before it is kept.
    """

    kind: ChangeKind
    person_id: str
    as_of: datetime
    at: datetime
    before: Mapping[str, str]
    after: Mapping[str, str]
    ties: Sequence[Tie] = ()
    id: int = 0


class Identity(Protocol):
    """Decisions and history, append-only; and the proposals of the last linkage."""

    def decide(self, decisions: Sequence[IdentityDecision]) -> None:
        """Append decisions, all of them or none."""
        ...

    def decisions(self) -> Sequence[IdentityDecision]:
        """All decisions, oldest first."""
        ...

    def propose(self, proposals: Sequence[IdentityProposal]) -> None:
        """Put these in the place of all proposals."""
        ...

    def proposals(self) -> Sequence[IdentityProposal]:
        """The proposals of the last linkage, the likeliest first."""
        ...

    def persons(self) -> Mapping[str, str]:
        """Each customer id's person by the history, of ids that ever were one of several."""
        ...

    def as_of(self) -> datetime | None:
        """The as-of time up to which the history tells; None where it is empty."""
        ...

    def append(self, changes: Iterable[IdentityChange]) -> None:
        """Append to the history, all or nothing."""
        ...

    def change(self, number: int) -> IdentityChange | None:
        """One change, or None."""
        ...

    def history(self, ids: Sequence[str] = (), *, limit: int = 100) -> Sequence[IdentityChange]:
        """The latest changes, newest first; of some customer ids, or of all."""
        ...
