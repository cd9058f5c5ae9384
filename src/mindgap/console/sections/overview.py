"""The five figures a manager asks for first."""

from collections.abc import Callable

from mindgap.console.blocks import Figure, Section
from mindgap.console.sections.figures import counted, first, total
from mindgap.console.voice import NONE, Voice
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace


def tell(workspace: Workspace, voice: Voice) -> Section:
    """The key figures, each with n, interval or date, or with the reason why it cannot be said."""
    return Section(
        key="overview",
        title=voice.say("console-overview-title"),
        lead=voice.say("console-overview-lead", date=voice.day(workspace.as_of)),
        figures=[_told(make, label, workspace, voice=voice) for label, make in _FIGURES.items()],
    )


def _told(
    make: Callable[[Workspace, Voice, str], Figure], label: str, workspace: Workspace, *, voice: Voice
) -> Figure:
    name = voice.say(f"console-figure-{label}")
    try:
        return make(workspace, voice, name)
    except CannotSay as answer:
        reason = voice.reason({"code": answer.code, "params": answer.params})
    except UnknownError:
        reason = voice.say("console-not-built")
    return Figure(label=name, value=NONE, note=reason)


def _customers(workspace: Workspace, voice: Voice, label: str) -> Figure:
    columns = ["customer_id", "orders_28d"]
    table = workspace.table("customer_features", purpose=Purpose.ANALYTICS, columns=columns)
    active = sum(1 for orders in table["orders_28d"].to_pylist() if orders)
    note = voice.say(
        "console-figure-customers-note",
        active=active,
        share=voice.percent(active / table.num_rows if table.num_rows else None),
    )
    return Figure(label=label, value=voice.number(table.num_rows), note=note)


def _spend(workspace: Workspace, voice: Voice, label: str) -> Figure:
    columns = ["spend", "spend_28d", "spend_prev_28d"]
    table = workspace.table("customer_features", purpose=Purpose.ANALYTICS, columns=columns)
    if not total(table, "spend"):
        return Figure(label=label, value=NONE, note=voice.say("console-no-amounts"))
    now, before = total(table, "spend_28d"), total(table, "spend_prev_28d")
    if before <= 0:
        return Figure(label=label, value=voice.money(now), note=voice.say("console-figure-spend-alone"))
    change = now / before - 1
    note = voice.say("console-figure-spend-note", change=voice.change(change), before=voice.money(before))
    return Figure(label=label, value=voice.money(now), note=note, tone="good" if change >= 0 else "warn")


def _advantage(workspace: Workspace, voice: Voice, label: str) -> Figure:
    found = workspace.gap()
    bits = found.get("advantage_bits")
    if bits is None:
        reasons = voice.reasons(found.get("reasons")) or [voice.say("console-not-built")]
        return Figure(label=label, value=NONE, note=" ".join(reasons))
    note = voice.say(
        "console-figure-advantage-note",
        interval=voice.interval(found.get("advantage_low"), found.get("advantage_high")),
        n=found["n_outcomes"],
    )
    value = voice.say("console-bits", value=voice.fixed(bits, 3))
    return Figure(label=label, value=value, note=note, tone="good" if found.get("pays") else "warn")


def _risk(workspace: Workspace, voice: Voice, label: str) -> Figure:
    columns = ["band", "horizon_days"]
    everybody = workspace.table("inactivity_risk", purpose=Purpose.ANALYTICS, columns=columns)
    table = everybody.filter(everybody["band"].is_valid())
    high = counted(table, "band").get("high", 0)
    note = voice.say(
        "console-figure-risk-note",
        days=first(table, "horizon_days") or 0,
        n=table.num_rows,
        share=voice.percent(high / table.num_rows if table.num_rows else None, 1),
    )
    return Figure(label=label, value=voice.number(high), note=note, tone="warn" if high else "plain")


def _value(workspace: Workspace, voice: Voice, label: str) -> Figure:
    columns = ["expected_revenue", "horizon_days"]
    table = workspace.table("customer_value", purpose=Purpose.ANALYTICS, columns=columns)
    revenue = total(table, "expected_revenue")
    if not revenue:
        return Figure(label=label, value=NONE, note=voice.say("console-no-amounts"))
    note = voice.say("console-figure-value-note", days=first(table, "horizon_days") or 0, n=table.num_rows)
    return Figure(label=label, value=voice.money(revenue), note=note)


_FIGURES: dict[str, Callable[[Workspace, Voice, str], Figure]] = {
    "customers": _customers,
    "spend": _spend,
    "advantage": _advantage,
    "risk": _risk,
    "value": _value,
}
