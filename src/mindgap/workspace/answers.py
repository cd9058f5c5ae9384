"""The answers of a workspace, put together from its tables and models."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mindgap.insight.answer import business_answer, customer_answer, with_customer
from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import WITHDRAWABLE, Purpose
from mindgap.loop.converted_files import is_converted
from mindgap.loop.offered import derivations
from mindgap.loop.persons import is_forgotten
from mindgap.personalize import scoring
from mindgap.store.reading import Stores, has_withdrawn
from mindgap.store.state import Access
from mindgap.workspace.face import ListKind
from mindgap.workspace.keeping import kept
from mindgap.workspace.profiles import profile
from mindgap.workspace.sources import reading_of
from mindgap.workspace.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mindgap.workspace.desk import Desk

_RECENT_ORDERS = 20
_TOP_CATEGORIES = 12
_OF_CUSTOMER = (
    *("customer_features", "clean_customers", "customer_category", "customer_orders", "segments"),
    *("inactivity_risk", "customer_value", "customer_interests", "customer_needs", "customer_habits"),
    "customer_gap",
)
"""The tables that tell of one customer, in the order in which it is said what they cannot tell."""
_UNASKED = frozenset({"no-events"})
"""Reasons that are no news: nobody set up what these tables would tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """One product of a recommendation list.

    Attributes:
        product_id: Which product.
        product_name: What people call it; the id where no source names it.
        rank: Place in the list, 1 is first.
        score: The model's score; comparable within one list only.
        kind: repeat (bought before) or discover (never bought).
        reasons: Why, largest contribution first, as message codes with params.
        expected_rate: Chance (0-1) of a purchase within 35 days; None when the data could not say.
    """

    product_id: str
    product_name: str
    rank: int
    score: float
    kind: str
    reasons: "Sequence[Mapping[str, Any]]"
    expected_rate: float | None = None


def customer(workspace: "Desk", customer_id: str, *, purpose: Purpose) -> dict[str, Any]:
    """One person, whole, by any of their ids; parts that cannot be said are None with a reason."""
    if is_forgotten(workspace.stores, customer_id):
        raise _unknown()
    ids = workspace.identity.ids_of(customer_id)
    person = ids.person(customer_id)
    read = workspace.read_customer_tables(_OF_CUSTOMER, person, purpose=purpose)
    reasons = [
        {"about": table, "code": answer.code, "params": dict(answer.params)}
        for table in _OF_CUSTOMER
        if isinstance(answer := read[table], CannotSay)
    ]

    def rows(table: str) -> list[dict[str, Any]]:
        found = read[table]
        return [] if isinstance(found, CannotSay) else found.to_pylist()

    decided = _decided(workspace, ids.customers)
    features, attributes = _first(rows("customer_features")), _first(rows("clean_customers"))
    is_known = features or attributes or decided
    if not is_known and not timeline(workspace, customer_id, purpose=purpose, limit=1):
        raise _unknown()
    categories = sorted(rows("customer_category"), key=lambda row: -row["lines"])[:_TOP_CATEGORIES]
    orders = sorted(rows("customer_orders"), key=lambda row: row["ordered_at"], reverse=True)[:_RECENT_ORDERS]
    return {
        "customer_id": person,
        "customer_ids": sorted(ids.customers),
        "as_of": workspace.as_of,
        "currency": workspace.settings.currency,
        "features": features,
        "attributes": attributes,
        "segment": _segment(workspace, _first(rows("segments"))),
        "risk": _first(rows("inactivity_risk")),
        "value": _first(rows("customer_value")),
        "categories": categories,
        "profile": profile(rows),
        "orders": orders,
        "gap": _first(rows("customer_gap")),
        "consent": {name.value: decided.get(name, True) for name in WITHDRAWABLE},
        "reasons": reasons,
    }


def _decided(workspace: "Desk", ids: frozenset[str]) -> dict[Purpose, bool]:
    """What a person decided on purposes; who withdrew one by any id withdrew it."""
    decided: dict[Purpose, bool] = {}
    for one in sorted(ids):
        for purpose, granted in workspace.stores.consent.of_customer(one).items():
            decided[purpose] = granted and decided.get(purpose, True)
    return decided


def _unknown() -> UnknownError:
    return UnknownError("No customer has that id.", hint="`mindgap table customer_features` lists customers.")


