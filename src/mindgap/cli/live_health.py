"""What `mindgap doctor` looks at where there are live sources."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mindgap.cli.health import check
from mindgap.kernel.clock import now
from mindgap.kernel.errors import MindgapError
from mindgap.workspace import live
from mindgap.workspace.heartbeat import has_worker, read_heartbeat

if TYPE_CHECKING:
    from mindgap.workspace import Workspace

_BACKLOG_BYTES = 200_000_000
_LEAST_FREE_BYTES = 1_000_000_000
_CLOCK_ERROR = timedelta(minutes=1)


def stream_checks(workspace: "Workspace") -> list[dict[str, Any]]:
    """Worker, backlog, log, disk, clock, and what fails; nothing where there are no live sources."""
    records = workspace.stores.streams.records()
    try:
        declared = live.live_sources(workspace)
    except MindgapError as error:
        return [check("mindgap.toml", error.message, ok=False, hint=error.hint)]
    if not declared and not records:
        return []
    failing = [
        check(
            f"source {one.source}", one.error, ok=False, hint="It is tried again by itself; nothing is lost."
        )
        for one in records
        if one.error
    ]
    latest = max((one.received_at for one in records if one.received_at is not None), default=None)
    return [*_worker(workspace), *_log(workspace), _disk(workspace), *_clock(latest), *failing]


def _worker(workspace: "Workspace") -> Iterator[dict[str, Any]]:
    at_work = has_worker(workspace.folder)
    found = "at work" if at_work else "not running"
    hint = "Events are kept in the log. Start mindgap serve, or mindgap source work."
    yield check("worker", found, ok=at_work, hint=hint)
    beat = read_heartbeat(workspace.folder)
    for name, state in (beat.chores if beat else {}).items():
        if state.error:
            yield check(f"worker: {name}", state.error, ok=False, hint="It is tried again by itself.")


def _log(workspace: "Workspace") -> Iterator[dict[str, Any]]:
    stores = workspace.stores
    try:
        consumed = stores.streams.consumed()
        entries = sum(len(some) for _, some in stores.log.read(consumed))
        size = stores.log.size_bytes(consumed)
    except MindgapError as error:
        yield check(
            "log", error.message, ok=False, hint=error.hint or "Keep its files; see docs/operating.md."
        )
        return
    yield check(
        "log",
        f"readable, {size / 1e6:,.1f} MB of {entries:,} deliveries wait",
        ok=size < _BACKLOG_BYTES,
        hint="The worker is behind; see docs/operating.md.",
    )


def _disk(workspace: "Workspace") -> dict[str, Any]:
    free = shutil.disk_usage(workspace.folder).free
    return check(
        "free disk of the workspace",
        f"{free / 1e9:.1f} GB",
        ok=free >= _LEAST_FREE_BYTES,
        hint="Below 256 MB events are refused with status 429 until there is room.",
    )


def _clock(latest: datetime | None) -> Iterator[dict[str, Any]]:
    if latest is not None and latest > now() + _CLOCK_ERROR:
        text = f"the latest event arrived at {latest:%Y-%m-%d %H:%M:%S} UTC, which is yet to come"
        yield check("clock", text, ok=False, hint="The machine's clock went back. Set it by NTP.")
