"""What the operations of the JSON API answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.api.references import References
from mindgap.api.types import (
    Found,
    Reason,
    RecommendedProduct,
    RecommendRequest,
    Search,
    SegmentProfile,
    SourceState,
    Status,
    TableState,
)
from mindgap.kernel.evaluation import Evaluation
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.words import say
from mindgap.workspace.face import Happening, Workspace

if TYPE_CHECKING:
    from datetime import datetime

_EVALUATION = "evaluation_"
_HAPPENINGS = 100
_JSON_COLUMNS = frozenset({"reasons", "terms", "words", "name_params", "traits"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation.

    Attributes:
        workspace: The workspace.
        references: Turns references into customers.
        language: In which language to answer.
        path: The variable parts of the path.
        body: The decoded body; None where the operation takes none.
    """

    workspace: Workspace
    references: References
    language: str
    path: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def status(call: Call) -> Status:
    """What is fresh and what is missing."""
    found = call.workspace.status()
    return Status(
        workspace=call.workspace.settings.name,
        as_of=_iso(call.workspace.as_of),
        tables=[
            TableState(
                name=row["name"],
                built_at=_iso(row.get("built_at")),
                rows=row.get("rows") or 0,
                reason=_optional_reason(row.get("reason"), call.language),
            )
            for row in found.get("tables", ())
        ],
        sources=[_source(row) for row in found.get("sources", ())],
    )


def gap(call: Call) -> dict[str, Any]:
    """The information gap of the market."""
    return dict(call.workspace.gap())


def quality(call: Call) -> dict[str, Any]:
    """What was dropped and why, the figures of quality, and what to look at."""
    return dict(call.workspace.quality())


def segments(call: Call) -> list[SegmentProfile]:
    """The segments, largest first."""
    rows: list[dict[str, Any]] = call.workspace.table(
        "segment_profiles", purpose=Purpose.ANALYTICS
    ).to_pylist()
    profiles = [
        SegmentProfile(
            segment=row["segment"],
            name=_text(row["name_code"], call.language, _parsed(row.get("name_params")) or {}),
            customers=row["customers"],
            share=row["share"],
            spend_share=row.get("spend_share"),
            words=_reasons(_parsed(row.get("words")), call.language),
        )
        for row in rows
    ]
    return sorted(profiles, key=lambda profile: -profile.customers)


def search(call: Call) -> list[Found]:
    """Customers whose id contains a text."""
    body: Search = call.body
    ids = call.workspace.find_customers(body.text, body.limit)
    return [Found(customer_id=found, reference=call.references.of(found)) for found in ids]


def customer(call: Call) -> dict[str, Any]:
    """All that is known of one customer."""
    return _opened(call.workspace.customer(call.references.customer_id(call.path["reference"])))


def timeline(call: Call) -> Sequence[Happening]:
    """What happened with a customer, newest first."""
    customer_id = call.references.customer_id(call.path["reference"])
    return call.workspace.timeline(customer_id, limit=_HAPPENINGS)


def recommend(call: Call) -> list[RecommendedProduct]:
    """The best products for a customer, with reasons."""
    body: RecommendRequest = call.body
    return [
        RecommendedProduct(
            product_id=item.product_id,
            product_name=item.product_name,
            rank=item.rank,
            score=item.score,
            kind=item.kind,
            reasons=_reasons(item.reasons, call.language),
        )
        for item in call.workspace.recommend(body.customer_id, k=body.k, kind=body.kind)
    ]


def evaluations(call: Call) -> list[Evaluation]:
    """Every held-out evaluation, beside its baseline."""
    names = [row["name"] for row in call.workspace.status().get("tables", ()) if row.get("reason") is None]
    return [
        msgspec.convert(row, Evaluation)
        for name in sorted(names)
        if name.startswith(_EVALUATION)
        for row in call.workspace.table(name, purpose=Purpose.ANALYTICS).to_pylist()
    ]


def _parsed(value: Any) -> Any:
    """A JSON column as values; what is no text is values already."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) and value else value


def _opened(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer in which JSON columns are values and not text."""
    return {
        name: _opened(value)
        if isinstance(value, Mapping)
        else _parsed(value)
        if name in _JSON_COLUMNS
        else value
        for name, value in answer.items()
    }


def _reasons(rows: Sequence[Mapping[str, Any]] | None, language: str) -> list[Reason]:
    return [_reason(row, language) for row in rows or ()]


def _optional_reason(row: Mapping[str, Any] | None, language: str) -> Reason | None:
    return _reason(row, language) if row else None


def _reason(row: Mapping[str, Any], language: str) -> Reason:
    params = dict(row.get("params") or {})
    return Reason(code=row["code"], params=params, text=_text(row["code"], language, params))


def _text(code: str, language: str, params: Mapping[str, Any]) -> str:
    """The words of a code; a word that is missing must not take the figures down with it."""
    try:
        return say(code, language, params)
    except KeyError:
        return code


def _source(row: Mapping[str, Any]) -> SourceState:
    counts = {name: int(row.get(name) or 0) for name in ("read", "used", "quarantined", "duplicates")}
    return SourceState(name=row["name"], table=row["table"], read_at=_iso(row.get("read_at")), **counts)


def _iso(moment: "datetime | str | None") -> str | None:
    if moment is None or isinstance(moment, str):
        return moment
    return moment.isoformat()