def _first(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    return rows[0] if rows else None


def _segment(workspace: "Desk", row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    profiles = workspace.table("segment_profiles").to_pylist()
    return next((profile for profile in profiles if profile["segment"] == row["segment"]), None)


def find_customers(workspace: "Desk", text: str, limit: int) -> list[str]:
    """Customer ids that contain a text; an exact match comes first."""
    table = workspace.table("customer_features", purpose=Purpose.SERVICE, columns=["customer_id"])
    found = [item for item in table["customer_id"].to_pylist() if text in item]
    return sorted(found, key=lambda item: (item != text, len(item), item))[:limit]


def evaluate(workspace: "Desk", task: str | None) -> list[dict[str, Any]]:
    """Every evaluation of the last run; a task that cannot be evaluated gives its reason."""
    figures: list[dict[str, Any]] = []
    for name in sorted(name for name in derivations() if name.startswith("evaluation_")):
        try:
            figures += workspace.table(name).to_pylist()
        except CannotSay as answer:
            reason = {"code": answer.code, "params": dict(answer.params)}
            figures.append({"task": name.removeprefix("evaluation_"), "value": None, "reason": reason})
    if task is None:
        return figures
    chosen = [row for row in figures if row["task"] == task or str(row["task"]).startswith(f"{task}-")]
    if not chosen:
        known = ", ".join(sorted({str(row["task"]) for row in figures}))
        raise UnknownError(f"There is no task {task!r}.", hint=f"Tasks: {known}.")
    return chosen


def status(workspace: "Desk") -> dict[str, Any]:
    """What is fresh, what was read, and what cannot be said and why."""
    stores, as_of = workspace.stores, workspace.as_of
    tables = [
        {
            "name": entry.name,
            "as_of": entry.as_of,
            "rows": entry.rows,
            "built_at": entry.built_at,
            "seconds": round(entry.seconds, 3),
            "reason": dict(entry.reason) or None,
        }
        for entry in stores.manifest.entries()
        if entry.as_of == as_of and entry.reason.get("code") not in _UNASKED
    ]
    models = [
        {"name": model.name, "as_of": model.as_of, "card": dict(model.card)}
        for model in stores.manifest.models()
    ]
    return {
        "folder": str(workspace.folder),
        "as_of": as_of,
        "tables": tables,
        "sources": _sources(stores),
        "streams": [{"name": one.source, **asdict(one.tally)} for one in stores.streams.records()],
        "log_bytes": stores.log.size_bytes(stores.streams.consumed()),
        "models": models,
        "kept": kept(workspace),
    }


def _sources(stores: Stores) -> list[dict[str, Any]]:
    """What reading each source came to; what events became is left out where they became nothing."""
    return [
        {**reading_of(record), "read_at": record.read_at}
        for record in stores.ledger.sources()
        if record.rows_read or not is_converted(record.name)
    ]


def gap(workspace: "Desk", customer_id: str | None) -> dict[str, Any]:
    """The information gap of the business, or that of one customer beside it."""
    because: list[dict[str, Any]] = []

    def rows(table: str) -> list[dict[str, Any]]:
        try:
            return workspace.table(table).to_pylist()
        except CannotSay as answer:
            reason = {"code": answer.code, "params": dict(answer.params)}
            because.extend([reason] if reason not in because else [])
            return []

    business = business_answer(
        _first(rows("gap")), weeks=rows("gap_weeks"), sources=rows("gap_sources"), because=because
    )
    if customer_id is None:
        return business
    return with_customer(business, _customer_gap(workspace, workspace.identity.person_of(customer_id)))


def _customer_gap(workspace: "Desk", customer_id: str) -> dict[str, Any]:
    purpose = Purpose.PERSONALIZATION
    declared = None
    with suppress(CannotSay):  # no file told of customers
        declared = _first(
            workspace.read_customer("clean_customers", customer_id, purpose=purpose).to_pylist()
        )
    try:
        row = _first(workspace.read_customer("customer_gap", customer_id, purpose=purpose).to_pylist())
    except CannotSay:
        row = None
    return customer_answer(row, declared=declared)


def recommend(workspace: "Desk", customer_id: str, *, k: int, kind: ListKind) -> tuple[Recommended, ...]:
    """What to offer a customer next; who withdrew personalization gets what is popular."""
    purpose, stores = Purpose.PERSONALIZATION, workspace.stores
    model = workspace.model("recommender")
    ids = workspace.identity.ids_of(customer_id)
    known = not has_withdrawn(stores, ids.customers, purpose)
    known = known and not is_forgotten(workspace.stores, customer_id)
    listed = scoring.recommend(model, ids.person(customer_id) if known else None, k=k, kind=kind)
    entry = Access(
        at=now(),
        actor=workspace.actor,
        purpose=purpose,
        table="recommender",
        rows=len(listed),
        single_customer=True,
    )
    stores.access.add([entry])
    return tuple(
        Recommended(
            product_id=item.product_id,
            product_name=item.product_name,
            rank=item.rank,
            score=item.score,
            kind=item.kind,
            reasons=[asdict(reason) for reason in item.reasons],
            expected_rate=item.expected_rate,
        )
        for item in listed
    )
