"""Webhooks: `POST /webhook/v1/{key}`, signed by the sender, its payload mapped to messages.

A delivery that is sent again carries the same message ids: those of the payload, or else the sender's id of
the delivery, or else the hash of what was sent. So a replay within the tolerance is a duplicate.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec

from mindgap.collect.connector import Clock
from mindgap.collect.connectors.webhook import OPTIONS, secret
from mindgap.collect.events.delivery import Answer, Delivery, Endpoint, Rejected, Request, SourceOf
from mindgap.collect.events.payloads import PayloadMap, messages, payload_map, with_id
from mindgap.collect.events.signatures import Scheme, Signed, is_genuine, is_timed, sent_at
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError

_HASHED = 32
_LONGEST_CHALLENGE = 200


class _Webhook(NamedTuple):
    """A source's options, worked out once."""

    how: Scheme
    mapped: PayloadMap


def read(request: Request, source_of: SourceOf, *, clock: Clock) -> Delivery:
    """What a webhook delivers."""
    source = source_of(request.path_params["key"])
    if not isinstance(source.options, OPTIONS):
        raise Rejected(404, "no-webhook", "This key is of no webhook.")
    options = source.options
    try:
        known = _worked_out(source.name, msgspec.json.encode(options))
        variables = filter(None, (options.secret_env, options.previous_secret_env))
        good = [secret(variable) for variable in variables]
    except SettingsError as error:
        raise Rejected(503, "not-set-up", f"{error.message} {error.hint}") from error
    url = _address(request, options.address)
    signed = Signed(headers=request.headers, body=request.body, method=request.method, url=url)
    if not is_genuine(known.how, signed, secrets=good):
        raise Rejected(401, "bad-signature", "The signature is not that of this body and secret.")
    _refuse_old(known.how, request, clock=clock, tolerance=timedelta(seconds=options.tolerance_s))
    if not request.body.strip():
        raise Rejected(400, "empty", "The body is empty.")
    found = messages(request.body, known.mapped)
    return Delivery(source, named(found, _delivery_id(known.how, request)))


def greet(request: Request, source_of: SourceOf) -> Delivery:
    """The sender asks whether we are there and mean it (`hub.challenge`)."""
    source = source_of(request.path_params["key"])
    options = source.options
    shown = request.query.get("hub.verify_token", "").encode()
    try:
        token = secret(options.verify_env) if isinstance(options, OPTIONS) and options.verify_env else ""
    except SettingsError as error:
        raise Rejected(503, "not-set-up", f"{error.message} {error.hint}") from error
    if not token or not hmac.compare_digest(shown, token.encode()):
        raise Rejected(401, "bad-token", "The verify token is not the one agreed upon.")
    return Delivery(source)


def challenge(request: Request) -> Answer:
    """What the sender wants to hear back: its own challenge."""
    said = request.query.get("hub.challenge", "")
    harmless = said.isascii() and said.replace("-", "").replace("_", "").isalnum()
    return Answer(said[:_LONGEST_CHALLENGE].encode() if harmless else b"", "text/plain")


@lru_cache(maxsize=256)
def _worked_out(source: str, options: bytes) -> _Webhook:
    said = msgspec.json.decode(options, type=OPTIONS)
    return _Webhook(said.signed_by(), payload_map(source, said.map, preset=said.preset))


def _refuse_old(how: Scheme, request: Request, *, clock: Clock, tolerance: timedelta) -> None:
    if not is_timed(how):
        return
    moment = sent_at(how, request.headers)
    if moment is None or abs(clock() - moment) > tolerance:
        raise Rejected(400, "stale", "It was signed too long ago, or its clock is wrong. Send it anew.")


def _address(request: Request, said: str) -> str:
    """The address that the sender called, for schemes that sign it."""
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    found = f"{request.scheme}://{request.headers.get('host', '')}{request.path}"
    return said or found + (f"?{query}" if query else "")


def _delivery_id(how: Scheme, request: Request) -> str:
    """The sender's own name of the delivery, or a hash of what it sent."""
    said = request.headers.get(how.id_header, "") if how.id_header else ""
    return said[: _HASHED * 2] or hashlib.sha256(request.body).hexdigest()[:_HASHED]


def named(found: Sequence[bytes], delivery_id: str) -> list[bytes]:
    """The same messages, each with a message id.

    >>> named([b'{"event":"A"}', b'{"messageId":"m1"}'], "d1")
    [b'{"messageId":"d1:0","event":"A"}', b'{"messageId":"m1"}']
    """
    return [with_id(message, f"{delivery_id}:{nth}") for nth, message in enumerate(found)]


ENDPOINTS = (
    Endpoint("POST", "/webhook/v1/{key}", partial(read, clock=now), private=True),
    Endpoint("GET", "/webhook/v1/{key}", greet, challenge, private=True),
)
