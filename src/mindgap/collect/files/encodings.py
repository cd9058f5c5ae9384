"""Which encoding a text is in, and turning it into UTF-8 as a stream.

The engine reads UTF-8 only. Everything else is rewritten once, block by block, so that a file of any
size passes through a few megabytes of memory.
"""

import codecs
import errno
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
from charset_normalizer import from_bytes

from mindgap.kernel.errors import SourceError, StorageError
from mindgap.store.importing import Compression

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
HEAD_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 22
_PROBES = 8
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_STRAY_SHARE = 0.1
_STRAY_SHARE_OF_LEGACY = 0.02
_ZERO_SHARE = 0.2


@contextmanager
def opened(path: Path, compression: Compression = "none") -> Generator[IO[bytes]]:
    """The file's bytes, unpacked.

    Raises:
        SourceError: It is not there, may not be read, or is damaged.
    """
    try:
        with path.open("rb") as plain:
            match compression:
                case "none":
                    yield plain
                case "gzip":
                    with gzip.GzipFile(fileobj=plain) as unpacked:
                        yield unpacked  # pyright: ignore[reportReturnType]
                case "zstd":
                    with pa.CompressedInputStream(plain, "zstd") as unpacked:
                        yield unpacked
    except PermissionError as error:
        raise SourceError(f"{path.name} may not be read.", hint="Ask for the right to read it.") from error
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path.name}.", hint="Check the path.") from error
    except (OSError, EOFError, zlib.error, pa.ArrowInvalid) as error:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise
        raise SourceError(f"{path.name} is damaged and cannot be read.", hint="Copy it again.") from error


def samples(path: Path, compression: Compression) -> tuple[bytes, ...]:
    """The head of a file and, where it can be jumped in, blocks spread over the rest."""
    with opened(path, compression) as file:
        head = _read(file, HEAD_BYTES)
        if compression != "none" or len(head) < HEAD_BYTES:
            return (head,)
        size = path.stat().st_size
        found = [head]
        for probe in range(1, _PROBES + 1):
            file.seek(HEAD_BYTES + (size - HEAD_BYTES) * probe // (_PROBES + 1))
            file.readline(HEAD_BYTES)
            found.append(_read(file, HEAD_BYTES // _PROBES))
        return tuple(found)


def encoding_of(blocks: tuple[bytes, ...]) -> str:
    """The encoding of a text as Python calls it, from blocks that begin at line starts.

    UTF-8 wins where it fits; a few stray bytes leave it standing, since only their lines are lost.

    >>> encoding_of(("naïve;café".encode("utf-16"),))
    'utf-16'
    """
    head = blocks[0]
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if max(zeros) > _ZERO_SHARE * len(head):
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    odd = [block for block in blocks if not block.isascii()]
    if not odd:
        return "utf-8"
    if _stray_share(odd, "utf-8") <= _STRAY_SHARE:
        return "utf-8"
    return _legacy(odd)


def _legacy(blocks: list[bytes]) -> str:
    """An encoding from before Unicode: GB18030 where it gives Chinese, else what charset-normalizer says."""
    if _stray_share(blocks, "gb18030") <= _STRAY_SHARE_OF_LEGACY and _reads_chinese(b"".join(blocks)):
        return "gb18030"
    best = from_bytes(b"\n".join(blocks)[:HEAD_BYTES]).best()
    name = best.encoding if best else "cp1252"
    return (
        "gb18030" if name in {"gb2312", "gbk", "hz"} else "cp1252" if name in {"cp1250", "latin_1"} else name
    )


def _stray_share(blocks: list[bytes], encoding: str) -> float:
    """Share of non-ASCII characters that the encoding cannot read, the cut ends of blocks left out."""
    text = "".join(codecs.getincrementaldecoder(encoding)("replace").decode(block) for block in blocks)
    odd = sum(not character.isascii() for character in text)
    return text.count("\ufffd") / max(odd, 1)


def _reads_chinese(data: bytes) -> bool:
    """Whether GB18030 gives mostly common Chinese characters: those of GB2312's first level.

    Western text read as GB18030 gives rare ones, since an accented letter pairs with a plain one.
    """
    odd = [c for c in data.decode("gb18030", "replace") if not c.isascii()]
    common = sum(_is_common(character) for character in odd)
    return common > len(odd) / 2


def _is_common(character: str) -> bool:
    code = character.encode("gb18030", "replace")
    return len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or 0xA1 <= code[0] <= 0xA3) and code[1] >= 0xA1  # noqa: PLR2004 - GB2312 rows


def lines(path: Path, compression: Compression, encoding: str) -> Iterator[str]:
    """The file's lines as text, whatever ends them; bytes that cannot be read become U+FFFD."""
    with (
        opened(path, compression) as file,
        io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None) as text,
    ):
        yield from text


def rewrite_utf8(path: Path, target: Path, *, compression: Compression, encoding: str) -> Path:
    """Write the file as plain UTF-8, block by block.

    Raises:
        StorageError: The disk is full.
    """
    with written(target) as out, opened(path, compression) as file:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while block := file.read(_BLOCK_BYTES):
            out.write(decoder.decode(block).encode())
        out.write(decoder.decode(b"", final=True).encode())
    return target


@contextmanager
def written(target: Path) -> Generator[IO[bytes]]:
    """A file to write, with a full disk said plainly."""
    try:
        with target.open("wb") as out:
            yield out
    except OSError as error:
        raise StorageError(
            "A working copy of the source could not be written: is the disk full?",
            hint="Free some space and run again; nothing was changed.",
        ) from error


def _read(file: IO[bytes], size: int) -> bytes:
    found = b""
    while len(found) < size and (block := file.read(size - len(found))):
        found += block
    return found
