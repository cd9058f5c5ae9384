"""What operators ask: is it alive, is it ready, how much. For machines, not for visitors."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mindgap.api.collector.metrics import MEDIA_TYPE, Metrics
from mindgap.api.problems import problem, problem_response
from mindgap.api.serving import Serving, is_loopback
from mindgap.api.sign_in import SignIn
from mindgap.store.accounts import Scope

FREE_BYTES = 64_000_000
"""With less room on the disk the collector is not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """The answers to operators.

    Attributes:
        folder: Where the log lies.
        metrics: Counts.
        log_bytes: How much lies in the log; it may be slow.
        sign_in: Judges API keys.
        serving: Where the server listens.
    """

    folder: Path
    metrics: Metrics
    log_bytes: Callable[[], int]
    sign_in: SignIn
    serving: Serving

    def application(self) -> Starlette:
        """The application of these answers."""
        return Starlette(
            routes=[
                Route("/metrics", self.measure),
                Route("/healthz", self.alive),
                Route("/readyz", self.ready),
            ],
            exception_handlers={404: _nothing_here, 405: _nothing_here},
        )

    def alive(self, _request: Request) -> Response:
        """Whether the process lives."""
        return _json({"alive": True})

    def ready(self, _request: Request) -> Response:
        """Whether there is room to store events."""
        ready = shutil.disk_usage(self.folder).free >= FREE_BYTES
        return _json({"ready": ready}, 200 if ready else 503)

    async def measure(self, request: Request) -> Response:
        """The counts, for this machine itself or with an API key of the right to read."""
        if not self._is_own(request) and not await run_in_threadpool(self._may_read, request):
            message = "Show an API key with the right “read”, or ask from this machine."
            return problem_response(problem(401, "sign-in", message), {"WWW-Authenticate": "Bearer"})
        text = await run_in_threadpool(lambda: self.metrics.text(self.log_bytes()))
        return Response(text, media_type=MEDIA_TYPE)

    def _is_own(self, request: Request) -> bool:
        """Whether this machine asks by its own name; a page that got itself a name for it does not count."""
        if self.serving.trusted_proxy is not None or request.client is None:
            return False
        host = request.headers.get("host", "").rpartition(":")[0].strip("[]")
        return is_loopback(request.client.host) and is_loopback(host)

    def _may_read(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        key = self.sign_in.key(shown) if shown else None
        return key is not None and Scope.READ in key.scopes


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


def _nothing_here(_request: Request, _error: Exception) -> Response:
    return problem_response(problem(404, "not-found", "There is nothing here."), {})
