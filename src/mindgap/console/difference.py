"""What makes a customer different, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mindgap.console.voice import Voice, values_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One way in which a customer differs from the market.

    Attributes:
        text: In words.
        bits: Its part of the difference, formatted.
        more: Whether there is more of it than usual, and not less.
    """

    text: str
    bits: str
    more: bool


def terms_of(rows: Any, voice: Voice, most: int = 5) -> list[Term]:
    """The terms of a difference, largest first as the model gives them, `most` at most."""
    return [_term(row, voice) for row in (values_of(rows) or ())[:most]]


def _term(row: Mapping[str, Any], voice: Voice) -> Term:
    more = float(row["ratio"]) >= 1.0
    text = voice.say(
        "console-term-more" if more else "console-term-less",
        value=str(row["value"]),
        ratio=voice.fixed(row["ratio"], 1),
        share=voice.share(row["share"]),
        market=voice.share(row["market_share"]),
    )
    return Term(text=text, bits=voice.say("console-bits", value=voice.fixed(row["bits"], 2)), more=more)
