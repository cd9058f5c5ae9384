"""Our figures, measured: `python -m benchmarks [NAME...]` runs the files of this folder one after another."""

import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished process.

    Attributes:
        exit_code: 0 when it succeeded.
        stdout: What it printed.
        stderr: What it complained of.
        seconds: On the clock.
        cpu_seconds: Of processor time, its own children included.
        peak_mb: The most memory that it held.
    """

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(command: Sequence[str | Path], *, cwd: Path) -> Ran:
    """Run a process and measure it."""
    began = time.perf_counter()
    with TemporaryFile() as told, TemporaryFile() as complained:
        process = subprocess.Popen([str(word) for word in command], cwd=cwd, stdout=told, stderr=complained)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ran(
            exit_code=process.returncode,
            stdout=_text(told),
            stderr=_text(complained),
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss / 1e3,
        )


def _text(written: IO[bytes]) -> str:
    written.seek(0)
    return written.read().decode()


def mindgap(*arguments: str | Path, cwd: Path) -> Ran:
    """Run the installed command and measure it."""
    return measure([Path(sysconfig.get_path("scripts")) / "mindgap", *arguments], cwd=cwd)


def report(
    figure: str, value: float, unit: str, *, bar: float | None = None, least: float | None = None
) -> None:
    """Print a figure as a JSON line; `bar` is the most that it may be, `least` the least."""
    row = {"figure": figure, "value": round(value, 3) if isinstance(value, float) else value, "unit": unit}
    if bar is not None:
        row |= {"bar": bar, "holds": value <= bar}
    if least is not None:
        row |= {"bar": f">= {least:g}", "holds": value >= least}
    print(json.dumps(row, ensure_ascii=False), flush=True)


def require(holds: object, what: str) -> None:
    """End the benchmark when something that its figures rest on does not hold."""
    if not holds:
        sys.exit(f"does not hold: {what}")
