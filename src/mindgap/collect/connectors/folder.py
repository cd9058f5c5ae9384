"""A folder into which exports are put again and again: each file is read once it has stopped growing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from mindgap.collect.files.inspecting import is_data_file
from mindgap.collect.files.table_options import TableOptions
from mindgap.kernel.errors import SourceError

_UNFINISHED = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".filepart",
    ".swp",
    ".writing",
)
_LEADING = (".", "~$", "_")


class OPTIONS(TableOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a folder.

    Attributes:
        pattern: Which files are read, as in `*.csv` or `orders/**/*.parquet`; all data files by default.
        settle_s: How long a file must not have changed before it is read, in seconds.
    """

    every_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    pattern: str = "**/*"
    settle_s: Annotated[float, msgspec.Meta(ge=0)] = 5.0


def settled_files(folder: Path, options: OPTIONS, *, at: datetime) -> list[Path]:
    """The files that can be read now, by name; those that are still being written wait for the next look.

    Args:
        folder: The folder.
        options: What was said of it.
        at: The present, naive UTC.

    Raises:
        SourceError: The folder is not there or cannot be listed.
    """
    if not folder.is_dir():
        raise SourceError(
            f"There is no folder {folder.name}.", hint="Make it, or correct its path in mindgap.toml."
        )
    settled = timedelta(seconds=options.settle_s)
    try:
        files = sorted(path for path in folder.glob(options.pattern) if _is_whole_name(path, folder))
        return [path for path in files if path.is_file() and _rest(path, at) >= settled]
    except (OSError, ValueError, NotImplementedError) as error:
        raise SourceError(
            f"The folder {folder.name} cannot be listed by {options.pattern!r}.",
            hint="Check its permissions, and the pattern.",
        ) from error


def _is_whole_name(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith(_LEADING) for part in parts)
    return not hidden and not path.name.lower().endswith(_UNFINISHED) and is_data_file(path)


def _rest(path: Path, at: datetime) -> timedelta:
    """How long a file has not changed. One whose clock is ahead counts, too."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
    except FileNotFoundError:
        return timedelta.min
    return abs(at - changed)
