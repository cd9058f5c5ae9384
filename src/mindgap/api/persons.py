"""Operations on who is one person: what waits, deciding on it, undoing a merge."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mindgap.api.types import Decided, DecideOnPair, HeldPair, PersonChange, Persons, Reason, UndoMerge
from mindgap.store.identity_words import evidence_words, reason_words

if TYPE_CHECKING:
    from mindgap.api.answers import Call

_MOST = 100
_IDS = frozenset({"customer", "anonymous"})


def persons(call: "Call") -> Persons:
    """Figures, what waits, and what changed."""
    identity = call.workspace.identity
    return Persons(
        **identity.numbers(),
        held=[_held(row, call.language) for row in identity.review(limit=_MOST)],
        history=[
            PersonChange(
                id=one.id,
                kind=one.kind,
                person_id=one.person_id,
                ids=sorted(one.after),
                by=sorted({tie.kind for tie in one.ties}),
                as_of=one.as_of.isoformat(),
            )
            for one in identity.history(limit=_MOST)
        ],
    )


def decide(call: "Call") -> Decided:
    """Take a decision on two ids."""
    body: DecideOnPair = call.body
    identity = call.workspace.identity
    if body.decision == "same":
        identity.confirm(body.first, body.second, reason=body.reason)
    else:
        identity.keep_apart(body.first, body.second, first_kind=body.first_kind, reason=body.reason)
    return Decided(decisions=1)


def undo(call: "Call") -> Decided:
    """Undo a merge."""
    body: UndoMerge = call.body
    return Decided(decisions=len(call.workspace.identity.undo(body.merge, reason=body.reason)))


def _held(row: Mapping[str, Any], language: str) -> HeldPair:
    """A row of the review; the token of an identifier stays here."""
    since = row["first_seen"]
    return HeldPair(
        first_kind=row["first_kind"],
        first_id=row["first_id"] if row["first_kind"] in _IDS else "",
        second_id=row["second_id"] or "",
        reason=Reason(code=row["reason"], params={}, text=reason_words(row, language)),
        evidence=evidence_words(row, language),
        probability=row.get("probability"),
        since=since.isoformat() if since else None,
    )
