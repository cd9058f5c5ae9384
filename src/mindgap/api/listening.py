"""Listening: an ASGI application on an address, until told to stop."""

import gc
import ssl
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp

from mindgap.api.serving import Serving

if TYPE_CHECKING:
    import asyncio

CONNECTIONS = 2_000
"""More at a time are answered with 503 at once."""

GRACE_SECONDS = 20
_OPEN_FILES = 16_384


def listen(app: ASGIApp, serving: Serving) -> None:
    """Serve until Ctrl-C or SIGTERM; what is in progress then is finished first."""
    _allow_connections()
    gc.collect()
    gc.freeze()  # what is loaded stays; looking through it for garbage again and again delays answers
    uvicorn.Server(configuration(app, serving)).run()


def configuration(app: ASGIApp, serving: Serving) -> uvicorn.Config:
    """How uvicorn is to serve; nothing of a request reaches its logs."""
    return uvicorn.Config(
        app,
        host=serving.host,
        port=serving.port,
        http=_protocol(),
        ws="none",
        lifespan="auto",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=serving.certificate,
        ssl_keyfile=serving.private_key,
        ssl_context_factory=_at_least_tls_1_2 if serving.tls else None,
    )


def _protocol() -> "type[asyncio.Protocol] | str":
    """HTTP by httptools; where that is not to be had (Windows), as uvicorn does it by itself."""
    if find_spec("httptools") is None:
        return "auto"
    from mindgap.api.protocol import GuardedProtocol  # noqa: PLC0415 - needs httptools

    return GuardedProtocol


def _allow_connections() -> None:
    """Raise the number of open files to what the system allows; the usual 1,024 is less than CONNECTIONS."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _at_least_tls_1_2(_config: uvicorn.Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context: Any = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
