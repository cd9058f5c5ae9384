"""What the collector does when it is abused: `python -m benchmarks.collect_abuse`.

Malformed bodies, huge, slow and packed ones, endless arrays and heads, too many clients at a time; the server
is a process of its own, its memory is read from /proc. `--bodies 2000` is a short look.
"""

import argparse
import asyncio
import gzip
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, cycle, islice
from pathlib import Path
from typing import Self

from benchmarks import report, require
from benchmarks._collector import KEY, PORT, collect_command, event, make_workspace, memory_mb, running
from benchmarks._malformed import malformed
from mindgap.api.collector.routes import wire_endpoints
from mindgap.kernel.rng import generator

MB = 1_000_000
HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nX-Write-Key: {key}\r\n"
PATIENCE_S = 30.0
_addresses = (f"127.{a}.{b}.1" for a in range(1, 255) for b in range(1, 255))


def head(path: str, *more: str, method: str = "POST") -> bytes:
    lines = HEAD.format(method=method, path=path, key=KEY) + "".join(f"{line}\r\n" for line in more)
    return lines.encode() + b"\r\n"


def request(path: str, body: bytes, *more: str) -> bytes:
    return head(path, f"Content-Length: {len(body)}", *more) + body


class Client:
    """One connection, from an address of its own (all of 127/8 is this machine)."""

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", PORT, local_addr=(next(_addresses), 0)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer; 0 when the server hung up without one."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                said = await self.reader.readuntil(b"\r\n\r\n")
                size = int(re.search(rb"content-length: (\d+)", said)[1])
                return int(said.split(b" ", 2)[1]), await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, b""


async def fuzz(bodies: Iterable[tuple[str, bytes]]) -> Counter[int]:
    """Send each body to one of the paths in turn; an address that showed too many wrong keys is given up."""
    paths = cycle(
        sorted({re.sub(r"{[^}]+}", KEY, one.path) for one in wire_endpoints() if one.method == "POST"})
    )
    statuses: Counter[int] = Counter()
    left = iter(bodies)
    while part := list(islice(left, 200)):
        async with Client() as client:
            for number, (own, body) in enumerate(part):
                await client.send(request(own if number % 3 else next(paths), body))
                status, said = await client.answer()
                statuses[status] += 1
                require(status in {0, 200} or {"code", "message"} <= json.loads(said).keys(), "code, message")
                if status in {0, 413, 429}:
                    await client.__aexit__()
                    await client.__aenter__()
    return statuses


async def one(data: bytes, pieces: Iterable[bytes] = (), *, pause_s: float = 0.0) -> tuple[int, float]:
    """Status and seconds of one request, its body in pieces."""
    began = time.perf_counter()
    async with Client() as client:
        answering = asyncio.create_task(client.answer())
        try:
            await client.send(data)
            for piece in pieces:
                if answering.done():
                    break
                await client.send(piece)
                await asyncio.sleep(pause_s)
        except ConnectionError:
            pass
        status, _ = await answering
    return status, time.perf_counter() - began


