"""A customer's profile on the page: interests, habits in sentences, needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mindgap.console.blocks import Grid
from mindgap.console.voice import Voice

_KINDS = ("category", "department", "brand", "search")
_OF_A_KIND = 5
_MOST_TIMES = 100.0
"""Larger multiples of the usual are the noise of rare things; they are shown as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """Something that a customer cares for.

    Attributes:
        name: What.
        text: How much, in words.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """What the page shows of a profile.

    Attributes:
        interests: The strongest interests by their kind's heading.
        habits: When, where and how they buy, a sentence each.
        needs: What they will probably buy soon.
        needs_note: What the chances mean.
    """

    interests: Mapping[str, Sequence[Interest]]
    habits: Sequence[str]
    needs: Grid | None
    needs_note: str


def profile_view(profile: Mapping[str, Any], voice: Voice) -> ProfileView:
    """Put a profile into words."""
    interests = {
        voice.say(f"console-profile-kind-{kind}"): [
            _interest(row, voice)
            for row in profile.get("interests") or ()
            if row["kind"] == kind and row["place"] <= _OF_A_KIND
        ]
        for kind in _KINDS
    }
    needs = profile.get("needs") or ()
    return ProfileView(
        interests={heading: listed for heading, listed in interests.items() if listed},
        habits=_habits(profile["habits"], voice) if profile.get("habits") else (),
        needs=_needs(needs, voice) if needs else None,
        needs_note=voice.say("console-profile-needs-note", days=needs[0]["horizon_days"]) if needs else "",
    )


def _interest(row: Mapping[str, Any], voice: Voice) -> Interest:
    times = voice.number(min(row["lift"], _MOST_TIMES), 1)
    text = voice.say("console-profile-weight", share=voice.percent(row["weight"]), times=times)
    return Interest(name=str(row["thing"]), text=text)


def _habits(row: Mapping[str, Any], voice: Voice) -> list[str]:
    told = [
        voice.say(
            "console-profile-when",
            weekday=voice.say(f"console-weekday-{row['weekday']}"),
            weekday_share=voice.percent(row["weekday_share"]),
            part=voice.say(f"console-part-{row['day_part']}"),
            part_share=voice.percent(row["day_part_share"]),
        )
    ]
    if row.get("channel"):
        share = voice.percent(row["channel_share"])
        told.append(voice.say("console-profile-channel", channel=row["channel"], share=share))
    if row.get("usual_gap_days") is not None:
        told.append(voice.say("console-profile-gap", days=voice.number(row["usual_gap_days"], 1)))
    if row.get("usual_spend"):
        lines, spend = voice.number(row["usual_lines"]), voice.money(row["usual_spend"])
        told.append(voice.say("console-profile-basket", lines=lines, spend=spend))
    told.append(voice.say("console-profile-repeat", share=voice.percent(row["repeat_share"])))
    if row.get("price_level") is not None:
        told.append(voice.say("console-profile-price", level=voice.percent(row["price_level"])))
    if row.get("brand_loyalty") is not None:
        told.append(voice.say("console-profile-brand", share=voice.percent(row["brand_loyalty"])))
    return told


def _needs(rows: Sequence[Mapping[str, Any]], voice: Voice) -> Grid:
    headings = ("console-category", "console-profile-chance", "console-profile-cycle", "console-profile-last")
    return Grid(
        caption=voice.say("console-profile-needs"),
        columns=[voice.say(code) for code in headings],
        rows=[
            [
                str(row["category"]),
                voice.share(row["chance"]),
                voice.number(row["cycle_days"], 1),
                voice.number(row["last_days"], 1),
            ]
            for row in rows
        ],
        numeric=frozenset({1, 2, 3}),
    )
