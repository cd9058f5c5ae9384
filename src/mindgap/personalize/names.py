"""Many short texts in two arrays, so that they can be kept, memory-mapped and searched without loading."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Texts, one after the other as UTF-8.

    Attributes:
        blob: All bytes.
        offsets: Where each text begins, and the end; shape (n + 1,).
    """

    blob: "NDArray[np.uint8]"
    offsets: "NDArray[np.int64]"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def at(self, row: int) -> str:
        """The text of a row."""
        return self._bytes(row).decode()

    def find(self, text: str) -> int | None:
        """The row of a text, where texts are sorted by their bytes; None when it is not there.

        >>> pack(["anna", "ben"]).find("ben"), pack(["anna", "ben"]).find("eve")
        (1, None)
        """
        wanted = text.encode()
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self._bytes(low) == wanted else None

    def _bytes(self, row: int) -> bytes:
        return self.blob[self.offsets[row] : self.offsets[row + 1]].tobytes()


def pack(texts: "Iterable[str]") -> Names:
    """Put texts into two arrays, in their order."""
    _, offsets, blob = pa.array(list(texts), pa.large_string()).buffers()
    places = np.frombuffer(offsets or bytes(8), np.int64)
    return Names(blob=np.frombuffer(blob or b"", np.uint8)[: places[-1]], offsets=places)
