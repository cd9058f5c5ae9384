"""One run of the identity graph, or of a peer, in a process of its own: seconds, peak memory, rows."""

import json
import re
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from mindgap.kernel.derivation import Moment
from mindgap.kernel.rng import generator
from mindgap.process.identity.graph import identity_graph

_AT_ONCE = 1_000_000
_SHARED = 0.05  # of identifiers, those that somebody else declares too
_DECISION = ("action", "first_kind", "first_id", "second_kind", "second_id")


def ties(edges: int) -> pa.Table:
    """Six in ten edges are customers on devices, the rest e-mails and phones, most of them vouched for."""
    rng = generator(7, "identity", str(edges))
    customers, seen = edges // 5, edges * 6 // 10
    claims = edges - seen
    who = rng.integers(0, customers, edges)
    devices = np.arange(seen) % (edges // 2)
    tokens = who[seen:] * 3 + rng.integers(0, 2, claims)
    other = rng.random(claims) < _SHARED
    tokens[other] = rng.integers(0, customers, other.sum()) * 3
    at = pa.array(rng.integers(1_600_000_000_000_000, 1_700_000_000_000_000, edges), pa.timestamp("us"))
    return pa.table(
        {
            "customer_id": pa.chunked_array(_ids("c", who)),
            "anonymous_id": pa.nulls(edges, pa.string()),
            "kind": pa.array(
                ["anonymous"] * seen + ["email"] * (claims // 2) + ["phone"] * (claims - claims // 2)
            ),
            "token": pa.chunked_array([*_ids("device-", devices), *_ids("0123456789abcdef01234567", tokens)]),
            "trust": pa.array(
                np.r_[np.ones(seen), np.where(rng.random(claims) < 0.8, 2, 1)].astype(np.int32)
            ),
            "events": pa.array(np.ones(edges, np.int64)),
            **dict.fromkeys(("first_at", "last_at", "allowed_at"), at),
            "is_allowed": pa.array(np.ones(edges, np.bool_)),
        }
    )


def _ids(prefix: str, numbers: np.ndarray) -> list[pa.Array]:
    """Texts in pieces: numpy's take four bytes a sign."""
    pieces = np.array_split(numbers, 1 + len(numbers) // _AT_ONCE)
    return [pa.array(np.char.add(prefix, some.astype(str))) for some in pieces]


def ours(table: pa.Table) -> int:
    schema = pa.schema([*((name, pa.string()) for name in _DECISION), ("since", pa.timestamp("us"))])
    tables = {
        "ties": table,
        "decisions": schema.empty_table(),
        "settings": pa.table({"join_by": ["email phone loyalty_card"], "most_customers": [5]}),
    }
    return identity_graph.build(tables, Moment(as_of=datetime(2030, 1, 1))).num_rows


def networkx(table: pa.Table) -> int:
    """Components alone: no guards, no times, no evidence."""
    import networkx as nx  # noqa: PLC0415 - not every run needs it

    graph = nx.Graph()
    graph.add_edges_from(zip(table["customer_id"].to_pylist(), table["token"].to_pylist(), strict=True))
    return sum(1 for _ in nx.connected_components(graph))


def union_find(table: pa.Table) -> int:
    """Components alone, as one writes them by hand over a dictionary."""
    parent: dict[str, str] = {}

    def find(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, other in zip(table["customer_id"].to_pylist(), table["token"].to_pylist(), strict=True):
        first, second = find(one), find(other)
        if first != second:
            parent[first] = second
    return sum(1 for one, up in parent.items() if one == up)


def main() -> None:
    chosen = {"ours": ours, "networkx": networkx, "union_find": union_find}[sys.argv[1]]
    table = ties(int(sys.argv[2]))
    input_mb = table.nbytes / 1e6
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak of making the edges is not the graph's
    began, worked = time.perf_counter(), time.process_time()
    rows = chosen(table)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    peak_mb = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0]) / 1e3
    figures = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb, "input_mb": input_mb}
    print(json.dumps({**figures, "rows": rows}))


if __name__ == "__main__":
    main()
