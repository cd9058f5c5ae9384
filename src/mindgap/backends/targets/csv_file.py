"""A CSV file: whole or not at all, readable by its owner, and harmless in a spreadsheet."""

import csv
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mindgap.backends.folder import disk_errors
from mindgap.store.audience import Audience, Sent

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file.

    Attributes:
        path: Where; what lies there is replaced.
    """

    path: Path

    def send(self, audience: Audience, /) -> Sent:
        """Write the file; see `mindgap.store.audience.Target`."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        with disk_errors():
            try:
                _write(draft, audience)
                draft.replace(self.path)
            finally:
                draft.unlink(missing_ok=True)
        return Sent(customers=audience.customers.num_rows)


def _write(draft: Path, audience: Audience) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(harmless(name) for name in audience.customers.column_names)
        for batch in audience.customers.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                out.writerow(harmless(value) for value in row)
        file.flush()
        os.fsync(file.fileno())


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: texts that begin like one get a quote before them.

    >>> harmless("=1+1"), harmless(-5), harmless("C-1")
    ("'=1+1", -5, 'C-1')
    """
    match value:
        case str() if value.startswith(_FORMULA):
            return "'" + value.replace("\0", "")
        case str():
            return value.replace("\0", "")
        case datetime():
            return value.isoformat(" ")
        case _:
            return value
