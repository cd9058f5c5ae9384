"""The Files port: where Parquet files and models lie; every write is whole or absent."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mindgap.kernel.derivation import FittedModel


class Files(Protocol):
    """Immutable files under one root, named by their writers; readers find them through the manifest."""

    def path(self, relative: str) -> Path:
        """The full path of a file named in the state."""
        ...

    def is_whole(self, relative: str) -> bool:
        """Whether a Parquet file is there, and begins and ends as one; what is damaged within may pass."""
        ...

    def staging(self) -> AbstractContextManager[Path]:
        """A private folder for work in progress; gone afterwards, whatever happens."""
        ...

    def adopt(self, staged: Path, relative: str) -> None:
        """Move a finished file or folder from staging to its final name, durably."""
        ...

    def open_parquet(self, path: Path) -> "pq.ParquetFile":
        """Open a Parquet file, encrypted or not; readers close it."""
        ...

    def write_table(self, table: "pa.Table", staged: Path) -> None:
        """Write an Arrow table as zstd Parquet."""
        ...

    def write_model(self, model: "FittedModel", staged: Path) -> None:
        """Write a model as a folder of plain arrays, text and its card; no pickles."""
        ...

    def read_model(self, name: str, relative: str) -> "FittedModel":
        """Read a model back; arrays are memory-mapped."""
        ...

    def sweep(self, keep: Iterable[str]) -> None:
        """Delete what nothing names any more, and leftovers of work that was cut off."""
        ...

    def purge(self, keep: Iterable[str]) -> None:
        """Delete at once what nothing names any more; who looked a name up before may not find the file."""
        ...

    def clear(self) -> None:
        """Delete leftovers of work that was cut off; only for the one process that may write."""
        ...
