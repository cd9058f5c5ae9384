"""A webhook: batches of JSON, signed as Standard Webhooks, sent again with the same id until taken."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from mindgap.backends.targets.public_hosts import Lookup, checked, look_up
from mindgap.kernel.errors import SourceError
from mindgap.store.audience import Audience, Sent

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_TRIES = 5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes audiences.

    Attributes:
        url: The address: https, or a host that is allowed.
        secret: What deliveries are signed with; `whsec_` and Base64, or any text.
        clock: The present in seconds since 1970.
        allowed: Hosts that may be called although they are not public.
        batch_size: Customers a request.
        pause: Waits for so many seconds.
        lookup: The addresses of a host.
        transport: How requests are made; the network by default.
    """

    url: str
    secret: str
    clock: Callable[[], float]
    allowed: frozenset[str] = frozenset()
    batch_size: int = 500
    pause: Callable[[float], None] = time.sleep
    lookup: Lookup = look_up
    transport: httpx.BaseTransport | None = field(default=None)

    def send(self, audience: Audience, /) -> Sent:
        """Send the batches; see `mindgap.store.audience.Target`."""
        endpoint = checked(self.url, allowed=self.allowed, lookup=self.lookup)
        bodies = list(_bodies(audience, self.batch_size))
        # proxies and credentials of the environment would lead elsewhere than to the address that was checked
        with httpx.Client(
            transport=self.transport, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False
        ) as client:
            for number, body in enumerate(bodies, start=1):
                headers = {"host": endpoint.authority, **self._signed(body)}
                request = client.build_request(
                    "POST",
                    endpoint.url,
                    content=body,
                    headers=headers,
                    extensions={"sni_hostname": endpoint.host},
                )
                self._deliver(client, request, f"batch {number} of {len(bodies)}")
        return Sent(customers=audience.customers.num_rows, batches=len(bodies))

    def _signed(self, body: bytes) -> Mapping[str, str]:
        name = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        at = str(int(self.clock()))
        text = f"{name}.{at}.".encode() + body
        signature = base64.b64encode(hmac.digest(_key(self.secret), text, "sha256")).decode()
        return {
            "content-type": "application/json",
            "idempotency-key": name,
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{signature}",
        }

    def _deliver(self, client: httpx.Client, request: httpx.Request, what: str) -> None:
        pause, problem = _FIRST_PAUSE_S, ""
        for attempt in range(_TRIES):
            if attempt:
                self.pause(min(pause, _LONGEST_PAUSE_S))
                pause *= 2
            try:
                answer = client.send(request)
            except httpx.TransportError as error:
                problem = type(error).__name__
                continue
            if answer.is_success:
                return
            problem = f"status {answer.status_code}"
            if answer.status_code not in _AGAIN:
                break
            pause = max(pause, _asked_pause(answer))
        raise SourceError(
            f"The audience was not taken: {what}, {problem}.",
            hint="Batches before it were taken; the same command sends all again, with the same ids.",
        )


def _bodies(audience: Audience, size: int) -> Iterator[bytes]:
    batches = audience.customers.to_batches(max_chunksize=size)
    for number, batch in enumerate(batches, start=1):
        body = {
            "audience": audience.name,
            "purpose": audience.purpose,
            "as_of": audience.as_of.isoformat() + "Z",
            "batch": number,
            "batches": len(batches),
            "customers": batch.to_pylist(),
        }
        yield json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() + "Z" if isinstance(value, datetime) else str(value)


def _asked_pause(answer: httpx.Response) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else 0.0


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, binascii.Error):
            return secret.encode()
    return secret.encode()
