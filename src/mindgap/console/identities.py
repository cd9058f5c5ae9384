"""What the console shows of persons with several ids: pairs in doubt, the history, and a person's ids."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mindgap.console.blocks import Figure
from mindgap.console.visit import Visit
from mindgap.console.voice import Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.store.identity import IdentityChange
from mindgap.store.identity_words import compared_words, evidence_words, kind_words, reason_words

_MOST_PAIRS = 20
_MOST_CHANGES = 20
_SHOWN_OF_A_DEVICE = 8
_CUSTOMER = "customer"
Pair = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One id of a pair.

    Attributes:
        kind: customer or anonymous.
        name: The id.
        shown: The id as it is shown.
        reference: Of a customer, the opaque reference; else empty.
    """

    kind: str
    name: str
    shown: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A pair of ids that something says are one person.

    Attributes:
        first: One of them.
        second: The other.
        why: Why they were held apart, in words.
        evidence: What ties them, in words.
        since: Since when, in words.
    """

    first: End
    second: End
    why: str
    evidence: Sequence[str]
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the history.

    Attributes:
        number: Of the merge, where it can be undone; else 0.
        what: What changed, in words.
        ids: The ids, as a list in a sentence.
        by: What tied them, in words.
        when: As of when.
    """

    number: int
    what: str
    ids: str
    by: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitiesView:
    """What the page shows.

    Attributes:
        figures: Persons, merged ids, pairs that wait.
        doubts: Pairs that wait for a decision.
        more: How many more there are.
        others: What was held back of no pair, in words.
        changes: The history.
        missing: Why there is nothing to show; empty otherwise.
    """

    figures: Sequence[Figure] = ()
    doubts: Sequence[Doubt] = ()
    more: int = 0
    others: Sequence[str] = ()
    changes: Sequence[Change] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAs:
    """All ids of one person.

    Attributes:
        ids: Each id as it is shown, and what ties it, in words.
        changes: Merges that can be undone.
    """

    ids: Sequence[tuple[str, str]]
    changes: Sequence[Change]


def identities_view(visit: Visit, *, later: Collection[Pair]) -> IdentitiesView:
    """Put the page together.

    Args:
        visit: The visit.
        later: Pairs that were put off; they come last.
    """
    identity, voice = visit.workspace.identity, visit.voice
    try:
        numbers, rows = identity.numbers(), identity.review(limit=100_000)
    except UnknownError:
        return IdentitiesView(missing=voice.say("console-not-built"))
    except CannotSay as answer:
        return IdentitiesView(missing=voice.reason({"code": answer.code, "params": answer.params}))
    pairs = [row for row in rows if row["second_kind"]]
    pairs.sort(key=lambda row: frozenset((row["first_id"], row["second_id"])) in later)
    others = [row for row in rows if not row["second_kind"]]
    return IdentitiesView(
        figures=[
            Figure(
                label=voice.say(f"console-identities-{name.replace('_', '-')}"),
                value=voice.number(count),
                note=voice.say(f"console-identities-{name.replace('_', '-')}-note"),
                tone="warn" if name == "waiting" and count else "plain",
            )
            for name, count in numbers.items()
        ],
        doubts=[_doubt(row, visit) for row in pairs[:_MOST_PAIRS]],
        more=max(0, len(pairs) - _MOST_PAIRS),
        others=[_other(row, voice) for row in others[:_MOST_PAIRS]],
        changes=_changes(identity.history(limit=_MOST_CHANGES), voice),
    )


def known_as(visit: Visit, customer_id: str) -> KnownAs | None:
    """All ids of a customer's person; None where there is one only."""
    try:
        found = visit.workspace.identity.show(customer_id)
    except (UnknownError, CannotSay):
        return None
    if not found["ids"]:
        return None
    voice = visit.voice
    own = (_shown(_CUSTOMER, found["person_id"]), voice.say("console-identities-own"))
    ids = [(_shown(row["id_kind"], row["id"]), _tied(row, voice)) for row in found["ids"]]
    changes = [one for one in _changes(found["history"], voice) if one.number]
    return KnownAs(ids=[own, *(one for one in ids if one[0] != own[0])], changes=changes)


def _doubt(row: Mapping[str, Any], visit: Visit) -> Doubt:
    voice = visit.voice
    seen = (
        voice.say("console-identities-since", day=voice.day(row["first_seen"])) if row["first_seen"] else ""
    )
    return Doubt(
        first=_end(row["first_kind"], row["first_id"], visit),
        second=_end(row["second_kind"], row["second_id"], visit),
        why=reason_words(row, voice.language),
        evidence=evidence_words(row, voice.language),
        since=seen,
    )


def _other(row: Mapping[str, Any], voice: Voice) -> str:
    """Something held back that is no pair: an identifier that is nobody's own is named by its kind alone."""
    what = (
        _shown(_CUSTOMER, row["first_id"])
        if row["first_kind"] == _CUSTOMER
        else voice.listed(compared_words([str(row["first_kind"])], voice.language))
    )
    return voice.say("console-identities-other", what=what, why=reason_words(row, voice.language))


def _end(kind: str, name: str, visit: Visit) -> End:
    reference = visit.references.of(name) if kind == _CUSTOMER else ""
    return End(kind=kind, name=name, shown=_shown(kind, name), reference=reference)


def _shown(kind: str, name: str) -> str:
    """An id as it is shown: of a device its first signs, and of an e-mail address that serves as an id."""
    if "@" in name:
        return f"{name[:1]}…@…"
    if kind == _CUSTOMER or len(name) <= _SHOWN_OF_A_DEVICE:
        return name
    return name[:_SHOWN_OF_A_DEVICE] + "…"


def _tied(row: Mapping[str, Any], voice: Voice) -> str:
    return voice.listed(kind_words(str(row["evidence"] or "").split(), voice.language))


def _changes(history: Sequence[IdentityChange], voice: Voice) -> list[Change]:
    undone = _undone(history)
    return [
        Change(
            number=one.id if one.kind == "merged" and one.id not in undone else 0,
            what=voice.say(f"identity-change-{one.kind}"),
            ids=voice.listed([_shown(_CUSTOMER, name) for name in sorted(one.after)]),
            by=voice.listed(kind_words(sorted({tie.kind for tie in one.ties}), voice.language)),
            when=voice.day(one.as_of),
        )
        for one in history
    ]


def _undone(history: Sequence[IdentityChange]) -> set[int]:
    """Merges whose ids came apart later."""
    apart: list[frozenset[str]] = []
    found: set[int] = set()
    for one in history:
        if one.kind in {"undone", "split"}:
            apart.append(frozenset(one.after))
        elif one.kind == "merged" and any(ids <= frozenset(one.after) for ids in apart):
            found.add(one.id)
    return found
