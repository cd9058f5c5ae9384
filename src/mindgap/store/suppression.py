"""The Suppression port: who is being forgotten, who was, and how far each request has come.

A request puts a person's ids on the list in one transaction; from then on no read shows a row that names one
of them. While files are rewritten the list holds the ids themselves, by which rows are found. Afterwards no
row holds them any more, and keyed digests take their place: enough to refuse what arrives late, or again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

NameKind = Literal["customer", "device", "identifier"]
"""A customer id; the id of a browser or device, or a former id; a token of the column `identifiers`."""
LAST_STEP = "state"
"""The step that comes when nothing but the database itself is left; the names are gone by then."""
Stage = Literal["suppressed", "rewriting", "done", "verified"]

CUSTOMERS: Sequence[NameKind] = ("customer",)
EVERYBODY: Sequence[NameKind] = ("customer", "device")
PERSON_COLUMNS: Mapping[str, Sequence[NameKind]] = {
    "customer_id": CUSTOMERS,
    "claimed_id": CUSTOMERS,
    "person_id": EVERYBODY,
    "anonymous_id": EVERYBODY,
    "previous_id": EVERYBODY,
    "visitor": EVERYBODY,
    "visitor_id": EVERYBODY,
    **dict.fromkeys(("id", "first_id", "second_id", "other_id", "token"), EVERYBODY),
}
"""Columns that say whose a row is, in any table, and what kinds of ids stand there."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """One id of a person.

    Attributes:
        kind: What it is.
        text: The id, or `kind:token`.
    """

    kind: NameKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A request to forget a person.

    Attributes:
        id: Its own name, at random.
        subject: Keyed digest of the id that was asked for.
        stage: How far it has come.
        requested_at: When it was asked for, naive UTC.
        suppressed_at: When reads began to obey.
        done_at: When no file held the person any more; None before.
        verified_at: When every file was decoded and searched, and nothing found; None before.
        steps_left: What is still to be rewritten.
        receipt: What was done: figures by place, recipients, sources that may still hold the person.
    """

    id: str
    subject: str
    stage: Stage
    requested_at: datetime
    suppressed_at: datetime
    done_at: datetime | None = None
    verified_at: datetime | None = None
    steps_left: Sequence[str] = ()
    receipt: Mapping[str, Any] = field(default_factory=dict)


class Suppression(Protocol):
    """The list, and the requests that filled it."""

    def names(self) -> Sequence[Name]:
        """Ids of those whose rows may still lie in files; usually none."""
        ...

    def names_by_request(self) -> Mapping[str, Sequence[Name]]:
        """The same, by the request that put them on the list last."""
        ...

    def is_empty(self) -> bool:
        """Whether nobody was ever forgotten."""
        ...

    def on_list(self, names: Collection[Name]) -> Collection[Name]:
        """Which of these are on the list, in whatever form."""
        ...

    def suppress(self, erasure: Erasure, names: Iterable[Name]) -> None:
        """Put a request and its names on the list, in one transaction; done again, it adds names.

        Of a name that the state cannot keep, such as one with a NUL, there is the digest only: events that
        come later stay out, and what such a device sent before is nobody's.
        """
        ...

    def listed_for(self, subject: str) -> int:
        """How many names are on the list because of requests about this subject."""
        ...

    def advance(self, erasure: Erasure) -> None:
        """Keep how far a request has come; before its last step, digests take the place of its names."""
        ...

    def erasures(self) -> Sequence[Erasure]:
        """All requests, oldest first."""
        ...

    def digest(self, text: str) -> str:
        """What stands for an id once it is gone: an HMAC under a key of the workspace."""
        ...

    def digests(self) -> Sequence[tuple[NameKind, str]]:
        """Everything on the list, as kind and digest."""
        ...

    def unname(self, names: Sequence[Name]) -> int:
        """Put digests in the place of ids in what is kept for the record; returns how many."""
        ...

    def rows(self) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Every row of the state with its table, where the state lies in no file of the workspace."""
        ...

    def scrub(self) -> bool:
        """Overwrite what the database still holds of deleted rows, as far as it lets us.

        Returns:
            Whether nothing is left; False while others read an older moment, so that it must be done again.
        """
        ...

    def adopt(self, digests: Iterable[tuple[NameKind, str]], erasure: Erasure) -> int:
        """Put on the list what another copy of it says; returns how many were new."""
        ...


def by_column(names: Iterable[Name]) -> dict[str, list[str]]:
    """The names that cut a table, by column, as `store.engine.Relation.suppressed` wants them.

    >>> columns = by_column([Name("device", "d1")])
    >>> columns["anonymous_id"], "customer_id" in columns
    (['d1'], False)
    """
    held = sorted(set(names))
    found = {
        column: [name.text for name in held if name.kind in kinds] for column, kinds in PERSON_COLUMNS.items()
    }
    return {column: texts for column, texts in found.items() if texts}
