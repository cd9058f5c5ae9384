"""Events of a workspace: from the log to the lake, tried again after a fix, kept as long as they may be."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from mindgap.collect.events.messages import Reading, reading
from mindgap.collect.events.stream_options import EVENT_KINDS, StreamOptions
from mindgap.collect.events.strict import Fault
from mindgap.collect.events.tracking_plan import TrackingPlan, read_plan
from mindgap.kernel.clock import now
from mindgap.kernel.errors import BusyError, MindgapError, SettingsError
from mindgap.kernel.settings import read_settings
from mindgap.loop import compaction
from mindgap.loop.retention import forget_old_events
from mindgap.loop.sorting import Readings
from mindgap.store.streams import Tally
from mindgap.workspace import forgotten_list, live
from mindgap.workspace.keeping import retention

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

NO_SOURCE, BAD_SETTINGS = "no-source", "bad-settings"
"""Reasons of messages whose source is not in mindgap.toml any more, or has options that cannot be used."""
_SECONDS_TO_WAIT = 30


def compact(workspace: "Desk") -> Tally:
    """Bring what arrived into the table `events`; returns what became of it.

    Raises:
        BusyError: Another process has been at it for half a minute.
        StorageError: The disk is full; what arrived stays in the log.
    """
    how = readings(workspace)
    with _lake(workspace):
        became = compaction.compact(workspace.stores, how, at=now())
        if became.suppressed:
            forgotten_list.catch_up(workspace)
    return became


def tidy(workspace: "Desk") -> None:
    """Let go events that are too old, and make few files of many small ones.

    Raises:
        BusyError: Another process has been at the lake for half a minute.
    """
    with _lake(workspace):
        forget_old_events(workspace.stores, retention(workspace))
        compaction.tidy(workspace.stores, _kept_days(workspace, readings(workspace)), at=now())


def replay(workspace: "Desk", source: str | None = None) -> Tally:
    """Try again what is set aside, by the rules as they are now; returns what became of it.

    Raises:
        UnknownError: No source of that name ever delivered or is declared.
        BusyError: Another process has been at the lake for half a minute.
    """
    if source is not None and source not in {one.source for one in workspace.stores.streams.records()}:
        live.live_source(workspace, source)
    with _lake(workspace):
        return compaction.replay(workspace.stores, readings(workspace), source=source, at=now())


def readings(workspace: "Desk") -> Readings:
    """How the messages of each source are read by mindgap.toml as it is now.

    A source that cannot be read hinders no other: its messages are set aside until mindgap.toml is right.
    """
    declared = live.live_sources(workspace)
    region = read_settings(workspace.folder).identity.region

    @cache
    def of(source: str) -> Reading | Fault:
        if source not in declared or declared[source].kind not in EVENT_KINDS:
            return Fault(NO_SOURCE)
        try:
            options = live.stream_options_of(workspace, source)
            return reading(
                options, _plan(workspace, options), region=region, identity_secret=_identity_secret(options)
            )
        except MindgapError:
            return Fault(BAD_SETTINGS)

    return of


def _identity_secret(options: StreamOptions) -> str:
    """The secret under which user ids are signed; empty where they are not.

    Raises:
        SettingsError: The environment lacks it.
    """
    variable = options.identity_secret_env
    found = os.environ.get(variable, "")
    if variable and not found:
        raise SettingsError(
            f"The environment has no variable {variable}, which is to hold the secret that signs user ids.",
            hint="Set it where Mindgap is started.",
        )
    return found if variable else ""


def _plan(workspace: "Desk", options: StreamOptions) -> TrackingPlan:
    return read_plan(workspace.folder / options.plan) if options.plan else TrackingPlan()


def _kept_days(workspace: "Desk", how: Readings) -> Mapping[str, int]:
    """For how many days events are kept, by source; those of others are kept for good."""
    found = {name: how(name) for name in live.live_sources(workspace)}
    days = {name: one.options.retention_days for name, one in found.items() if isinstance(one, Reading)}
    return {name: count for name, count in days.items() if count is not None}


def _lake(workspace: "Desk") -> AbstractContextManager[None]:
    """Hold the lake for writing."""
    busy = BusyError(
        f"Another mindgap process is bringing in events in {workspace.folder}.",
        hint="Wait until it has finished, or stop it; nothing is lost.",
    )
    return workspace.held("lake.lock", wait_s=_SECONDS_TO_WAIT, busy=busy)
