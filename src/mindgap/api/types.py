"""What the JSON API takes and gives; the OpenAPI document is generated from these types."""

from typing import Annotated, Any, Literal

import msgspec

from mindgap.workspace.face import ListKind

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Params = dict[str, Any]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason as a message code with its figures, and in words.

    Attributes:
        code: The message code.
        params: Its figures.
        text: The message in the language of the request.
    """

    code: str
    params: Params
    text: str


class TableState(msgspec.Struct, frozen=True, kw_only=True):
    """A derived table: how fresh, how large, or why it cannot be.

    Attributes:
        name: Its name.
        built_at: When it was built, naive UTC, ISO 8601; null when it could not be.
        rows: Number of rows.
        reason: Why it could not be built; null when it was.
    """

    name: str
    built_at: str | None
    rows: int
    reason: Reason | None


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A source: read = used + quarantined + duplicates.

    Attributes:
        name: Its name.
        table: The canonical table that it fills.
        read: Rows read.
        used: Rows used.
        quarantined: Rows set aside because they cannot be used.
        duplicates: Rows that were there already.
        read_at: When it was read, naive UTC, ISO 8601.
    """

    name: str
    table: str
    read: int
    used: int
    quarantined: int
    duplicates: int
    read_at: str | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is fresh and what is missing.

    Attributes:
        workspace: The workspace's name.
        as_of: The as-of time of all figures, naive UTC, ISO 8601.
        tables: The derived tables.
        sources: The sources.
    """

    workspace: str
    as_of: str | None
    tables: list[TableState]
    sources: list[SourceState]


class SegmentProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One segment.

    Attributes:
        segment: Its number.
        name: What people call it, in the language of the request.
        customers: Its size.
        share: Of all customers (0-1).
        spend_share: Of all spend (0-1).
        words: What makes it special.
    """

    segment: int
    name: str
    customers: int
    share: float
    spend_share: float | None
    words: list[Reason]


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search for customers.

    Attributes:
        text: Part of a customer id.
        limit: How many to give at most.
    """

    text: Identifier
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A customer that was found.

    Attributes:
        customer_id: The id.
        reference: The opaque reference to use in addresses.
    """

    customer_id: str
    reference: str


class RecommendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for recommendations.

    Attributes:
        customer_id: For whom.
        k: How many.
        kind: Things bought before, new things, or both.
    """

    customer_id: Identifier
    k: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    kind: ListKind = "mixed"


class RecommendedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A recommended product and why.

    Attributes:
        product_id: Which.
        product_name: What people call it.
        rank: Place in the list, 1 is first.
        score: The model's score; comparable within one list only.
        kind: repeat or discover.
        reasons: Why.
    """

    product_id: str
    product_name: str | None
    rank: int
    score: float
    kind: str
    reasons: list[Reason]


class HeldPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two ids that something says are one person and that were held apart.

    Attributes:
        first_kind: customer or anonymous; else the kind of an identifier that is nobody's own.
        first_id: The first id; empty where it is an identifier.
        second_id: The second id, a customer's; empty where there is none.
        reason: Why, as a code and in words.
        evidence: What ties them, in words.
        probability: Of a proposal by likeness: how likely they are one person.
        since: When it was first seen, UTC.
    """

    first_kind: str
    first_id: str
    second_id: str
    reason: Reason
    evidence: list[str]
    probability: float | None = None
    since: str | None = None


class PersonChange(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the history of persons.

    Attributes:
        id: Its number.
        kind: merged, split, undone or renamed.
        person_id: The person's id.
        ids: The customer ids concerned.
        by: Kinds of evidence that tie them.
        as_of: As of which moment, UTC.
    """

    id: int
    kind: str
    person_id: str
    ids: list[str]
    by: list[str]
    as_of: str


class Persons(msgspec.Struct, frozen=True, kw_only=True):
    """Who is one person, in figures; what waits for a decision; what changed.

    Attributes:
        persons: How many persons have several customer ids.
        merged_ids: How many customer ids answer as another.
        waiting: How many pairs wait for a decision.
        held: The pairs, the strongest first, and identifiers that are nobody's own.
        history: What changed, newest first.
    """

    persons: int
    merged_ids: int
    waiting: int
    held: list[HeldPair]
    history: list[PersonChange]


class DecideOnPair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision on two ids.

    Attributes:
        first: The first id.
        second: The second id, a customer's.
        decision: Whether they are the same person or different people.
        first_kind: What the first id is.
        reason: Why, for those who ask later.
    """

    first: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    second: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    decision: Literal["same", "different"]
    first_kind: Literal["customer", "anonymous"] = "customer"
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class UndoMerge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Undoing a merge.

    Attributes:
        merge: Its number in the history.
        reason: Why, for those who ask later.
    """

    merge: int
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was noted; it holds from the next run on.

    Attributes:
        decisions: How many decisions.
    """

    decisions: int
