"""How good the data is: what was dropped and why, the figures of quality, and how much data there is."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mindgap.kernel.clock import now
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import CANONICAL, EVENTS
from mindgap.loop.conversion import is_converted
from mindgap.process.cleaning import RULES
from mindgap.workspace import clocks

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

_EPOCH = date(1970, 1, 1)
_NOTICE_DAYS = 28
_WEEK_DAYS = 7
_COUNTS = {"orders": "quality_orders", "exposures": "quality_exposures", "feedback": "quality_feedback",
           "events": "quality_events"}  # fmt: skip
_DAY_S = 86_400
_CLOCKS = ("source", "said_early", "said_late")
Row = dict[str, Any]


def quality(workspace: "Desk") -> dict[str, Any]:
    """What was dropped, the figures, what is worth a word, and how much data there is.

    Returns:
        `rules`: every rule with what it dropped; `figures`: each of its last day, with its history;
        `notices`: figures of the last 28 days that are not well, worst first; `scale`: see `scale`;
        `clocks`: events that said a time that cannot be, by source; `later`: events that are stored and lie
        at or after the as-of time, by source; `reasons`: why there is none of it.
    """
    reasons: list[Row] = []

    def rows(table: str) -> list[Row]:
        try:
            return workspace.table(table, purpose=Purpose.OPERATIONS).to_pylist()
        except CannotSay as answer:
            reasons.append({"code": answer.code, "params": dict(answer.params)})
            return []
        except UnknownError:
            return []

    figures = [_readable(row) for row in rows("quality")]
    return {
        "as_of": workspace.as_of,
        "rules": rule_states(workspace, rows("dropped_summary")),
        "figures": _latest(figures),
        "notices": _notices(figures),
        "scale": scale(workspace),
        "clocks": clocks.corrected(_table(workspace, "quality_events", _CLOCKS)),
        "later": clocks.later(workspace),
        "reasons": reasons,
    }


def rules_of(workspace: "Desk") -> list[Row]:
    """Every cleaning rule, and what it dropped where something was run already."""
    return rule_states(workspace, _table(workspace, "dropped_summary"))


def rule_states(workspace: "Desk", summary: Iterable[Row]) -> list[Row]:
    """Every cleaning rule: whether it is on, its figures, what it dropped of which source, and examples."""
    (settings,) = workspace.stores.given["cleaning"]().to_pylist()
    found: dict[str, list[Row]] = defaultdict(list)
    for row in summary:
        found[row["rule"]].append(row)
    states: list[Row] = []
    for rule in RULES:
        column = rule.code.replace("-", "_")
        own = found[rule.code]
        by_source = {row["source"]: row["n"] for row in own if row["nth"] == 1}
        states.append(
            {
                "rule": rule.code,
                "table": rule.table,
                "is_on": settings[column],
                "options": {name: settings[f"{column}_{name.replace('-', '_')}"] for name in rule.options},
                "dropped": sum(by_source.values()),
                "by_source": by_source,
                "examples": [
                    {"source": row["source"], "row_id": row["row_id"], "at": row["happened_at"]}
                    for row in own
                ],
            }
        )
    return states


def _readable(row: Row) -> Row:
    return {**row, "day": _EPOCH + timedelta(days=row["day"]), "params": json.loads(row["params"])}


def _latest(figures: Sequence[Row]) -> list[Row]:
    """Each figure's last day; what changed of a single day, such as a type, is a notice only."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in figures:
        if not row["about"].startswith("properties:"):
            found[row["table_name"], row["source"], row["dimension"], row["about"]].append(row)
    latest: list[Row] = []
    for own in found.values():  # newest first
        history = [[one["day"], one["value"]] for one in reversed(own)]
        latest.append({**own[0], "history": history})
    return latest


def _notices(figures: Sequence[Row]) -> list[Row]:
    """What is not well: of each figure the newest such day, within the last 28."""
    if not figures:
        return []
    since = max(row["day"] for row in figures) - timedelta(days=_NOTICE_DAYS)
    seen: dict[tuple[str, ...], Row] = {}
    for row in figures:
        if row["status"] in {"warn", "bad"} and row["day"] > since:
            key = (row["table_name"], row["source"], row["dimension"], row["about"], row["code"])
            seen.setdefault(key, row)
    return sorted(
        seen.values(), key=lambda row: (row["status"] != "bad", -row["day"].toordinal(), row["about"])
    )


