"""Bodies as no client should send them: seeded mutations of real ones, and random JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks._collector import KEY, event
from mindgap.kernel.rng import generator

_VALUES = (
    b"NaN", b"1e999", b"9" * 400, b"18446744073709551616", b"-0", b"null", b"true", b"0.1", b'""', b'" "',
    b'"\\ud800"', b'"\\u0000"', b"{}", b"[]", b"[[[]]]", b'{"a":{"a":1},"a":2}', b"[" * 40 + b"]" * 40,
    b'"' + b"x" * 3_000 + b'"', b'"<script>"', b'{"consent":{"categoryPreferences":5}}', b'[{"userId":1}]',
)  # fmt: skip
_TOKENS = (
    b"NaN", b"-Infinity", b"1e999", b"9" * 400, b"9" * 5_000, b"18446744073709551616", b"-0", b"01", b"null",
    b"true", b'"\\ud800"', b'"\\u0000"', b"\xff\xfe", b"\xef\xbb\xbf", b"{}", b"[]", b"[" * 40, b"[" * 3_000,
    b'{"a":' * 200, b'"' + b"x" * 3_000 + b'"', b",", b":", b"}", b"]", b'"', b"\\", b"\x00", b"\n", b" ",
    b'"userId":5,', b'"messageId":null,', b'"context":{"consent":5},', b'"batch":{},', b'"type":[],',
)  # fmt: skip


def real_bodies(rng: np.random.Generator) -> list[tuple[str, bytes]]:
    """A body of every client's kind, and where it goes."""
    one = event(rng)
    flat = {"api_key": KEY, "event": "$pageview", "distinct_id": "d1", "properties": {"$current_url": "/"}}
    payload = {
        "e": "pv",
        "eid": "6f1c20a9-be00-4000-8000-000000000000",
        "uid": "u1",
        "url": "https://s.example",
    }
    snowplow = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
    consent = {"consent": {"categoryPreferences": {"Advertising": False}}}
    said: list[tuple[str, Any]] = [
        ("/v1/track", one),
        ("/v1/t", {**one, "context": {**one["context"], **consent}}),
        (
            "/v1/batch",
            {"batch": [one, {**one, "messageId": "2"}], "context": consent, "sentAt": "2026-11-22"},
        ),
        (
            "/v1/b",
            {"writeKey": KEY, "batch": [{"type": "identify", "userId": "u1", "traits": {"plan": "pro"}}]},
        ),
        ("/batch/", {"api_key": KEY, "batch": [flat], "sent_at": one["timestamp"]}),
        ("/com.snowplowanalytics.snowplow/tp2", {"schema": snowplow, "data": [payload, payload]}),
    ]
    return [(path, json.dumps(body).encode()) for path, body in said]


def malformed(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Paths and bodies, each new; the same ones for the same seed."""
    rng = generator(seed, "malformed")
    real = real_bodies(rng)
    for _ in range(count):
        path, text = real[rng.integers(len(real))]
        body = bytearray(text)
        mutate = _mutate if rng.random() < 0.4 else _replace_value
        for _ in range(int(rng.integers(1, 4))):
            mutate(rng, body)
        yield path, json.dumps(_anything(rng, 0)).encode() if rng.random() < 0.15 else bytes(body)


def _mutate(rng: np.random.Generator, body: bytearray) -> None:
    """Spoil it somewhere."""
    at = int(rng.integers(len(body) + 1))
    until = min(len(body), at + int(rng.integers(1, 60)))
    match int(rng.integers(4)):
        case 0:
            body[at:until] = rng.bytes(until - at)
        case 1:
            del body[at:until]
        case 2:
            body[at:at] = body[at:until]
        case _:
            body[at:at] = _TOKENS[rng.integers(len(_TOKENS))]


def _replace_value(rng: np.random.Generator, body: bytearray) -> None:
    """Put something else in the place of a member's value."""
    colons = [place.end() for place in re.finditer(rb'": ', body)]
    if not colons:
        return
    start = colons[rng.integers(len(colons))]
    try:
        value = bytes(body[start:]).decode("latin-1")
        end = start + json.JSONDecoder().raw_decode(value)[1]
    except ValueError:
        return
    body[start:end] = _VALUES[rng.integers(len(_VALUES))]


def _anything(rng: np.random.Generator, depth: int) -> Any:
    kind = int(rng.integers(4 if depth > 3 else 6))
    if kind == 0:
        return None
    if kind == 1:
        return float(rng.normal()) * 10.0 ** int(rng.integers(-20, 300))
    if kind == 2:
        return rng.bytes(int(rng.integers(9))).decode("latin-1")
    if kind == 3:
        return bool(rng.integers(2))
    items = [_anything(rng, depth + 1) for _ in range(int(rng.integers(5)))]
    if kind == 4:
        return items
    names = (
        "batch",
        "data",
        "userId",
        "context",
        "messageId",
        "type",
        "consent",
        "properties",
        "writeKey",
        "api_key",
    )
    return {names[rng.integers(len(names))]: item for item in items}
