"""What became of events whose clocks cannot be right, and of those that are later than the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose
from mindgap.store.state import Access
from mindgap.store.steady import steady

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_END = datetime(9000, 1, 1)
_LATER = """-- one row per source: events that lie at or after the as-of time
select source, count(*) as events, max(occurred_at) as latest_at
from later
where occurred_at >= $as_of
group by source
order by source
"""


def corrected(daily: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Events in the tables whose own clock said a time that cannot be, by source.

    Args:
        daily: Rows of `quality_events`.

    Returns:
        Rows `source`, `said_early` (before 1980), `said_late` (after they arrived); none where all is well.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in daily:
        own = found.setdefault(row["source"], {"source": row["source"], "said_early": 0, "said_late": 0})
        own["said_early"] += row["said_early"]
        own["said_late"] += row["said_late"]
    return [own for _, own in sorted(found.items()) if own["said_early"] or own["said_late"]]


@steady
def later(workspace: "Desk") -> list[dict[str, Any]]:
    """Events that are stored and in no table, because they lie at or after the as-of time, by source.

    Returns:
        Rows `source`, `events`, `latest_at`.
    """
    as_of, stores = workspace.as_of, workspace.stores
    parts = [
        part
        for part in stores.ledger.parts("events")
        if as_of is not None and part.max_time is not None and part.max_time >= as_of
    ]
    if not parts:
        return []
    try:
        events = workspace.reader().relation("events", purpose=Purpose.ANALYTICS, as_of=_END)
    except CannotSay:
        return []
    paths = [stores.files.path(path) for path in dict.fromkeys(part.path for part in parts)]
    with stores.lookups.session({"later": replace(events, paths=paths)}) as session:
        found = session.table(_LATER, parameters={"as_of": as_of})
    reading = Access(at=now(), actor=workspace.actor, purpose=Purpose.ANALYTICS, table="events")
    stores.access.add([reading])
    return found.to_pylist()
