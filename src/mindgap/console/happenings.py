"""What happened with a customer on every channel, as a table for people."""

from collections.abc import Sequence

from mindgap.console.blocks import Grid
from mindgap.console.visit import Visit
from mindgap.console.voice import NONE, Voice
from mindgap.kernel.words import happening_words
from mindgap.workspace.face import Happening

_SHOWN = 25
_COLUMNS = ("timeline-when", "timeline-what", "timeline-where", "timeline-about", "console-customer-amount")


def happenings(visit: Visit, customer_id: str) -> Grid | None:
    """The latest things that happened; None when there is nothing to tell."""
    found = visit.workspace.timeline(customer_id, limit=_SHOWN)
    return _grid(found, visit.voice) if found else None


def _grid(found: Sequence[Happening], voice: Voice) -> Grid:
    return Grid(
        caption=voice.say("timeline-caption", n=len(found)),
        columns=[voice.say(code) for code in _COLUMNS],
        rows=[
            [
                voice.moment(one.at),
                _what(one, voice),
                one.channel or one.source,
                one.text or one.order_id or one.product_id or one.campaign_id or one.url or NONE,
                voice.money(one.amount) if one.amount is not None else NONE,
            ]
            for one in found
        ],
        numeric=frozenset({4}),
    )


def _what(one: Happening, voice: Voice) -> str:
    kind = voice.say(f"timeline-{one.kind}")
    name = happening_words(one.kind, one.name, voice.language)
    return voice.say("timeline-named", kind=kind, name=name) if name else kind
