"""Persons out of 10 million ties: time and memory, growth from 1 million, and peers without any guards.

`python -m benchmarks.identity [EDGES...]`; the bar is for 10 million. Peers find components only: networkx,
where it is installed, and a union-find over a dictionary. Processor time stands beside the clock's: on a
busy machine it is the steadier figure.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks import report

_FOLDER = Path(__file__).parent.parent
_BAR_SECONDS = 60.0
_FULL, _TENTH = 10_000_000, 1_000_000


def measured(which: str, edges: int) -> dict[str, float]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks._identity_graph", which, str(edges)]
    done = subprocess.run(command, cwd=_FOLDER, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or [_TENTH, _FULL]
    seconds: dict[int, float] = {}
    for edges in sizes:
        run = measured("ours", edges)
        seconds[edges] = run["seconds"]
        name = f"{edges / 1e6:g}M edges"
        report(
            f"{name}: persons and review", run["seconds"], "s", bar=_BAR_SECONDS if edges == _FULL else None
        )
        report(f"{name}: processor time", run["cpu_seconds"], "s")
        report(f"{name}: peak memory, of which {run['input_mb']:.0f} MB are the edges", run["peak_mb"], "MB")
    if {_TENTH, _FULL} <= seconds.keys():
        report("growth from 1M to 10M", seconds[_FULL] / seconds[_TENTH], "times")
    peers = ["union_find", *(["networkx"] if find_spec("networkx") else [])]
    for peer in peers:
        run = measured(peer, min(sizes))
        report(f"{min(sizes) / 1e6:g}M edges: {peer}, components only", run["seconds"], "s")
        report(f"{min(sizes) / 1e6:g}M edges: {peer}, peak memory", run["peak_mb"], "MB")


if __name__ == "__main__":
    main()