def chunked(total: int) -> Iterator[bytes]:
    piece = b"x" * 65_536
    for _ in range(total // len(piece)):
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


class Memory:
    """What a server holds, from a moment on."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.most_mb = 0.0
        self.begin()

    def begin(self) -> None:
        """Let the peak begin anew."""
        self.most_mb = max(self.most_mb, self.peak_mb)
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")
        self.before_mb = memory_mb(self.pid)

    @property
    def peak_mb(self) -> float:
        return memory_mb(self.pid, "VmHWM")

    @property
    def rise_mb(self) -> float:
        return self.peak_mb - self.before_mb


def bomb() -> bytes:
    """1 GiB of zeros in 1 MB."""
    return gzip.compress(bytes(1 << 30), 9)


SHAPES = {
    "numbers": b'{"batch":[' + b"1," * 2_400_000 + b"1]}",
    "empty objects": b'{"batch":[' + b"{}," * 1_600_000 + b"{}]}",
    "open brackets": b'{"batch":[' + b"[" * 4_900_000,
    "nested objects": b'{"batch":[' + b'{"a":' * 900_000,
    "members": b'{"batch":[{' + b",".join(b'"%d":1' % n for n in range(350_000)) + b"}]}",
    "one long text": b'{"batch":[{"userId":"' + b"x" * 4_900_000 + b'"}]}',
    "as many values as may be": b'{"batch":[' + b"12345678901," * 390_000 + b"1]}",
    "NaN everywhere": b'{"batch":[' + b"NaN," * 1_200_000 + b"NaN]}",
}


async def shapes(path: str) -> tuple[list[int], float]:
    found = [await one(request(path, body)) for body in SHAPES.values()]
    return [status for status, _ in found], max(seconds for _, seconds in found)


async def crowd(clients: int) -> Counter[int]:
    """Large good batches, all at once."""
    rng = generator(5, "crowd")
    body = json.dumps({"batch": [event(rng) for _ in range(6_400)]}).encode()
    found = await asyncio.gather(*(one(request("/v1/batch", body)) for _ in range(clients)))
    return Counter(status for status, _ in found)


async def heads(clients: int) -> Counter[int]:
    """Clients that never finish the head of their request."""
    begun = head("/v1/batch")[:-2]
    filler = (b"X-A%d: %s\r\n" % (number, b"a" * 900) for number in count())
    found = await asyncio.gather(*(one(begun, islice(filler, 14), pause_s=0.2) for _ in range(clients)))
    return Counter(status for status, _ in found)


async def tell_malformed(bodies: int) -> None:
    statuses = await fuzz(malformed(bodies, seed=11))
    report("malformed bodies", statuses.total(), "")
    print("  statuses:", dict(sorted(statuses.items())))
    faults = sum(number for status, number in statuses.items() if status >= 500 or status == 0)
    report("malformed bodies: 5xx and hang-ups", faults, "", bar=0)


async def tell_large(memory: Memory) -> None:
    """413, or 0 where the client sees the hang-up before the answer."""
    memory.begin()
    status, _ = await one(head("/v1/batch", "Content-Length: 100000000"), [b"x" * 65_536] * 20)
    report("100 MB announced: status", status, "", bar=413)
    report("100 MB announced: memory rises", memory.rise_mb, "MB", bar=8)
    memory.begin()
    status, _ = await one(head("/v1/batch", "Transfer-Encoding: chunked"), chunked(100 * MB))
    report("100 MB in chunks: status", status, "", bar=413)
    report("100 MB in chunks: memory rises", memory.rise_mb, "MB", bar=8)


async def tell_bomb(memory: Memory) -> None:
    packed = bomb()
    memory.begin()
    status, seconds = await one(request("/v1/batch", packed, "Content-Encoding: gzip"))
    report("1 GiB in 1 MB: status", status, "", least=413)
    report("1 GiB in 1 MB: stopped in", seconds, "s", bar=0.5)
    report("1 GiB in 1 MB: memory rises", memory.rise_mb, "MB", bar=16)


async def tell_slow() -> None:
    status, seconds = await one(head("/v1/batch", "Content-Length: 1000"), [b"x"] * 100, pause_s=0.5)
    report("slow body: status", status, "", least=408)
    report("slow body: given up after", seconds, "s", bar=11)


async def tell_shapes(memory: Memory) -> None:
    memory.begin()
    for path in ("/v1/batch", "/v1/track", "/batch/", "/com.snowplowanalytics.snowplow/tp2"):
        found, slowest = await shapes(path)
        report(f"odd shapes to {path}: slowest", slowest, "s")
        report(f"odd shapes to {path}: 5xx", sum(status >= 500 for status in found), "", bar=0)
    report("odd shapes: memory at most", memory.peak_mb, "MB", bar=300)


async def tell_crowds(memory: Memory) -> None:
    memory.begin()
    statuses = await crowd(200)
    print("  statuses:", dict(sorted(statuses.items())))
    report("200 clients with 5 MB each: 5xx", sum(n for s, n in statuses.items() if s >= 500), "", bar=0)
    report("200 clients with 5 MB each: memory at most", memory.peak_mb, "MB", bar=300)
    memory.begin()
    await heads(800)
    report("800 endless heads: memory at most", memory.peak_mb, "MB", bar=300)


async def abuse(memory: Memory, bodies: int) -> None:
    await tell_malformed(bodies)
    await tell_large(memory)
    await tell_bomb(memory)
    await tell_slow()
    await tell_shapes(memory)
    await tell_crowds(memory)
    status, _ = await one(request("/v1/track", b'{"userId":"u","event":"e"}'))
    report("a good event afterwards: status", status, "", bar=200)
    memory.begin()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bodies", type=int, default=100_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mindgap-abuse-") as name:
        folder = Path(name) / "shop"
        make_workspace(folder)
        with running(collect_command(folder)) as pid:
            memory = Memory(pid)
            report("memory before", memory.before_mb, "MB")
            asyncio.run(abuse(memory, chosen.bodies))
            report("memory at most", memory.most_mb, "MB", bar=300)
    return 0


if __name__ == "__main__":
    sys.exit(main())
