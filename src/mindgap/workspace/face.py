"""What the faces (HTTP server, console, report) ask of a workspace; any object of this shape will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.store.identity import IdentityChange, IdentityDecision, IdKind
    from mindgap.store.suppression import Erasure
    from mindgap.workspace.arrivals import Arrivals
    from mindgap.workspace.features import FeatureFigures
    from mindgap.workspace.tail import Latest


ListKind = Literal["mixed", "repeat", "discover"]
HappeningKind = Literal["order", "return", "cancelled", "exposure", "feedback", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened.

    Attributes:
        at: When, naive UTC.
        kind: order, return, cancelled, exposure, feedback, or any other event.
        name: The event's name, the page, or the kind of exposure or feedback; None where `kind` says it all.
        source: The source that told it.
        channel: Where it happened: web, store, ...; None where the source does not say.
        order_id: The order it is about.
        product_id: The product it is about.
        campaign_id: The campaign it belongs to.
        lines: Of an imported order: number of lines.
        amount: In the workspace's currency; None when not known.
        score: The score given.
        text: The words given, or searched for.
        url: The page, without query.
        is_fresh: Whether it is accepted, but in no table yet.
    """

    at: datetime
    kind: HappeningKind
    source: str
    name: str | None = None
    channel: str | None = None
    order_id: str | None = None
    product_id: str | None = None
    campaign_id: str | None = None
    lines: int | None = None
    amount: float | None = None
    score: float | None = None
    text: str | None = None
    url: str | None = None
    is_fresh: bool = False


def removed_rows(erasure: "Erasure") -> dict[str, int]:
    """How many rows a request has taken out so far, by place.

    A receipt from before requests were told apart has only what all of its round came to.
    """
    counts = (erasure.receipt.get("removed_own") or erasure.receipt.get("removed", {})).items()
    return {step: sum(count.values()) if isinstance(count, dict) else count for step, count in counts}


class WorkspaceSettings(Protocol):
    """The settings that the faces read."""

    @property
    def name(self) -> str:
        """What the business calls the workspace."""
        ...

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        ...

    @property
    def time_zone(self) -> str:
        """IANA name; days begin at its midnight."""
        ...

    @property
    def language(self) -> str:
        """The language where the reader has not chosen one."""
        ...


class Recommended(Protocol):
    """One item of a recommendation list."""

    @property
    def product_id(self) -> str:
        """Which product."""
        ...

    @property
    def product_name(self) -> str | None:
        """What people call it."""
        ...

    @property
    def rank(self) -> int:
        """Place in the list, 1 is first."""
        ...

    @property
    def score(self) -> float:
        """The model's score; comparable within one list only."""
        ...

    @property
    def kind(self) -> str:
        """Whether it was bought before (repeat) or is new to the customer (discover)."""
        ...

    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]:
        """Why, as message codes with params."""
        ...


class Identities(Protocol):
    """Who is one person: what was joined, what was held apart, and deciding on it."""

    def numbers(self) -> Mapping[str, int]:
        """How many persons, merged_ids and waiting pairs there are."""
        ...

    def show(self, name: str) -> Mapping[str, Any]:
        """The person of an id: ``person_id``, ``ids``, ``held``, ``history``."""
        ...

    def review(self, *, reason: str = "", limit: int = 100) -> Sequence[Mapping[str, Any]]:
        """What something says is one person and was held apart."""
        ...

    def history(self, name: str = "", *, limit: int = 100) -> "Sequence[IdentityChange]":
        """What was merged, split and undone, newest first."""
        ...

    def confirm(self, first: str, second: str, *, reason: str = "") -> "IdentityDecision":
        """Declare two ids that were held apart one person.

        Raises:
            UnknownError: The two were not held apart.
        """
        ...

    def keep_apart(
        self, first: str, second: str, *, first_kind: "IdKind" = "customer", reason: str = ""
    ) -> "IdentityDecision":
        """Declare that two ids never were one person.

        Raises:
            UsageError: They are the same id.
        """
        ...

    def undo(self, merge: int, *, reason: str = "") -> "Sequence[IdentityDecision]":
        """Keep apart all that a merge joined.

        Raises:
            UnknownError: There is no merge of that number.
        """
        ...


class Workspace(Protocol):
    """One business, opened for reading."""

    @property
    def settings(self) -> WorkspaceSettings:
        """Its settings."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """The as-of time of the last finished run, naive UTC; None before the first."""
        ...

    @property
    def identity(self) -> Identities:
        """Who is one person."""
        ...

    def status(self) -> Mapping[str, Any]:
        """Freshness of tables and sources: ``{"tables": [...], "sources": [...]}``."""
        ...

    def quality(self) -> Mapping[str, Any]:
        """How good the data is: ``rules``, ``figures``, ``notices``, ``scale`` and ``reasons``."""
        ...

    def gap(self) -> Mapping[str, Any]:
        """The information gap of the market."""
        ...

    def features(self) -> "Sequence[FeatureFigures]":
        """Every feature, and what the last run found."""
        ...

    def evaluate(self) -> Sequence[Mapping[str, Any]]:
        """Every evaluation; what could not be evaluated carries a reason."""
        ...

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        """All that is known of one customer.

        Raises:
            UnknownError: There is no such customer.
        """
        ...

    def timeline(self, customer_id: str, *, limit: int) -> Sequence[Happening]:
        """What happened with a customer on every channel, newest first."""
        ...

    def suppress(self, customer_id: str) -> "Erasure":
        """Forget a person for every read at once; files follow.

        Raises:
            UsageError: The id is empty.
        """
        ...

    def erasure_request(self, request_id: str) -> "Erasure":
        """How far a request to forget somebody has come.

        Raises:
            UnknownError: There is no such request.
        """
        ...

    def find_customers(self, text: str, limit: int) -> Sequence[str]:
        """Ids of customers whose id contains the text."""
        ...

    def recommend(self, customer_id: str, *, k: int, kind: ListKind = "mixed") -> Sequence[Recommended]:
        """The best k products for a customer, of the kind repeat, discover or mixed."""
        ...

    def arrivals(self) -> "Arrivals":
        """How live sources are."""
        ...

    def latest(self) -> "Latest":
        """Shows the messages that arrive, persons masked."""
        ...

    def client_examples(self, address: str) -> Mapping[str, Mapping[str, str]]:
        """How clients send to each source, by its name: endpoint, curl, snippet."""
        ...

    def table(self, name: str, *, purpose: Purpose, columns: Sequence[str] = ()) -> "pa.Table":
        """A table as it stood at the as-of time; all columns when none are named.

        Raises:
            CannotSay: The data did not allow it.
            UnknownError: There is no such table.
        """
        ...
