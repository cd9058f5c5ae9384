"""The collector as an ASGI application: a request in, an answer out, in between the log.

It is no Starlette application: Starlette's request and response objects would cost more than all the rest.
"""

import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from mindgap.api.collector.answers import Header, Response, for_origin, preflight, refusal, success
from mindgap.api.collector.intake import Gone, Hold, Intake
from mindgap.api.collector.limits import Failures, Rates
from mindgap.api.collector.metrics import Metrics
from mindgap.api.collector.routes import NO_PARAMS, Place, Routes
from mindgap.collect.events.delivery import Delivery, Endpoint, Rejected, Request, SourceOf
from mindgap.collect.events.door import entry
from mindgap.kernel.errors import OverloadError, StorageError
from mindgap.store.log import Entry

_UNAUTHORIZED = 401
_MOST_PARAMS = 1_000
_OPTED_OUT = (b"sec-gpc", b"1")
_log = logging.getLogger("mindgap.collector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Takes what event clients send.

    Attributes:
        routes: What is served.
        source_of: The source of a write key.
        append: Stores an entry durably.
        intake: Reads bodies.
        rates: Events a second, by source.
        failures: Wrong keys, by address.
        metrics: Counts.
        clock: Tells the time, naive UTC.
        scheme: http or https, as clients reach us.
        trusted_proxy: The only address that may connect, where a proxy stands in front.
    """

    routes: Routes
    source_of: SourceOf
    append: Callable[[Entry], Awaitable[None]]
    intake: Intake
    rates: Rates
    failures: Failures
    metrics: Metrics
    clock: Callable[[], datetime]
    scheme: str = "http"
    trusted_proxy: str | None = None

    def serves(self, path: str) -> bool:
        """Whether a path is the collector's."""
        return self.routes.find(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = time.perf_counter()
        place = self.routes.find(scope["path"]) or Place({})
        asked = _Asked(scope, receive, _first_of_each(scope["headers"]), place)
        endpoint = place.methods.get(scope["method"])
        try:
            response = await self._response(asked, endpoint)
        except Gone:
            return
        headers = [*response.headers, *_for_browser(asked)]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
        route = "-" if endpoint is None else endpoint.path
        self.metrics.answered(route, response.status, time.perf_counter() - begun)

    async def _response(self, asked: "_Asked", endpoint: Endpoint | None) -> Response:
        hold = Hold(self.intake)
        try:
            if endpoint is None:
                return _elsewhere(asked)
            return await self._take(asked, endpoint, hold)
        except Rejected as rejected:
            return refusal(rejected, close=not hold.whole)
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            # where it happened without what it said: messages of libraries may hold customers' data
            frames = traceback.format_tb(error.__traceback__)
            _log.error("fault", extra={"fields": {"error": type(error).__name__, "frames": frames}})
            return refusal(Rejected(500, "internal", "This is a fault of ours."), close=True)
        finally:
            hold.release()

    async def _take(self, asked: "_Asked", endpoint: Endpoint, hold: Hold) -> Response:
        scope, headers = asked.scope, asked.headers
        address = self._address(scope)
        self.failures.check(address)
        if endpoint.private and "origin" in headers:
            raise _foreign()
        request = Request(
            method=endpoint.method,
            path=scope["path"],
            path_params=asked.place.params,
            query=_query(scope["query_string"]),
            headers=headers,
            body=b"" if endpoint.method == "GET" else await self._body(asked, hold),
            scheme=self.scheme,
        )
        delivery = self._delivery(endpoint, request, address)
        _check_origin(delivery, headers)
        if delivery.messages:
            await self._store(delivery, opted_out=_OPTED_OUT in scope["headers"])
        return success(endpoint.answer(request))

    async def _body(self, asked: "_Asked", hold: Hold) -> bytes:
        self.intake.check(asked.headers.get("content-length", ""))
        packed = await self.intake.read(asked.receive, hold)
        self.metrics.read(len(packed))
        return self.intake.unpack(packed, asked.headers.get("content-encoding", ""), hold)

    def _delivery(self, endpoint: Endpoint, request: Request, address: str) -> Delivery:
        try:
            return endpoint.read(request, self.source_of)
        except Rejected as rejected:
            if rejected.status == _UNAUTHORIZED and rejected.code != "no-key":
                self.failures.note(address)
            raise

    async def _store(self, delivery: Delivery, *, opted_out: bool) -> None:
        kept = entry(delivery, received_at=self.clock(), opted_out=opted_out)
        self.rates.take(delivery.source, len(delivery.messages))
        try:
            await self.append(kept)
        except OverloadError as error:
            raise Rejected(
                429,
                "overload",
                "More arrives than can be stored. Send it again later.",
                retry_after_s=error.retry_after_s,
            ) from error
        except StorageError as error:
            raise Rejected(
                503, "not-stored", "Nothing can be stored. Send it again later.", retry_after_s=5
            ) from error
        self.metrics.stored(delivery.source.name, events=len(kept.messages), refused=kept.refused)

    def _address(self, scope: Scope) -> str:
        """The client's address; behind a proxy it is what the proxy appended to X-Forwarded-For."""
        client = scope.get("client")
        peer = client[0] if client else ""
        if self.trusted_proxy is None:
            return peer
        if peer != self.trusted_proxy:
            raise Rejected(403, "past-proxy", "Come through the proxy.")
        return forwarded_for(scope["headers"]) or peer


class _Asked(NamedTuple):
    """What was asked for."""

    scope: Scope
    receive: Receive
    headers: Mapping[str, str]
    place: Place


def forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The last address in X-Forwarded-For, the one that our own proxy wrote; nothing where there is none.

    >>> forwarded_for([(b"x-forwarded-for", b"spoofed, 192.0.2.1")])
    '192.0.2.1'
    """
    values = [value for name, value in headers if name == b"x-forwarded-for"]
    return values[-1].rpartition(b",")[2].strip().decode("latin-1") if values else ""


def _first_of_each(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)}


def _query(text: bytes) -> Mapping[str, str]:
    if not text:
        return NO_PARAMS
    try:
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMS)
    except ValueError as error:
        raise Rejected(400, "bad-query", "The query cannot be read.") from error
    return dict(reversed(pairs))


def _elsewhere(asked: _Asked) -> Response:
    """The response where no endpoint takes the request."""
    methods = asked.place.methods
    if not methods:
        return refusal(Rejected(404, "not-found", "There is nothing here."), close=True)
    if asked.scope["method"] == "OPTIONS" and not _is_private(asked.place):
        return preflight()
    return refusal(Rejected(405, "wrong-method", f"Use {' or '.join(methods)}."), close=True)


def _for_browser(asked: _Asked) -> Iterable[Header]:
    origin = asked.headers.get("origin", "")
    readable = origin.isascii() and origin.isprintable() and not _is_private(asked.place)
    return for_origin(origin.encode()) if origin and readable else ()


def _is_private(place: Place) -> bool:
    return any(endpoint.private for endpoint in place.methods.values())


def _check_origin(delivery: Delivery, headers: Mapping[str, str]) -> None:
    allowed = delivery.source.options.origins
    if allowed and headers.get("origin", allowed[0]) not in allowed:
        raise _foreign()


def _foreign() -> Rejected:
    return Rejected(403, "foreign-origin", "Pages of this origin may not send here.")
