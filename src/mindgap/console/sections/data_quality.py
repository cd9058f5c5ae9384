"""What was read, what was used, what was set aside; how fresh it all is."""

from collections.abc import Mapping, Sequence
from typing import Any

from mindgap.console.blocks import Grid, Section
from mindgap.console.voice import Voice
from mindgap.workspace.face import Workspace


def tell(workspace: Workspace, voice: Voice) -> Section:
    """Sources with their counts, and every table that cannot be said."""
    status = workspace.status()
    sources = list(status.get("sources") or ())
    read = sum(int(row["read"]) for row in sources)
    used = sum(int(row["used"]) for row in sources)
    return Section(
        key="data-quality",
        title=voice.say("console-data-quality-title"),
        lead=voice.say(
            "console-data-quality-lead",
            sources=len(sources),
            read=voice.number(read),
            used=voice.percent(used / read if read else None, 2),
        ),
        grids=[source_grid(sources, voice)] if sources else [],
        missing=unsaid(status, voice),
    )


def source_grid(sources: Sequence[Mapping[str, Any]], voice: Voice) -> Grid:
    """Sources: read = used + quarantined + duplicates."""
    names = ("source", "table", "read", "used", "quarantined", "duplicates", "read-at")
    return Grid(
        caption=voice.say("console-sources-caption"),
        columns=[voice.say(f"console-sources-{name}") for name in names],
        rows=[
            [
                voice.source(row["name"]),
                voice.name("table", str(row["table"])),
                *(voice.number(row[count]) for count in ("read", "used", "quarantined", "duplicates")),
                voice.moment(row.get("read_at")),
            ]
            for row in sources
        ],
        numeric=frozenset({2, 3, 4, 5}),
    )


def unsaid(status: Mapping[str, Any], voice: Voice) -> list[str]:
    """What the data does not allow, one sentence for each reason."""
    by_reason: dict[str, list[str]] = {}
    for row in status.get("tables") or ():
        if row.get("reason"):
            by_reason.setdefault(voice.reason(row["reason"]), []).append(
                voice.name("table", str(row["name"]))
            )
    return [
        voice.say("console-unsaid", reason=reason, tables=voice.listed(tables))
        for reason, tables in by_reason.items()
    ]
