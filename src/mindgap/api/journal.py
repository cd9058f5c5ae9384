"""The access log: what was asked for and how it ended, without addresses' variable parts or queries."""

import logging
import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("mindgap.access")


@dataclass(frozen=True, slots=True)
class Journal:
    """Logs one line per request.

    Attributes:
        app: What is inside.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        start = time.perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            spent_ms = 1000 * (time.perf_counter() - start)
            _log.info("%s %s %d %.0f ms", scope["method"], route_of(scope), status, spent_ms)


def route_of(scope: Scope) -> str:
    """The path with its variable parts replaced by their names; paths that match no route are not told.

    >>> route_of({"path": "/customers/x1", "path_params": {"reference": "x1"}, "endpoint": print})
    '/customers/{reference}'
    """
    if "endpoint" not in scope:
        return "-"
    path = str(scope["path"])
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), "{" + name + "}")
    return path
