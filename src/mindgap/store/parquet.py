"""Parquet files that may be encrypted: each page and the footer, AES-GCM, under one key of the workspace.

What Parquet calls uniform modular encryption; pyarrow writes and reads it. The embedded engine cannot write
it, so a file is encrypted when it is finished, right before it gets its name. And it fails to read it where a
query has filters or a column several pages, so it reads through pyarrow.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet import encryption

if TYPE_CHECKING:
    import pyarrow.dataset as ds

_ENCRYPTED, _PLAIN, _MAGIC_BYTES = b"PARE", b"PAR1", 4
_END_BYTES = 8  # the footer's length, and the magic bytes again


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetCipher:
    """Encrypts files, and opens those that are encrypted and those that are not.

    Attributes:
        key: Gives the key, 256 bits; asked for when it is needed.
        is_on: Whether new files are encrypted.
    """

    key: Callable[[], bytes] = field(repr=False)
    is_on: bool = False

    def open(self, path: Path) -> pq.ParquetFile:
        """A file, encrypted or not."""
        if not is_encrypted(path):
            return pq.ParquetFile(path)
        return pq.ParquetFile(path, decryption_properties=self._decryption())

    def open_coded(self, path: Path, dictionaries: list[str]) -> pq.ParquetFile:
        """The same, with these columns as dictionaries, as they lie in the file."""
        decryption = self._decryption() if is_encrypted(path) else None
        return pq.ParquetFile(path, read_dictionary=dictionaries, decryption_properties=decryption)

    def read(self, path: Path, columns: list[str] | None = None) -> pa.Table:
        """The rows of a file, encrypted or not."""
        with self.open(path) as file:
            return file.read(columns=columns)

    def dataset(self, paths: Sequence[Path]) -> "ds.Dataset":
        """Encrypted files as one table, their columns matched by name."""
        import pyarrow.dataset as ds  # noqa: PLC0415 - it imports pandas, and most workspaces encrypt nothing

        schemas: list[pa.Schema] = []
        for path in paths:
            with self.open(path) as file:
                schemas.append(file.schema_arrow.remove_metadata())
        options = ds.ParquetFragmentScanOptions(decryption_properties=self._decryption())
        return ds.dataset(
            [str(path) for path in paths],
            schema=pa.unify_schemas(schemas, promote_options="permissive"),
            format=ds.ParquetFileFormat(default_fragment_scan_options=options),
        )

    def encrypt(self, path: Path) -> bool:
        """Encrypt a file where it lies, whole or not at all; False where it is encrypted already."""
        if is_encrypted(path):
            return False
        properties = encryption.create_encryption_properties(self.key())
        draft = path.with_name(f"{path.name}.encrypting")
        try:
            with (
                pq.ParquetFile(path) as file,
                pq.ParquetWriter(
                    draft, file.schema_arrow, compression="zstd", encryption_properties=properties
                ) as writer,
            ):
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return True

    def _decryption(self) -> Any:
        return encryption.create_decryption_properties(self.key())


def no_key() -> bytes:
    """The key of where there is none: nothing is ever encrypted.

    Raises:
        RuntimeError: Always.
    """
    raise RuntimeError("There is no key for files here.")


PLAIN = ParquetCipher(key=no_key)
"""Encrypts nothing."""


def is_whole(path: Path) -> bool:
    """Whether a Parquet file begins and ends as one, encrypted or not: cheap, and finds what was cut off."""
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(_MAGIC_BYTES)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _END_BYTES))
            end = file.read(_END_BYTES)
    except OSError:
        return False
    footer = int.from_bytes(end[:-_MAGIC_BYTES], "little")
    return head in {_ENCRYPTED, _PLAIN} and end.endswith(head) and footer + _END_BYTES + _MAGIC_BYTES <= size


def is_encrypted(path: Path) -> bool:
    """Whether a Parquet file is encrypted; one that is not there is not."""
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(_MAGIC_BYTES) == _ENCRYPTED
    except OSError:
        return False  # whoever opens it says what is wrong
