"""What is known of one customer, as a person reads it on a terminal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from mindgap.cli.output import cell, console, print_dicts
from mindgap.cli.summary import print_reasons
from mindgap.cli.words import Speaker
from mindgap.kernel.words import happening_words
from mindgap.store.identity_words import compared_words

if TYPE_CHECKING:
    from mindgap.workspace import Workspace
    from mindgap.workspace.answers import Recommended
    from mindgap.workspace.face import Happening


def print_customer_gap(workspace: "Workspace", answer: Mapping[str, Any]) -> None:
    """One customer's information gap."""
    speak = Speaker(workspace)
    if answer.get("difference_bits") is not None:
        code = "cli-difference-significant" if answer.get("significant") else "cli-difference"
        console.print(speak(code, bits=answer["difference_bits"]))
    if answer.get("terms"):
        print_dicts(answer["terms"], title=speak("cli-difference-terms"), wished=speak.language)
    print_reasons(speak, answer)


def print_customer(workspace: "Workspace", answer: Mapping[str, Any]) -> None:
    """One customer, whole."""
    speak = Speaker(workspace)
    if answer["segment"]:
        name = speak.named(answer["segment"])
        console.print(Text.assemble(speak("cli-section-segments"), ": ", (name, "bold")))
    for part in ("risk", "value", "features", "attributes"):
        if answer[part]:
            print_dicts(_lines(speak, answer[part]), title=speak(f"cli-part-{part}"), wished=speak.language)
    wanted = ("category", "lines", "spend", "line_share", "last_days")
    interests = [{key: row[key] for key in wanted} for row in answer["categories"]]
    print_dicts(interests, title=speak("cli-part-categories"), wished=speak.language)
    _print_profile(speak, answer["profile"])
    wanted = ("ordered_at", "order_id", "lines", "spend", "channel")
    orders = [
        {key: row[key] for key in wanted} | {"ordered_at": speak.moment(row["ordered_at"])}
        for row in answer["orders"][:8]
    ]
    print_dicts(orders, title=speak("cli-part-orders"), wished=speak.language)
    print_reasons(speak, answer)


_INTERESTS_OF_A_KIND = 3


def _print_profile(speak: Speaker, profile: Mapping[str, Any]) -> None:
    wanted = ("kind", "thing", "weight", "lift", "last_days")
    strongest = [row for row in profile["interests"] if row["place"] <= _INTERESTS_OF_A_KIND]
    interests = [
        {key: row[key] for key in wanted} | {"kind": speak.name("profile-kind", row["kind"])}
        for row in strongest
    ]
    print_dicts(interests, title=speak("cli-part-interests"), wished=speak.language)
    if profile["habits"]:
        print_dicts(_lines(speak, profile["habits"]), title=speak("cli-part-habits"), wished=speak.language)
    wanted = ("category", "chance", "cycle_days", "last_days", "due_in_days")
    needs = [{key: row[key] for key in wanted} for row in profile["needs"]]
    print_dicts(needs, title=speak("cli-part-needs"), wished=speak.language)


def print_timeline(workspace: "Workspace", happened: Sequence["Happening"]) -> None:
    """What happened with a customer, newest first."""
    speak = Speaker(workspace)
    rows = [
        {
            "at": speak.moment(one.at),
            "": speak(f"timeline-{one.kind}"),
            "what": happening_words(one.kind, one.name, speak.language),
            "channel": one.channel or one.source,
            "about": one.text or one.order_id or one.product_id or one.campaign_id or one.url,
            "amount": one.amount,
        }
        for one in happened
    ]
    print_dicts(rows, wished=speak.language)


def _lines(speak: Speaker, part: Mapping[str, Any]) -> list[dict[str, str]]:
    """One row a figure; reasons in words, what is unknown left out."""
    shown: dict[str, str] = {}
    for key, value in part.items():
        if value is None or key in {"customer_id", "row_id"}:
            continue
        if key == "traits":
            shown.update({name: str(text) for name, text in json.loads(value).items()})
        else:
            shown[key] = _text(speak, key, value)
    return [{"": key, " ": text} for key, text in shown.items()]


def _text(speak: Speaker, key: str, value: Any) -> str:
    """A figure as a person reads it; of identifiers their kinds, for their tokens say nothing to anybody."""
    match key:
        case "reasons":
            text = speak.reasons(json.loads(value))
        case "sent_customer_ids":
            text = cell(json.loads(value))
        case "identifiers":
            kinds = dict.fromkeys(one.lstrip("+").partition(":")[0] for one in value.split())
            text = ", ".join(compared_words(list(kinds), speak.language))
        case "joined_at":
            text = speak.moment(value)
        case "birth_year":
            text = str(value)
        case "method" | "spend_method" | "band":
            text = speak.name(key.removeprefix("spend_"), value)
        case "day_part" | "weekday":
            text = speak.name(key.removeprefix("day_"), str(value))
        case _:
            text = cell(value, speak.language)
    return text


def print_recommendations(workspace: "Workspace", items: Sequence["Recommended"]) -> None:
    """A recommendation list, each item with its first reasons."""
    speak = Speaker(workspace)
    rows = [
        {
            "#": item.rank,
            "product": item.product_name,
            "id": item.product_id,
            "list": speak.name("customer-offer", item.kind),
            "score": item.score,
            "why": speak.reasons(item.reasons[:2]),
        }
        for item in items
    ]
    print_dicts(rows, wished=speak.language)


def recommendations_as_dicts(items: Sequence["Recommended"]) -> list[dict[str, Any]]:
    """A recommendation list for programs."""
    return [asdict(item) for item in items]
