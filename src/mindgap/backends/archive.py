"""One file that holds many: a zip archive with the SHA-256 of each; written whole, and read back whole."""

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from io import BufferedReader
from pathlib import Path, PurePosixPath
from tempfile import mkstemp
from typing import IO, Any, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

from mindgap.backends.folder import sync
from mindgap.backends.sealed_stream import SealedReader, SealedWriter, header_of
from mindgap.kernel.errors import StorageError

_MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20
_PACKED = {".parquet", ".npy", ".gz"}
"""Files that would not become smaller."""

_BROKEN = (
    *(BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, OverflowError),
    *(
        RuntimeError,
        NotImplementedError,
    ),  # a damaged entry may look as if it were encrypted or packed otherwise
)
"""What zipfile raises on damaged archives."""


class NamedKey(NamedTuple):
    """A key and the name by which it is found again.

    Attributes:
        name: The name.
        key: 256 bits.
    """

    name: str
    key: bytes


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an archive.

    Attributes:
        bytes: Its size.
        sha256: Of its content.
    """

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds.

    Attributes:
        kind: What sort of archive it is, with a version.
        about: What its maker says of it.
        files: Every file, by name.
    """

    kind: str
    about: dict[str, Any]
    files: dict[str, Archived]


def write_archive(
    path: Path, files: Iterable[tuple[str, Path]], *, kind: str, about: Mapping[str, Any], key: NamedKey
) -> Manifest:
    """Write a sealed archive; it appears under its name once it is whole and on disk.

    Of a file that grows meanwhile it holds what was there when it was reached.

    Args:
        path: The archive.
        files: Name within the archive, and the file.
        kind: What sort of archive it is.
        about: What to say of it, as plain values.
        key: What seals it.

    Raises:
        StorageError: The disk refused it, or a file cannot be read.
    """
    draft = path
    try:
        handle, name = mkstemp(dir=path.parent, prefix=draft_prefix(path))  # new, and its owner's only
        draft = Path(name)
        with os.fdopen(handle, "w+b") as file:
            sealing = SealedWriter(file, key.key, name=key.name, kind=kind)
            with ZipFile(cast("IO[bytes]", sealing), "w") as archive:
                held = {name: _put(archive, name, source) for name, source in files}
                manifest = Manifest(kind=kind, about=dict(about), files=held)
                archive.writestr(_MANIFEST, msgspec.json.encode(manifest), ZIP_DEFLATED)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        _give_name(draft, path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or type(error).__name__}.",
            hint="Check free disk space and permissions.",
        ) from error
    finally:
        if draft != path:
            draft.unlink(missing_ok=True)
    return manifest


def draft_prefix(path: Path) -> str:
    """How the names of drafts of an archive begin; a process that was killed leaves one behind."""
    return f".{path.name}.new-"


def is_safe(name: str) -> bool:
    """Whether an archive may hold a file of that name: one that leads nowhere else, on any system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in name and ":" not in name


def _give_name(draft: Path, path: Path) -> None:
    """Give a draft its name, unless somebody else has given it to another file meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        draft.replace(path)
    with suppress(OSError):  # nor can every folder be synced; what is in the file is on disk
        sync(path.parent)


def extract(path: Path, folder: Path, *, kind: str, key_of: Callable[[str], bytes]) -> Manifest:
    """Take everything out of an archive into a folder that is empty, and compare each file with its SHA-256.

    Args:
        path: The archive.
        folder: Where to.
        kind: What sort of archive it must be.
        key_of: Gives the key of a name.

    Raises:
        StorageError: The archive cannot be read, is of another kind or damaged; or the disk refused a file.
    """
    try:
        with path.open("rb") as file, ZipFile(BufferedReader(_unsealed(file, kind, key_of))) as archive:
            manifest = _manifest(archive, kind)
            for name, told in manifest.files.items():
                _take(archive, name, told, folder=folder)
    except _BROKEN as error:
        raise _damaged(path.name, "it is no whole archive of Mindgap") from error
    except OSError as error:
        raise StorageError(
            f"{error.filename or path} cannot be read or written: {error.strerror or type(error).__name__}.",
            hint="Check the path, free disk space and permissions.",
        ) from error
    return manifest


def _unsealed(file: IO[bytes], kind: str, key_of: Callable[[str], bytes]) -> SealedReader:
    header = header_of(file)
    _check_kind(file.name, header.kind, kind)
    return SealedReader(file, key_of(header.id))


def _check_kind(name: str, found: str, kind: str) -> None:
    if found != kind:
        raise StorageError(
            f"{name} is a {found}, not a {kind}.",
            hint="It may come from a newer Mindgap: upgrade, or choose another file.",
        )


def _put(archive: ZipFile, name: str, source: Path) -> Archived:
    digest, size = sha256(), 0
    info = ZipInfo(name)
    info.compress_type = ZIP_STORED if source.suffix in _PACKED else ZIP_DEFLATED
    with source.open("rb") as file, archive.open(info, "w", force_zip64=True) as entry:
        for chunk in _chunks(file, os.fstat(file.fileno()).st_size):
            entry.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return Archived(bytes=size, sha256=digest.hexdigest())


def _manifest(archive: ZipFile, kind: str) -> Manifest:
    manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
    _check_kind(str(archive.filename), manifest.kind, kind)
    return manifest


def _take(archive: ZipFile, name: str, told: Archived, *, folder: Path) -> None:
    if not is_safe(name):
        raise _damaged(str(archive.filename), f"{name!r} is no name for a file")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with archive.open(name) as entry, os.fdopen(handle, "wb") as file:
        for chunk in _chunks(entry, told.bytes + 1):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (told.bytes, told.sha256):
        raise _damaged(str(archive.filename), f"{name} is not what was archived")


def _chunks(file: IO[bytes], limit: int) -> Iterator[bytes]:
    """The first bytes of a file, at most `limit`."""
    while limit > 0 and (chunk := file.read(min(limit, _CHUNK_BYTES))):
        limit -= len(chunk)
        yield chunk


def _damaged(name: str, why: str) -> StorageError:
    return StorageError(f"{name} is damaged: {why}.", hint="Nothing was changed. Use another backup.")
