"""The Keys port: data keys of holders, kept wrapped by the master key."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from mindgap.trust.keys import HIDDEN, TamperedError, is_sealed, opened, sealed_by

TOKENS = "workspace/tokens"
"""Holder of the key of tokens of identifiers."""
QUARANTINE = "workspace/quarantine"
"""Holder of the key of messages set aside."""
FILES = "workspace/files"
"""Holder of the key of Parquet files."""
WORDS: Mapping[str, Sequence[str]] = {"feedback": ("text",), "clean_feedback": ("text",)}
"""Columns of words of people, by table: sealed where they lie, opened where they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """What is known of the keys, without any of them.

    Attributes:
        master: Name of the master key in use; empty before there is one.
        place: Its file.
        made_at: When the oldest data key was made, naive UTC; None before there is one.
        holders: How many data keys there are, by kind of holder.
        waiting: How many data keys an interrupted rotation left under the key before.
    """

    master: str
    place: str
    made_at: datetime | None
    holders: Mapping[str, int]
    waiting: int = 0


class Keys(Protocol):
    """Data keys by holder: `customer/ID`, `device/ID`, `workspace/NAME`, `backup/ID`."""

    def of(self, holders: Collection[str]) -> Mapping[str, bytes]:
        """The keys of these holders; those that never had one, or had it destroyed, are not there."""
        ...

    def made(self, holders: Collection[str]) -> Mapping[str, bytes]:
        """The keys of these holders, made where there are none yet.

        Raises:
            StorageError: The master key is lost, or its file cannot be written.
        """
        ...

    def destroy(self, holders: Iterable[str]) -> int:
        """Destroy keys, so that nothing sealed under them is ever read again; returns how many there were."""
        ...

    def rotate(self) -> int:
        """Make a new master key and wrap every data key by it; done again, it finishes what was cut off.

        Returns:
            How many data keys were wrapped anew.
        """
        ...

    def state(self) -> KeyState:
        """What is known of the keys."""
        ...


def key_of(keys: Keys, holder: str) -> bytes:
    """The key of one holder, made where there is none yet."""
    return keys.made([holder])[holder]


def opened_table(name: str, table: pa.Table, keys: Keys) -> pa.Table:
    """A table with its words opened."""
    for column in WORDS.get(name, ()):
        if column in table.column_names:
            at = table.column_names.index(column)
            table = table.set_column(at, column, opened_column(table[column], keys))
    return table


def opened_column(column: pa.ChunkedArray, keys: Keys) -> pa.ChunkedArray:
    """A column of texts with the sealed ones opened (see `opened_texts`)."""
    return pa.chunked_array([pa.array(opened_texts(column.to_pylist(), keys), pa.string())])


def opened_texts(texts: Sequence[str | None], keys: Keys) -> list[str | None]:
    """Texts with the sealed ones opened; `•••` where the key was destroyed, or somebody else wrote the seal.

    Only for a read that states its purpose (store.reading.Reader), or a build that needs the words.
    """
    held = keys.of({sealed_by(text) for text in texts if text is not None and is_sealed(text)})
    return [None if text is None else _opened(text, held) for text in texts]


def _opened(text: str, held: Mapping[str, bytes]) -> str:
    try:
        return opened(text, held)
    except TamperedError:
        return HIDDEN
