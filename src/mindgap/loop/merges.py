"""After a run: what changed in who is one person, appended to the history."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from mindgap.kernel.derivation import Moment
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.offered import derivations
from mindgap.store.identity import ChangeKind, IdentityChange, Tie
from mindgap.store.reading import Reader, Stores

_TABLE = "identity_graph"
_SQL = f"select id, person_id, ties from {_TABLE} where verdict = 'same' and id_kind = 'customer'"


def record_persons(stores: Stores, moment: Moment, *, at: datetime) -> Sequence[IdentityChange]:
    """Append what changed since the history was written last; a second time, nothing.

    A run that looks back, as of an earlier moment than the history tells of, changes nothing in it.

    Args:
        stores: The workspace's ports.
        moment: Of the run.
        at: The present, naive UTC.
    """
    told_until = stores.identity.as_of()
    as_of = moment.as_of
    if told_until is not None and as_of < told_until:
        return ()
    reader = Reader(stores=stores, derivations=derivations(), actor="loop", time_zone=moment.time_zone)
    try:
        relation = reader.relation(_TABLE, purpose=Purpose.PRIVACY, as_of=as_of)
    except (CannotSay, UnknownError):
        return ()
    with stores.lookups.session({_TABLE: relation}) as session:
        rows = session.table(_SQL).to_pylist()
    change = _Change(
        before=stores.identity.persons(),
        after={row["id"]: row["person_id"] for row in rows},
        ties={row["id"]: row["ties"] for row in rows},
        apart=_kept_apart(stores),
    )
    found = [
        IdentityChange(kind=kind, person_id=person, as_of=as_of, at=at, before=before, after=after, ties=ties)
        for kind, person, before, after, ties in change.all()
    ]
    if found:
        stores.identity.append(found)
    return found


def _kept_apart(stores: Stores) -> frozenset[frozenset[str]]:
    latest: dict[frozenset[str], str] = {}
    for one in stores.identity.decisions():
        if one.first_kind == one.second_kind == "customer":
            latest[frozenset((one.first_id, one.second_id))] = one.action
    return frozenset(pair for pair, action in latest.items() if action == "keep_apart")


_Told = tuple[ChangeKind, str, dict[str, str], dict[str, str], list[Tie]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """Persons before and after: each customer id's person, of ids that are one of several.

    Attributes:
        before: By the history.
        after: By the tables.
        ties: What each id shares with others of its person.
        apart: Pairs that people keep apart.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    ties: Mapping[str, Sequence[Mapping[str, Any]]]
    apart: frozenset[frozenset[str]]

    def all(self) -> Iterator[_Told]:
        """What changed: first what fell apart, then what came together."""
        ids = {*self.before, *self.after}
        changed = {one for one in ids if self._was(one) != self._is(one)}
        old, new = _groups(ids, self._was), _groups(ids, self._is)
        for person in sorted({self._was(one) for one in changed}):
            own = sorted(old[person])
            if len({self._is(one) for one in own}) > 1:
                yield self._told("undone" if self._is_decided(own) else "split", person, own)
        for person in sorted({self._is(one) for one in changed}):
            own = sorted(new[person])
            if len({self._was(one) for one in own}) > 1:
                yield self._told("merged", person, own)
            elif set(own) == old[self._was(person)]:
                yield self._told("renamed", person, own)

    def _was(self, one: str) -> str:
        return self.before.get(one, one)

    def _is(self, one: str) -> str:
        return self.after.get(one, one)

    def _told(self, kind: ChangeKind, person: str, ids: Sequence[str]) -> _Told:
        before, after = {one: self._was(one) for one in ids}, {one: self._is(one) for one in ids}
        return kind, person, before, after, list(self._joins(ids)) if kind == "merged" else []

    def _is_decided(self, ids: Sequence[str]) -> bool:
        """Whether people keep any two of these apart that are now apart."""
        pairs = (pair for pair in combinations(ids, 2) if self._is(pair[0]) != self._is(pair[1]))
        return any(frozenset(pair) in self.apart for pair in pairs)

    def _joins(self, ids: Sequence[str]) -> Iterator[Tie]:
        """What ids that were different persons have in common now."""
        sharing: dict[tuple[str, str], list[tuple[str, datetime | None]]] = defaultdict(list)
        for one in ids:
            for tie in self.ties.get(one, ()):
                sharing[tie["kind"], tie["token"]].append((one, tie["since"]))
        for (kind, token), holders in sorted(sharing.items()):
            for (first, known), (second, later) in combinations(holders, 2):
                if self._was(first) != self._was(second):
                    times = [time for time in (known, later) if time is not None]
                    yield Tie(
                        first=first, second=second, kind=kind, token=token, since=max(times, default=None)
                    )


def _groups(ids: set[str], person_of: Any) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for one in ids:
        groups[person_of(one)].add(one)
    return groups
