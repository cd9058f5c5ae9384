"""How many events a second are durably stored, beside an endpoint of the same server that stores nothing.

Load comes from wrk (Debian package `wrk`) on the same machine: `python -m benchmarks.collect_throughput`.
`--seconds 3` is a short look.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Receive, Scope, Send

from benchmarks import report
from benchmarks._collector import ADDRESS, KEY, PORT, collect_command, cpu_s, event, make_workspace, running
from mindgap.api.listening import listen
from mindgap.api.serving import Serving
from mindgap.kernel.rng import generator

BODIES = 64
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
SCRIPT = """
local bodies, at = {{}}, 0
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {key}"
wrk.headers["Content-Type"] = "application/json"
function init(args)
  for number = 1, {count} do
    local file = io.open("{folder}/" .. number .. ".json", "rb")
    bodies[number] = wrk.format(nil, nil, nil, file:read("*a"))
    file:close()
  end
end
function request()
  at = at % {count} + 1
  return bodies[at]
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """A kind of load.

    Attributes:
        name: What to call it.
        path: Where it is sent.
        events: Events a request.
        connections: How many clients send at a time.
    """

    name: str
    path: str
    events: int
    connections: int


LOADS = (
    Load("batches of 100", "/v1/batch", 100, 16),
    Load("single events", "/v1/track", 1, 64),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a server did under load; times in ms, processor time in us."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    failed: int


def body(load: Load, number: int) -> str:
    rng = generator(number, load.name)
    if load.events == 1:
        return json.dumps(event(rng))
    batch = [event(rng) for _ in range(load.events)]
    return json.dumps({"batch": batch, "sentAt": "2026-11-22T20:15:32.000Z"})


def script(load: Load, folder: Path) -> Path:
    """A script by which wrk sends one body after the other."""
    folder.mkdir()
    for number in range(1, BODIES + 1):
        (folder / f"{number}.json").write_text(body(load, number), "utf-8")
    file = folder / "load.lua"
    file.write_text(SCRIPT.format(key=KEY, count=BODIES, folder=folder), "utf-8")
    return file


async def no_op(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and answers 200."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"success":true}'})


def measure(pid: int, load: Load, file: Path, *, seconds: int) -> Measured:
    wrk = ["wrk", "-t1", f"-c{load.connections}", "--latency", "-s", str(file)]
    url = ADDRESS + load.path
    subprocess.run([*wrk, "-d1s", url], check=True, capture_output=True)  # warm up
    before = cpu_s(pid)
    said = subprocess.run([*wrk, f"-d{seconds}s", url], check=True, capture_output=True, text=True).stdout
    spent_us = 1e6 * (cpu_s(pid) - before)
    count = _figure(r"(\d+) requests in", said)
    failed = sum(
        map(int, re.findall(r"(?:Non-2xx or 3xx responses:|connect|read|write|timeout) (\d+)", said))
    )
    rate = _figure(r"Requests/sec:\s+([\d.]+)", said)
    return Measured(rate, _percentile_ms(50, said), _percentile_ms(99, said), spent_us / count, failed)


def _figure(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    return float(found[1]) if found else sys.exit(f"wrk did not say {pattern}")


def _percentile_ms(which: int, said: str) -> float:
    found = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s)", said, re.MULTILINE)
    return float(found[1]) * UNITS_MS[found[2]] if found else sys.exit("wrk gave no percentiles")


def tell(load: Load, floor: Measured, ours: Measured) -> None:
    rate = ours.requests_per_s * load.events
    single = load.events == 1
    report(f"{load.name}: events, durable", rate, "1/s", least=5_000 if single else 100_000)
    report(f"{load.name}: p50", ours.p50_ms, "ms")
    report(f"{load.name}: p99", ours.p99_ms, "ms", bar=None if single else 50.0)
    report(f"{load.name}: CPU an event", ours.cpu_us / load.events, "us")
    report(f"{load.name}: no-op, events", floor.requests_per_s * load.events, "1/s")
    report(f"{load.name}: no-op, p99", floor.p99_ms, "ms")
    report(f"{load.name}: no-op, CPU an event", floor.cpu_us / load.events, "us")
    report(f"{load.name}: CPU, times the no-op's", ours.cpu_us / floor.cpu_us, "", bar=6.0)
    report(f"{load.name}: failed requests", ours.failed + floor.failed, "", bar=0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--no-op", action="store_true", help="serve the endpoint that does nothing")
    chosen = parser.parse_args()
    if chosen.no_op:
        listen(no_op, Serving(port=PORT))
        return 0
    if shutil.which("wrk") is None:
        print("skipped: there is no wrk on PATH (Debian package wrk)")
        return 0
    with tempfile.TemporaryDirectory(prefix="mindgap-throughput-") as name:
        folder = Path(name)
        make_workspace(folder / "shop")
        scripts = {load: script(load, folder / f"load-{load.events}") for load in LOADS}
        with running([sys.executable, "-m", "benchmarks.collect_throughput", "--no-op"]) as pid:
            floors = {load: measure(pid, load, scripts[load], seconds=chosen.seconds) for load in LOADS}
        with running(collect_command(folder / "shop")) as pid:
            for load in LOADS:
                tell(load, floors[load], measure(pid, load, scripts[load], seconds=chosen.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
