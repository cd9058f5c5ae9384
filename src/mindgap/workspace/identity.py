"""Who is one person: whose an id is, what was held back, and what people decide on it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay, UnknownError, UsageError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.persons import customers_among, is_forgotten, is_named
from mindgap.store.identity import Action, IdentityChange, IdentityDecision, IdentityProposal, IdKind
from mindgap.store.persons import SAME_PERSON, PersonIds, ids_told
from mindgap.store.state import Access
from mindgap.store.steady import steady
from mindgap.workspace.linking import LIKENESS, Linked, link

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_REVIEW = "identity_review"
_MANY = 1_000_000_000
_STRONGEST = """
order by length(evidence) - length(replace(evidence, ' ', '')) desc, coalesce(events, 0) desc, first_id
"""
_WORD = re.compile(r"\s+")
_KINDS: Mapping[str, IdKind] = {"customer": "customer", "anonymous": "anonymous"}


@dataclass(frozen=True, slots=True)
class Identities:
    """Persons of a workspace, as of its last run; decisions hold from the next run on.

    Attributes:
        workspace: The workspace.
    """

    workspace: "Desk"

    def persons(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """Persons with several customer ids: the person's id, the ids, what shows it, since when."""
        rows = self._rows(SAME_PERSON, "id_kind = 'customer'")
        found: dict[str, dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: (row["person_id"], row["id"])):
            one = found.setdefault(
                row["person_id"],
                {"person_id": row["person_id"], "ids": [row["person_id"]], "evidence": set(), "since": None},
            )
            one["ids"].append(row["id"])
            one["evidence"] |= set(row["evidence"].split())
            one["since"] = max(filter(None, (one["since"], row["since"])), default=None)
        chosen = list(found.values())[:limit]
        return [{**one, "evidence": " ".join(sorted(one["evidence"]))} for one in chosen]

    def show(self, name: str) -> dict[str, Any]:
        """The person that an id belongs to: all ids with what shows it, and what was held back.

        Raises:
            UnknownError: Nothing has been run yet.
        """
        own = self.ids_of(name)
        person = own.person(name)
        rows = self._rows(SAME_PERSON, "person_id = $person", {"person": person})
        held = self._rows(
            _REVIEW,
            "array_contains($ids, first_id) or array_contains($ids, second_id)",
            {"ids": sorted({person, name, *(row["id"] for row in rows)})},
        )
        return {
            "person_id": person,
            "ids": sorted(rows, key=lambda row: (row["id_kind"], row["id"])),
            "held": held,
            "history": self._changes(own.customers | {person}),
        }

    def require_known(self, name: str) -> None:
        """Refuse an id that nothing names: no row, no decision, no event of a moment ago.

        Raises:
            UnknownError: It is one, or belongs to somebody who is forgotten.
        """
        stores = self.workspace.stores
        if not is_forgotten(stores, name) and (
            is_named(stores, name)
            or self.workspace.recent.of([name], behind={})
            or stores.consent.of_customer(name)
            or any(name in (one.first_id, one.second_id) for one in stores.identity.decisions())
        ):
            return
        raise UnknownError(
            "No customer and no device has that id.",
            hint="`mindgap table customer_features` lists customers.",
        )

    def review(self, *, reason: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """What something says is one person and was held back, the strongest first.

        Args:
            reason: Only for this reason.
            limit: How many at most.
        """
        decided = {_pair(one) for one in self.workspace.stores.identity.decisions()}
        most = min(
            limit + len(decided), _MANY
        )  # anybody can fill the table with claims: no more than that is read
        where = "reason = $reason" if reason else "true"
        rows = self._rows(_REVIEW, f"{where} {_STRONGEST} limit {most}", {"reason": reason} if reason else {})
        rows += [_proposed(one) for one in self._proposals()] if reason in {"", LIKENESS} else []
        rows = [row for row in rows if _ends_of(row) not in decided]
        rows.sort(key=lambda row: (-len(row["evidence"].split()), -(row["events"] or 0), row["first_id"]))
        return rows[:limit]

    def confirm(self, first: str, second: str, *, reason: str = "") -> IdentityDecision:
        """Declare two ids that were held back one person, from the day on that the evidence was there.

        Raises:
            UnknownError: The two were not held back.
        """
        own = "array_contains($ids, first_id) and array_contains($ids, second_id)"
        held = self._rows(_REVIEW, own, {"ids": [first, second]})
        for row in (*held, *map(_proposed, self._proposals())):
            if {row["first_id"], row["second_id"]} == {first, second}:
                return self._decide(
                    "join", _ends(row), reason=reason or row["reason"], since=row["first_seen"]
                )
        raise UnknownError(
            "These two ids were not held back as perhaps one person.",
            hint="`mindgap identity review` lists all.",
        )

    def link(self, *, threshold: float | None = None, confirm_above: float | None = None) -> Linked:
        """Propose who may be one person by likeness (extra `linkage`); see `linking.link`.

        Raises:
            MindgapError: The package for it is not installed.
            UsageError: A figure is no probability.
        """
        return link(self.workspace, threshold=threshold, confirm_above=confirm_above)

    def numbers(self) -> dict[str, int]:
        """How many persons have several customer ids, how many ids were merged away, how many pairs wait."""
        rows = [
            row for row in self._rows(SAME_PERSON, "id_kind = 'customer'") if row["id"] != row["person_id"]
        ]
        return {
            "persons": len({row["person_id"] for row in rows}),
            "merged_ids": len(rows),
            "waiting": self._waiting(),
        }

    def _waiting(self) -> int:
        """How many pairs nobody decided on."""
        decided = {_pair(one) for one in self.workspace.stores.identity.decisions()}
        ids = sorted({name for pair in decided for _kind, name in pair})
        settled = self._rows(_REVIEW, "array_contains($ids, first_id)", {"ids": ids}) if ids else []
        (held,) = self._rows(_REVIEW, "second_kind is not null", wanted="count(*) as pairs")
        proposed = [row for row in map(_proposed, self._proposals()) if _ends_of(row) not in decided]
        return held["pairs"] - sum(1 for row in settled if _ends_of(row) in decided) + len(proposed)

    def keep_apart(
        self, first: str, second: str, *, first_kind: IdKind = "customer", reason: str = ""
    ) -> IdentityDecision:
        """Declare that two ids never were one person; the second is a customer's.

        Raises:
            UsageError: They are the same id.
        """
        if first == second and first_kind == "customer":
            raise UsageError("These are the same id.", hint="Name two.")
        return self._decide("keep_apart", ((first_kind, first), ("customer", second)), reason=reason)

    def undo(self, merge: int, *, reason: str = "") -> Sequence[IdentityDecision]:
        """Keep apart all that a merge joined, edge by edge; after the next run all is as it was before.

        Raises:
            UnknownError: There is no merge of that number.
        """
        change = self.workspace.stores.identity.change(merge)
        if change is None or change.kind != "merged":
            raise UnknownError(f"There is no merge {merge}.", hint="`mindgap identity history` lists them.")
        at, pairs = now(), sorted({(tie.first, tie.second) for tie in change.ties})
        decisions = [
            IdentityDecision(
                at=at,
                actor=self.workspace.actor,
                action="keep_apart",
                first_kind="customer",
                first_id=first,
                second_kind="customer",
                second_id=second,
                reason=reason,
                undoes=merge,
            )
            for first, second in pairs
        ]
        self.workspace.stores.identity.decide(decisions)
        return decisions

    def history(self, name: str = "", *, limit: int = 100) -> Sequence[IdentityChange]:
        """What was merged, split and undone, newest first; of one id's person, or of all."""
        ids = self.ids_of(name).customers | {name} if name else ()
        return self._changes(ids, limit=limit)

    def _changes(self, ids: Collection[str], *, limit: int = 100) -> Sequence[IdentityChange]:
        return self.workspace.stores.identity.history(sorted(ids), limit=limit)

    def person_of(self, name: str) -> str:
        """The id of the person that an id belongs to; the id itself where nothing is known of it."""
        return self.ids_of(name).person(name)

    @steady
    def ids_of(self, name: str) -> PersonIds:
        """All ids of the person that a customer's or device's id belongs to; a customer's comes first."""
        alone = PersonIds(customers=frozenset({name}), person_of={name: name})
        as_of = self.workspace.as_of
        if as_of is None:
            return alone
        try:
            relation = self.workspace.reader().relation(SAME_PERSON, purpose=Purpose.PRIVACY, as_of=as_of)
        except (CannotSay, UnknownError):
            return alone
        with self.workspace.stores.lookups.session({SAME_PERSON: relation}) as session:
            found = ids_told(session, [name])
            if found.customers != frozenset({name}) or found.devices:
                return found
            device = ids_told(session, [name], kind="anonymous")
        is_device = device.customers and not customers_among(self.workspace.stores, {name})
        return device if is_device else alone

    def _proposals(self) -> Sequence[IdentityProposal]:
        """Proposals of the last linkage whose two ids are still two persons."""
        identity = self.workspace.stores.identity
        found = identity.proposals()
        person_of = identity.persons() if found else {}
        return [
            one
            for one in found
            if person_of.get(one.first_id, one.first_id) != person_of.get(one.second_id, one.second_id)
        ]

    def _decide(
        self, action: Action, ends: tuple[tuple[IdKind, str], tuple[IdKind, str]], **more: Any
    ) -> IdentityDecision:
        (first_kind, first), (second_kind, second) = ends
        decision = IdentityDecision(
            at=now(),
            actor=self.workspace.actor,
            action=action,
            first_kind=first_kind,
            first_id=first,
            second_kind=second_kind,
            second_id=second,
            **more,
        )
        self.workspace.stores.identity.decide([decision])
        return decision

    @steady
    def _rows(
        self, table: str, where: str, given: Mapping[str, object] | None = None, *, wanted: str = "*"
    ) -> list[dict[str, Any]]:
        """Rows of a table of persons; the read is recorded."""
        as_of = self.workspace.as_of
        if as_of is None:
            raise UnknownError("Nothing has been run here yet.", hint="Run `mindgap run FILE...`.")
        relation = self.workspace.reader().relation(table, purpose=Purpose.PRIVACY, as_of=as_of)
        with self.workspace.stores.lookups.session({table: relation}) as session:
            rows = session.table(
                f"select {wanted} from {table} where {where}", parameters=given or {}
            ).to_pylist()
        entry = Access(
            at=now(), actor=self.workspace.actor, purpose=Purpose.PRIVACY, table=table, rows=len(rows)
        )
        self.workspace.stores.access.add([entry])
        return rows


def _proposed(one: IdentityProposal) -> dict[str, Any]:
    """A proposal as a row of the review."""
    return {
        "first_kind": "customer",
        "first_id": one.first_id,
        "second_kind": "customer",
        "second_id": one.second_id,
        "reason": LIKENESS,
        "evidence": " ".join(sorted(_WORD.sub("_", name) for name, bits in one.bits.items() if bits > 0)),
        "events": 0,
        "customers": 2,
        "first_seen": one.since,
        "probability": one.probability,
        "bits": dict(one.bits),
    }


def _ends_of(row: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset(((row["first_kind"], row["first_id"]), (row["second_kind"], row["second_id"])))


def _pair(one: IdentityDecision) -> frozenset[tuple[str, str]]:
    return frozenset(((one.first_kind, one.first_id), (one.second_kind, one.second_id)))


def _ends(row: Mapping[str, Any]) -> tuple[tuple[IdKind, str], tuple[IdKind, str]]:
    """The two ids of a row of the review.

    Raises:
        UsageError: It is no pair of ids but an identifier that is nobody's own.
    """
    first, second = _KINDS.get(row["first_kind"]), _KINDS.get(row["second_kind"] or "")
    if first is None or second is None:
        raise UsageError("This is no pair of ids.", hint="Raise identity.most_customers, or leave it.")
    return (first, str(row["first_id"])), (second, str(row["second_id"]))
