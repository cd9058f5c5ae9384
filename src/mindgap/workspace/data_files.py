"""The files of a workspace's data folder that are finished."""

from collections.abc import Iterator
from pathlib import Path

_PASSING = {("staging",), ("scratch",), ("lake", "staging")}
"""Folders of work in progress."""


def data_files(data: Path) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Every file in the folders of the data folder, with its place there; a folder may be a link elsewhere.

    Files beside the folders are left out: they are locks, the state, and what processes say of themselves.
    """
    for folder in sorted(one for one in data.iterdir() if one.is_dir()):
        root = folder.resolve()
        for file in sorted(root.rglob("*")):
            place = (folder.name, *file.relative_to(root).parts)
            if file.is_file() and not {place[:1], place[:2]} & _PASSING:
                yield place, file