def scale(workspace: "Desk") -> dict[str, Any]:
    """Volume, velocity, variety and veracity, each in figures.

    Returns:
        volume: `rows` that sources sent, and `bytes` of the canonical tables; velocity: `rows_a_day` and
        `events_a_second` over the last seven days, `waiting_bytes` of the log, `behind_s` since the latest
        message; variety: `sources`, `tables`, `event_names`, `properties`; veracity: `valid`, the share of
        what was read that could be used, and `kept`, the share of rows that no rule dropped. None where
        nothing is known.
    """
    stores = workspace.stores
    parts = {name: stores.ledger.parts(name) for name in CANONICAL}
    rows = sum(part.rows for own in parts.values() for part in own)
    sent = sum(part.rows for own in parts.values() for part in own if not is_converted(part.source))
    paths = {part.path for own in parts.values() for part in own}
    read, lost = _read(workspace)
    dropped = _dropped(workspace)
    said = {(row["source"], row["about"], row["value"]) for row in _event_values(workspace)}
    daily = _daily_rows(workspace)
    sources = {part.source for own in parts.values() for part in own if not is_converted(part.source)}
    return {
        "volume": {"rows": sent, "bytes": sum(_bytes(workspace, path) for path in paths)},
        "velocity": {
            "rows_a_day": sum(daily.values()) / _WEEK_DAYS if daily else None,
            "events_a_second": daily.get(EVENTS.name, 0) / _WEEK_DAYS / _DAY_S if daily else None,
            "waiting_bytes": stores.log.size_bytes(stores.streams.consumed()),
            "behind_s": _behind_s(workspace),
        },
        "variety": {
            "sources": len(sources),
            "tables": sum(1 for own in parts.values() if own),
            "event_names": len({value for _, about, value in said if about == "name"}),
            "properties": len({about for _, about, _ in said if about.startswith("properties:")}),
        },
        "veracity": {
            "valid": (read - lost) / read if read else None,
            "kept": max(0.0, 1 - dropped / rows) if rows and dropped is not None else None,
        },
    }


def _table(workspace: "Desk", name: str, columns: Sequence[str] = ()) -> list[Row]:
    return _built(workspace, name, columns) or []


def _built(workspace: "Desk", name: str, columns: Sequence[str]) -> list[Row] | None:
    """The rows of a table; None where the last run did not build it."""
    with suppress(CannotSay, UnknownError):
        return workspace.table(name, purpose=Purpose.OPERATIONS, columns=columns).to_pylist()
    return None


def _dropped(workspace: "Desk") -> int | None:
    """Rows that rules dropped at the last run; None where none has looked yet."""
    rows = _built(workspace, "dropped_summary", ["nth", "n"])
    return None if rows is None else sum(row["n"] for row in rows if row["nth"] == 1)


def _event_values(workspace: "Desk") -> list[Row]:
    return _table(workspace, "quality_event_values", ["source", "about", "value"])


def _read(workspace: "Desk") -> tuple[int, int]:
    """Rows that were read of all sources, and those that were set aside."""
    records = workspace.stores.given["source_records"]().to_pylist()
    return sum(row["rows_read"] for row in records), sum(row["rows_quarantined"] for row in records)


def _daily_rows(workspace: "Desk") -> Mapping[str, int]:
    """Rows of the last seven days that have any, by table."""
    counts = {table: _table(workspace, name, ["day", "n_rows"]) for table, name in _COUNTS.items()}
    days = [row["day"] for own in counts.values() for row in own if row["day"] is not None]
    first = max(days, default=0) - _WEEK_DAYS
    found = {
        table: sum(row["n_rows"] for row in own if row["day"] is not None and row["day"] > first)
        for table, own in counts.items()
    }
    return {table: rows for table, rows in found.items() if rows}


def _behind_s(workspace: "Desk") -> float | None:
    """Seconds since the latest message of any live source; None without one."""
    times = [one.received_at for one in workspace.stores.streams.records() if one.received_at is not None]
    return (now() - max(times)).total_seconds() if times else None


def _bytes(workspace: "Desk", path: str) -> int:
    with suppress(OSError):
        return workspace.stores.files.path(path).stat().st_size
    return 0
