"""Which data files are gone or damaged: a look at the end of each, where Parquet says what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from mindgap.kernel.tables import CANONICAL
from mindgap.loop.converted_files import is_converted

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A file that the workspace names and cannot read.

    Attributes:
        path: The file, relative to the data folder.
        table: The table.
        source: The source that its rows came from; empty where they are derived.
        state: gone or damaged.
    """

    path: str
    table: str
    source: str
    state: str


def damaged_files(workspace: "Desk") -> list[Damage]:
    """Files of tables that cannot be read, each once; not those that were written anew in the meantime."""
    files = workspace.stores.files
    named = {path: (table, source) for path, table, source in _named(workspace)}
    found: list[Damage] = []
    for path, (table, source) in named.items():
        try:
            with files.open_parquet(files.path(path)):
                pass
        except (OSError, pa.ArrowException):
            state = "damaged" if files.path(path).exists() else "gone"
            found.append(Damage(path=path, table=table, source=source, state=state))
    still = {path for path, _table, _source in _named(workspace)} if found else ()
    return [one for one in found if one.path in still]


def _named(workspace: "Desk") -> Iterator[tuple[str, str, str]]:
    """Each file's path, table and source."""
    manifest, ledger = workspace.stores.manifest, workspace.stores.ledger
    for entry in (*manifest.entries(), *manifest.days()):
        if entry.path:
            yield entry.path, entry.name, ""
    for table in CANONICAL:
        for part in ledger.parts(table):
            yield part.path, table, "" if is_converted(part.source) else part.source
