"""One customer in one view: everything known of a person on one page, each part with its why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mindgap.console.blocks import Chart, Figure, Grid, Series
from mindgap.console.difference import Term, terms_of
from mindgap.console.happenings import happenings
from mindgap.console.identities import KnownAs, known_as
from mindgap.console.profile import ProfileView, profile_view
from mindgap.console.sections.segments import segment_name
from mindgap.console.visit import Visit
from mindgap.console.voice import NONE, Voice
from mindgap.kernel.errors import CannotSay, UnknownError

_RECOMMENDED = 8
_ORDERS_LISTED = 10
_TONES = {"low": "good", "medium": "plain", "high": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A recommended product.

    Attributes:
        name: What people call it.
        kind: repeat or discover.
        reasons: Why, in words.
    """

    name: str
    kind: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a customer decided about a purpose.

    Attributes:
        purpose: The purpose, in words.
        state: granted, withdrawn or unasked.
    """

    purpose: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """What the page shows.

    Attributes:
        customer_id: Who.
        summary: Who this is, in a sentence or two.
        figures: Key figures.
        segment: The segment's name; "" when it cannot be said.
        segment_words: Why that segment.
        risk: The risk in words; "" when it cannot be said.
        risk_tone: Whether it needs attention.
        risk_reasons: Why that risk.
        difference: The difference from the market in words; "" when it cannot be said.
        terms: What differs.
        timeline: Orders over time.
        interests: Shares of categories.
        profile: Interests, habits and needs.
        orders: The latest orders.
        happened: The latest things that happened on every channel.
        offers: Recommendations.
        consent: What the customer decided.
        known_as: All ids of the person; None where there is one only.
        missing: What cannot be said, and why.
    """

    customer_id: str
    summary: str
    figures: Sequence[Figure]
    segment: str
    segment_words: Sequence[str]
    risk: str
    risk_tone: str
    risk_reasons: Sequence[str]
    difference: str
    terms: Sequence[Term]
    timeline: Chart | None
    interests: Chart | None
    profile: ProfileView
    orders: Grid | None
    happened: Grid | None
    offers: Sequence[Offer]
    consent: Sequence[Decided]
    known_as: KnownAs | None
    missing: Sequence[str]


def customer_view(visit: Visit, customer_id: str) -> CustomerView:
    """Put the page together.

    Raises:
        UnknownError: There is no such customer.
    """
    voice, found = visit.voice, visit.workspace.customer(customer_id)
    features, segment = found.get("features"), found.get("segment")
    risk, gap = found.get("risk"), found.get("gap")
    offers, refused = _offers(visit, customer_id)
    orders = sorted(found.get("orders") or (), key=lambda row: row["ordered_at"])
    return CustomerView(
        customer_id=customer_id,
        summary=_summary(features, voice) if features else voice.say("console-customer-no-orders"),
        figures=_figures(found, voice),
        segment=segment_name(dict(segment), voice) if segment else "",
        segment_words=voice.reasons(segment.get("words")) if segment else (),
        risk=_risk(risk, voice) if risk else "",
        risk_tone=_TONES.get(str(risk["band"]), "plain") if risk else "plain",
        risk_reasons=voice.reasons(risk.get("reasons")) if risk else (),
        difference=_difference(gap, voice) if gap else "",
        terms=terms_of(gap.get("terms"), voice) if gap and gap.get("significant") else (),
        timeline=_timeline(orders, voice) if orders else None,
        interests=_interests(found.get("categories") or (), voice),
        profile=profile_view(found.get("profile") or {}, voice),
        orders=_orders(orders[::-1][:_ORDERS_LISTED], voice) if orders else None,
        happened=happenings(visit, customer_id),
        offers=offers,
        consent=_consent(found.get("consent") or {}, voice),
        known_as=known_as(visit, customer_id),
        missing=[*voice.reasons(found.get("reasons")), *refused],
    )


def _summary(row: Mapping[str, Any], voice: Voice) -> str:
    parts = [
        voice.say(
            "console-customer-summary",
            orders=row["orders"],
            months=max(1, round((row.get("tenure_days") or 0) / 30.4)),
            recency=round(row["recency_days"]),
        )
    ]
    if row.get("top_category"):
        share = voice.percent(row.get("top_category_share"))
        parts.append(voice.say("console-customer-summary-top", category=row["top_category"], share=share))
    return voice.sentences(parts)


def _figures(found: Mapping[str, Any], voice: Voice) -> list[Figure]:
    makers: tuple[tuple[str, Callable[[Mapping[str, Any], Voice], Figure]], ...] = (
        ("features", _spend_figure),
        ("features", _order_figure),
        ("value", _value_figure),
        ("risk", _risk_figure),
    )
    return [make(found[part], voice) for part, make in makers if found.get(part)]


def _spend_figure(row: Mapping[str, Any], voice: Voice) -> Figure:
    if not row.get("spend"):
        note = voice.say("console-no-amounts")
        return Figure(label=voice.say("console-customer-spend"), value=NONE, note=note)
    mean = voice.money(row.get("avg_order_value"))
    note = voice.say("console-customer-spend-note", mean=mean, n=row["orders"])
    return Figure(label=voice.say("console-customer-spend"), value=voice.money(row.get("spend")), note=note)


def _order_figure(row: Mapping[str, Any], voice: Voice) -> Figure:
    gap = row.get("mean_gap_days")
    note = voice.say("console-customer-rhythm", days=voice.number(gap, 1)) if gap is not None else NONE
    return Figure(label=voice.say("console-customer-orders"), value=voice.number(row["orders"]), note=note)


def _value_figure(row: Mapping[str, Any], voice: Voice) -> Figure:
    note = voice.say(
        "console-customer-value-note",
        days=row["horizon_days"],
        orders=voice.number(row.get("expected_orders"), 1),
    )
    value = voice.money(row.get("expected_revenue"))
    return Figure(label=voice.say("console-customer-value"), value=value, note=note)


def _risk_figure(row: Mapping[str, Any], voice: Voice) -> Figure:
    if row.get("risk") is None:
        note = voice.sentences(voice.reasons(row.get("reasons")))
        return Figure(label=voice.say("console-customer-risk"), value=NONE, note=note)
    band = str(row["band"])
    note = voice.say(
        "console-customer-risk-note", band=voice.say(f"console-band-{band}"), days=row["horizon_days"]
    )
    return Figure(
        label=voice.say("console-customer-risk"),
        value=voice.share(row["risk"]),
        note=note,
        tone="warn" if band == "high" else "plain",
    )


def _risk(row: Mapping[str, Any], voice: Voice) -> str:
    return voice.say("console-customer-risk-text", risk=voice.share(row["risk"]), days=row["horizon_days"])


def _difference(row: Mapping[str, Any], voice: Voice) -> str:
    code = "console-customer-differs" if row.get("significant") else "console-customer-differs-not"
    return voice.say(code, bits=voice.fixed(row["difference_bits"], 2), n=row.get("n_outcomes") or 0)


def _timeline(orders: Sequence[Mapping[str, Any]], voice: Voice) -> Chart:
    amounts = [_amount(row) for row in orders]
    largest = max((amount for amount in amounts if amount), default=None)
    lines = [row.get("lines") for row in orders]
    return Chart(
        key="timeline",
        kind="moments",
        title=voice.say("console-customer-timeline"),
        summary=voice.say(
            "console-customer-timeline-summary",
            n=len(orders),
            first=voice.day(orders[0]["ordered_at"]),
            last=voice.day(orders[-1]["ordered_at"]),
            most=voice.money(largest) if largest else "none",
        ),
        axis=voice.say("console-customer-when"),
        labels=[voice.day(row["ordered_at"]) for row in orders],
        moments=[voice.local(row["ordered_at"]).strftime("%Y-%m-%dT%H:%M") for row in orders],
        series=[Series(name=voice.say("console-customer-amount"), values=amounts)]
        if largest
        else [Series(name=voice.say("console-customer-lines"), values=lines)],
        unit="money" if largest else "count",
    )


def _amount(row: Mapping[str, Any]) -> float | None:
    """What an order came to, under either of the names that tables give it; None where it is not known."""
    return row.get("amount", row.get("spend")) or None


def _interests(rows: Sequence[Mapping[str, Any]], voice: Voice) -> Chart | None:
    if not rows:
        return None
    return Chart(
        key="interests",
        kind="bars",
        title=voice.say("console-customer-interests"),
        summary=voice.say(
            "console-customer-interests-summary",
            category=str(rows[0]["category"]),
            share=voice.percent(rows[0]["line_share"]),
            n=len(rows),
        ),
        axis=voice.say("console-category"),
        labels=[str(row["category"]) for row in rows],
        series=[Series(name=voice.say("console-customer-share"), values=[row["line_share"] for row in rows])],
        unit="percent",
        digits=1,
    )


def _orders(rows: Sequence[Mapping[str, Any]], voice: Voice) -> Grid:
    return Grid(
        caption=voice.say("console-customer-latest", n=len(rows)),
        columns=[voice.say(f"console-customer-{name}") for name in ("when", "lines", "amount", "channel")],
        rows=[
            [
                voice.moment(row["ordered_at"]),
                voice.number(row.get("lines")),
                voice.money(_amount(row)),
                str(row.get("channel") or NONE),
            ]
            for row in rows
        ],
        numeric=frozenset({1, 2}),
    )


def _offers(visit: Visit, customer_id: str) -> tuple[list[Offer], list[str]]:
    """Recommendations, or why there are none."""
    voice = visit.voice
    try:
        items = visit.workspace.recommend(customer_id, k=_RECOMMENDED)
    except CannotSay as answer:
        return [], [voice.reason({"code": answer.code, "params": answer.params})]
    except UnknownError:
        return [], [voice.say("console-not-built")]
    return [
        Offer(
            name=item.product_name or item.product_id,
            kind=item.kind,
            reasons=voice.reasons(list(item.reasons)),
        )
        for item in items
    ], []


def _consent(decided: Mapping[str, Any], voice: Voice) -> list[Decided]:
    states = {True: "granted", False: "withdrawn"}
    return [
        Decided(purpose=voice.say(f"console-purpose-{purpose}"), state=states.get(given, "unasked"))
        for purpose, given in decided.items()
    ]
