import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from order_files import NOW

from mindgap.backends.duckdb_import import DuckDBImporter
from mindgap.collect.files.importing import ImportResult, SourceOptions, inspect, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    result: ImportResult
    rows: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]

    @property
    def codes(self) -> set[str]:
        return {note.code for note in self.result.notes}

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


Bring = Callable[..., Brought]


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Brings a file in and checks what must hold for every file."""
    times = 0

    def bring(
        content: bytes | str | Path,
        name: str = "orders.csv",
        *,
        kind: str | None = None,
        overrides: dict[str, str] | None = None,
        existing: tuple[Path, ...] = (),
        **options: Any,
    ) -> Brought:
        nonlocal times
        times += 1
        path = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        staging = tmp_path / f"staging{times}"
        staging.mkdir()
        inspection = inspect(path, kind=kind, overrides=overrides, options=SourceOptions(**options))
        result = read(
            inspection,
            importer=DuckDBImporter(threads=1, memory_limit="300MB"),
            staging_dir=staging,
            now=NOW,
            existing_parts=existing,
        )
        written = result.written
        rows = pq.read_table(written.part).to_pylist() if written.part else []
        quarantine = pq.read_table(written.quarantine).to_pylist() if written.quarantine else []
        assert written.read_rows == written.used + written.quarantined + written.duplicates
        assert (len(rows), len(quarantine)) == (written.used, written.quarantined)
        assert sum(written.reasons.values()) == written.quarantined
        assert {path.name for path in staging.iterdir()} <= {"part.parquet", "quarantine.parquet"}
        assert len({row["row_id"] for row in rows}) == len(rows)
        json.dumps(dict(result.mapping))
        return Brought(result=result, rows=rows, quarantine=quarantine)

    return bring
