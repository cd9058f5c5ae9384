"""The operations of the JSON API: one table from which routes, rights and the OpenAPI document follow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from mindgap.api import answers, forgetting, persons
from mindgap.api.answers import Call
from mindgap.api.types import (
    Decided,
    DecideOnPair,
    Found,
    Persons,
    RecommendedProduct,
    RecommendRequest,
    Search,
    SegmentProfile,
    Status,
    UndoMerge,
)
from mindgap.kernel.evaluation import Evaluation
from mindgap.store.accounts import Scope
from mindgap.workspace.face import Happening


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        name: Its name, also the operationId.
        method: HTTP method.
        path: Path under /api/v1, with {parameters}.
        scope: The right that it needs.
        summary: What it does, in one line.
        run: Does it.
        answer: The type of its answer.
        body: The type of its body; None for none.
    """

    name: str
    method: str
    path: str
    scope: Scope
    summary: str
    run: Callable[[Call], Any]
    answer: Any
    body: type[msgspec.Struct] | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="status",
        method="GET",
        path="/status",
        scope=Scope.READ,
        summary="What is fresh and what is missing",
        run=answers.status,
        answer=Status,
    ),
    Operation(
        name="gap",
        method="GET",
        path="/gap",
        scope=Scope.READ,
        summary="The information gap, in bits",
        run=answers.gap,
        answer=dict[str, Any],
    ),
    Operation(
        name="quality",
        method="GET",
        path="/quality",
        scope=Scope.READ,
        summary="How good the data is: what was dropped and why, and figures over time",
        run=answers.quality,
        answer=dict[str, Any],
    ),
    Operation(
        name="segments",
        method="GET",
        path="/segments",
        scope=Scope.READ,
        summary="Customer segments with sizes and words",
        run=answers.segments,
        answer=list[SegmentProfile],
    ),
    Operation(
        name="searchCustomers",
        method="POST",
        path="/customers/search",
        scope=Scope.READ,
        summary="Find customers by part of their id",
        run=answers.search,
        answer=list[Found],
        body=Search,
    ),
    Operation(
        name="customer",
        method="GET",
        path="/customers/{reference}",
        scope=Scope.READ,
        summary="All that is known of one customer",
        run=answers.customer,
        answer=dict[str, Any],
    ),
    Operation(
        name="timeline",
        method="GET",
        path="/customers/{reference}/timeline",
        scope=Scope.READ,
        summary="What happened with a customer on every channel, newest first",
        run=answers.timeline,
        answer=list[Happening],
    ),
    Operation(
        name="forget",
        method="POST",
        path="/forget",
        scope=Scope.ADMIN,
        summary="Forget a person: every read obeys at once, the worker takes them out of all files",
        run=forgetting.forget,
        answer=forgetting.Forgetting,
        body=forgetting.Forget,
    ),
    Operation(
        name="forgetting",
        method="GET",
        path="/forget/{request}",
        scope=Scope.ADMIN,
        summary="How far a request to forget somebody has come, with its receipt",
        run=forgetting.forgetting,
        answer=forgetting.Forgetting,
    ),
    Operation(
        name="recommend",
        method="POST",
        path="/recommend",
        scope=Scope.DECIDE,
        summary="The best products for a customer, with reasons",
        run=answers.recommend,
        answer=list[RecommendedProduct],
        body=RecommendRequest,
    ),
    Operation(
        name="evaluations",
        method="GET",
        path="/evaluations",
        scope=Scope.READ,
        summary="Held-out evaluations beside their baselines",
        run=answers.evaluations,
        answer=list[Evaluation],
    ),
    Operation(
        name="persons",
        method="GET",
        path="/persons",
        scope=Scope.READ,
        summary="Who is one person: figures, pairs that wait for a decision, the history",
        run=persons.persons,
        answer=Persons,
    ),
    Operation(
        name="decideOnPair",
        method="POST",
        path="/persons/decide",
        scope=Scope.DECIDE,
        summary="Say whether two ids are the same person; holds from the next run on",
        run=persons.decide,
        answer=Decided,
        body=DecideOnPair,
    ),
    Operation(
        name="undoMerge",
        method="POST",
        path="/persons/undo",
        scope=Scope.DECIDE,
        summary="Undo a merge; holds from the next run on",
        run=persons.undo,
        answer=Decided,
        body=UndoMerge,
    ),
)
