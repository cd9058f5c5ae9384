"""Linking customers by likeness: has them compared, keeps the proposals, confirms what is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mindgap.backends.linkage import SplinkLinkage
from mindgap.kernel.clock import now
from mindgap.kernel.errors import UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.process.identity.alike import records
from mindgap.process.identity.likeness import Pair, Threshold, choose, mutual
from mindgap.store.identity import IdentityDecision, IdentityProposal
from mindgap.store.linkage import Linkage, ScoredPair

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.workspace.desk import Desk

LIKENESS = "alike"
"""The reason of a pair that a linkage proposed."""
_TABLE = "clean_customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a linkage came to.

    Attributes:
        customers: How many persons were compared.
        compared_by: What they were compared by.
        pairs: How many pairs had enough in common to be looked at.
        threshold: From which probability on pairs are proposed, and the error to expect.
        proposals: What waits for a decision, the likeliest first.
        confirmed: How many were confirmed at once, as asked.
    """

    customers: int
    compared_by: Sequence[str]
    pairs: int
    threshold: Threshold
    proposals: Sequence[IdentityProposal]
    confirmed: int


def link(
    workspace: "Desk",
    *,
    threshold: float | None = None,
    confirm_above: float | None = None,
    linkage: Linkage | None = None,
) -> Linked:
    """Compare all customers, and propose who may be one person.

    Args:
        workspace: The workspace.
        threshold: Propose from this probability on; by default the lowest at which 1 % should be wrong.
        confirm_above: Join pairs from this probability on without asking.
        linkage: What compares; Splink by default.

    Raises:
        UnknownError: Nothing has been run yet.
        UsageError: A figure is no probability.
    """
    _check(threshold)
    _check(confirm_above)
    as_of = workspace.as_of
    if as_of is None:
        raise UnknownError("Nothing has been run here yet.", hint="Run `mindgap run FILE...`.")
    customers = workspace.reader().read(_TABLE, purpose=Purpose.SERVICE, as_of=as_of)
    table, compared = records(customers)
    scored = (linkage or SplinkLinkage()).score(table, compared, seed=workspace.settings.seed)
    decided = _decided(workspace)
    best = mutual(scored.pairs)
    chosen = choose(best, decided, given=threshold)
    found = [
        one
        for one in best
        if one.probability >= chosen.probability and frozenset((one.first, one.second)) not in decided
    ]
    proposals = _proposals(found, customers, as_of=as_of)
    sure = [one for one in proposals if confirm_above is not None and one.probability >= confirm_above]
    _confirm(workspace, sure)
    waiting = [one for one in proposals if one not in sure]
    workspace.stores.identity.propose(waiting)
    return Linked(
        customers=table.num_rows,
        compared_by=[one.name for one in compared],
        pairs=scored.compared,
        threshold=chosen,
        proposals=waiting,
        confirmed=len(sure),
    )


def _check(probability: float | None) -> None:
    if probability is not None and not 0.0 < probability <= 1.0:
        raise UsageError(f"{probability:g} is no probability.", hint="Give a figure above 0, at most 1.")


def _decided(workspace: "Desk") -> Mapping[Pair, bool]:
    """Pairs of persons on whom people decided, by the ids that the persons have now."""
    identity = workspace.stores.identity
    person_of = identity.persons()
    decided: dict[Pair, bool] = {}
    for one in identity.decisions():
        if one.first_kind == one.second_kind == "customer":
            ends = (one.first_id, one.second_id)
            decided[frozenset(ends)] = one.action == "join"
            decided[frozenset(person_of.get(end, end) for end in ends)] = one.action == "join"
    return decided


def _proposals(
    pairs: Sequence[ScoredPair], customers: "pa.Table", *, as_of: datetime
) -> list[IdentityProposal]:
    joined = dict(zip(customers["customer_id"].to_pylist(), customers["joined_at"].to_pylist(), strict=True))
    at = now()
    found = [
        IdentityProposal(
            at=at,
            as_of=as_of,
            first_id=min(one.first, one.second),
            second_id=max(one.first, one.second),
            probability=one.probability,
            bits={name: round(bits, 2) for name, bits in one.bits.items() if bits},
            since=max((time for end in (one.first, one.second) if (time := joined[end])), default=None),
        )
        for one in pairs
    ]
    return sorted(found, key=lambda one: (-one.probability, one.first_id, one.second_id))


def _confirm(workspace: "Desk", proposals: Sequence[IdentityProposal]) -> None:
    at = now()
    decisions = [
        IdentityDecision(
            at=at,
            actor=workspace.actor,
            action="join",
            first_kind="customer",
            first_id=one.first_id,
            second_kind="customer",
            second_id=one.second_id,
            reason=LIKENESS,
            since=one.since,
        )
        for one in proposals
    ]
    workspace.stores.identity.decide(decisions)
