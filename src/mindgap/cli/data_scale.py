"""Volume, velocity, variety and veracity, each as a line of text."""

from collections.abc import Iterator, Mapping
from typing import Any

_MB = 1e6

SOURCE_FIGURES = ("read", "used", "quarantined", "duplicates", "suppressed")
"""The figures of reading a source that the message cli-source tells."""


def scale_lines(scale: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, float]]]:
    """Message codes and figures of what is known of the four."""
    volume, velocity = scale["volume"], scale["velocity"]
    variety, veracity = scale["variety"], scale["veracity"]
    yield "quality-cli-volume", {"rows": volume["rows"], "megabytes": volume["bytes"] / _MB}
    if velocity["rows_a_day"] is not None:
        yield (
            "quality-cli-velocity",
            {
                "rows": velocity["rows_a_day"],
                "events": velocity["events_a_second"],
                "waiting": velocity["waiting_bytes"] / _MB,
            },
        )
    told = {name: variety[name] for name in ("sources", "tables", "properties")}
    yield "quality-cli-variety", {**told, "names": variety["event_names"]}
    if veracity["kept"] is None:
        yield "quality-cli-veracity-unknown", {}
    elif veracity["valid"] is not None:
        yield "quality-cli-veracity", {"valid": veracity["valid"], "kept": veracity["kept"]}
