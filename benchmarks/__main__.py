"""Runs benchmarks: `python -m benchmarks` all of them, `python -m benchmarks NAME...` some.

What a benchmark prints goes through as it is; its JSON lines are shown once more as a table at the end.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
_WIDTH = 140  # where the output is no terminal


def run(name: str) -> tuple[int, list[dict[str, Any]]]:
    """Run one benchmark; returns its exit code and the figures that it printed as JSON."""
    print(f"# {name}", flush=True)
    figures: list[dict[str, Any]] = []
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if line.startswith("{"):
                figures.append({"benchmark": name, **json.loads(line)})
    return process.returncode, figures


def show(figures: list[dict[str, Any]]) -> None:
    """The figures as a table."""
    table = Table(box=None, header_style="bold")
    columns = ("benchmark", "figure", "value", "unit", "bar", "holds")
    for column in columns:
        table.add_column(column, justify="right" if column in {"value", "bar"} else "left", overflow="fold")
    for row in figures:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    console = Console()
    Console(width=None if console.is_terminal else _WIDTH).print(table)


def main() -> int:
    known = sorted(file.stem for file in FOLDER.glob("[a-z]*.py"))
    chosen = sys.argv[1:] or known
    if unknown := set(chosen) - set(known):
        print(f"No benchmark {', '.join(sorted(unknown))}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    results = [run(name) for name in chosen]
    figures = [row for _, rows in results for row in rows]
    if figures:
        show(figures)
    return int(any(code for code, _ in results) or any(row.get("holds") is False for row in figures))


if __name__ == "__main__":
    sys.exit(main())
