"""The front of the server: the collector's paths go to the collector, all others to what else is served."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from mindgap.api.collector.application import Collector
from mindgap.api.collector.intake import Intake
from mindgap.api.collector.limits import Failures, Rates
from mindgap.api.collector.metrics import Metrics
from mindgap.api.collector.operating import Operating
from mindgap.api.collector.routes import Routes, wire_endpoints
from mindgap.api.collector.sources import LiveSources
from mindgap.api.serving import Serving
from mindgap.api.sign_in import SignIn
from mindgap.kernel.clock import now
from mindgap.store.accounts import Accounts
from mindgap.store.log import EventLog
from mindgap.store.streams import Streams
from mindgap.workspace.figures import StreamFigures

RENEW_SECONDS = 1.0
OPERATING_PATHS = frozenset({"/metrics", "/healthz", "/readyz"})
_log = logging.getLogger("mindgap.collector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the collector needs of a workspace.

    Attributes:
        folder: The workspace folder, with its mindgap.toml.
        log: Where events are stored.
        streams: Has the write keys.
        accounts: Has the API keys.
    """

    folder: Path
    log: EventLog
    streams: Streams
    accounts: Accounts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Front:
    """The outermost application.

    Attributes:
        collector: Takes events.
        operating: Answers operators.
        other: Serves all other paths.
        sources: Renewed while the server runs.
        log: Closed when it stops.
    """

    collector: Collector
    operating: ASGIApp
    other: ASGIApp
    sources: LiveSources
    log: EventLog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's own beginning and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await self.other(scope, receive, send)
        elif self.collector.serves(scope["path"]):
            await self.collector(scope, receive, send)
        elif scope["path"] in OPERATING_PATHS:
            await self.operating(scope, receive, send)
        else:
            await self.other(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        hurry = asyncio.Event()
        watching = asyncio.create_task(self._keep_fresh(hurry))
        with suppress(NotImplementedError, ValueError, RuntimeError, AttributeError):  # no such signal here
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hurry.set)
        _log.info("serving")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await asyncio.to_thread(self.log.close)
        _log.info("stopped")
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep_fresh(self, hurry: asyncio.Event) -> None:
        """Look for other settings and keys once a second, and at once when told to (SIGHUP)."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(hurry.wait(), RENEW_SECONDS)
            anyway = hurry.is_set()
            hurry.clear()
            await asyncio.to_thread(self.sources.renew, anyway=anyway)


def build_front(
    ports: Ports, *, serving: Serving, other: ASGIApp | None = None, clock: Callable[[], datetime] = now
) -> Front:
    """The application with the collector in it. Nothing is listening yet.

    Args:
        ports: What it needs of a workspace.
        serving: Where it will listen.
        other: Serves all other paths; nothing else is served by default.
        clock: Tells the time, naive UTC.

    Raises:
        SettingsError: A source in mindgap.toml cannot be used.
    """
    sources = LiveSources(ports.folder, ports.streams.write_keys)
    sources.load()
    intake = Intake()
    metrics = Metrics(lambda: intake.waiting_bytes)
    metrics.registry.register(StreamFigures(ports.folder, ports.streams))
    operating = Operating(
        folder=ports.folder,
        metrics=metrics,
        log_bytes=lambda: ports.log.size_bytes(ports.streams.consumed()),
        sign_in=SignIn(ports.accounts),
        serving=serving,
    ).application()
    collector = Collector(
        routes=Routes(wire_endpoints()),
        source_of=sources.source_of,
        append=ports.log.append,
        intake=intake,
        rates=Rates(time.monotonic),
        failures=Failures(time.monotonic),
        metrics=metrics,
        clock=clock,
        scheme="https" if serving.secure else "http",
        trusted_proxy=serving.trusted_proxy,
    )
    return Front(
        collector=collector, operating=operating, other=other or operating, sources=sources, log=ports.log
    )
